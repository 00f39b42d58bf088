/** Suggests prefixes, classes, properties, variables and keywords; what the shapes demand comes first. */

import { pickedCompletion } from "@codemirror/autocomplete";
import { element } from "./dom.js";
import { declared, tokens } from "./tokens.js";
import { situation } from "./vocabulary.js";
import { number, say } from "./words.js";

const MOST = 120;
const WORD = /[?$]?[\p{L}\p{N}_:-]*$/u;
const KEYWORDS = {
  outside:
    "SELECT DISTINCT WHERE CONSTRUCT ASK DESCRIBE PREFIX FROM ORDER GROUP BY HAVING LIMIT OFFSET ASC DESC " +
    "COUNT SUM AVG MIN MAX SAMPLE GROUP_CONCAT AS",
  subject: "OPTIONAL FILTER BIND VALUES UNION MINUS GRAPH SELECT NOT EXISTS",
  after: "OPTIONAL FILTER BIND VALUES UNION MINUS GRAPH",
  expression:
    "CONTAINS LCASE UCASE STR LANG LANGMATCHES DATATYPE BOUND REGEX REPLACE STRSTARTS STRENDS STRLEN SUBSTR " +
    "CONCAT COALESCE IF IN NOT EXISTS YEAR MONTH DAY NOW ROUND ABS isIRI isLiteral isBlank",
};
KEYWORDS.filter = KEYWORDS.expression;
const MARKS = { m: "m", r: "r", o: "o", "": "used" };

/** The source of suggestions for a vocabulary that may still be on its way. */
export function suggest(vocabulary) {
  return async (context) => {
    const line = context.state.doc.lineAt(context.pos);
    const word = WORD.exec(line.text.slice(0, context.pos - line.from))[0];
    if (!word && !context.explicit) return null;
    const options = offered(await vocabulary, context.state.doc.toString(), context.pos - word.length, word);
    return options.length ? { from: context.pos - word.length, options, filter: false } : null;
  };
}

function offered(vocabulary, text, place, word) {
  const here = situation(text, place, vocabulary.prefixes);
  if (here.before.toUpperCase() === "PREFIX") return prefixes(vocabulary, word);
  if (/^[?$]/.test(word)) return variables(text, place, word);
  const own = declared(text);
  if (here.role === "property") {
    const found = terms(vocabulary, vocabulary.propertiesOf(here.classes), own, word);
    const type = { label: "a", detail: "rdf:type", type: "keyword" };
    return "a".startsWith(word) && !here.classes.length ? [type, ...found] : found;
  }
  if (here.typed && ["path", "object"].includes(here.role)) {
    return terms(vocabulary, vocabulary.classes, own, word);
  }
  const named = word.includes(":") ? terms(vocabulary, vocabulary.properties, own, word) : [];
  return [...named, ...variables(text, place, word), ...keywords(here.role, word)].slice(0, MOST);
}

/** Terms that the word fits, by prefixed name or by label; those that begin with it first. */
function terms(vocabulary, entries, own, word) {
  const wanted = word.toLowerCase();
  const fitting = [[], [], []];
  for (const entry of entries) {
    const name = vocabulary.written(entry.iri, own);
    const rank = fit(name.text.toLowerCase(), entry.label.toLowerCase(), wanted);
    if (rank >= 0) fitting[rank].push(option(entry, name, own));
  }
  return fitting.flat().slice(0, MOST);
}

function fit(name, label, wanted) {
  const local = name.slice(name.indexOf(":") + 1);
  if ([name, local, label].some((one) => one.startsWith(wanted))) return 0;
  if (local.includes(wanted) || label.includes(wanted)) return 1;
  return name.includes(wanted) ? 2 : -1;
}

function option(entry, name, own) {
  const section = entry.mark === undefined ? "classes" : entry.of ? MARKS[entry.mark] : "allProperties";
  return {
    label: name.text,
    detail: entry.label,
    share: entry.of && entry.count ? say("part", number(entry.count), number(entry.of)) : undefined,
    type: entry.mark || "term",
    section: { name: say(section), rank: Object.values(MARKS).indexOf(section) },
    info: () => about(entry),
    apply: (view, completion, from, to) => insert(view, completion, from, to, name, own),
  };
}

function about(entry) {
  const used = !entry.count
    ? say("unused")
    : entry.mark === undefined
      ? say("things", number(entry.count))
      : entry.of
        ? say("usedBy", number(entry.count), number(entry.of))
        : say("times", number(entry.count));
  return element("div", {}, element("div", {}, entry.iri), element("div", {}, used));
}

/** Put the term in, and declare its prefix when it is not yet. */
function insert(view, completion, from, to, { text, prefix, namespace }, own) {
  const changes = [{ from, to, insert: text }];
  let moved = 0;
  if (prefix && own[prefix] !== namespace) {
    const declaration = declaring(view.state.doc.toString(), prefix, namespace);
    changes.push(declaration);
    moved = declaration.insert.length;
  }
  view.dispatch({
    changes,
    selection: { anchor: from + text.length + moved },
    userEvent: "input.complete",
    annotations: pickedCompletion.of(completion),
  });
}

/** The change that declares a prefix, after the declarations that are there. */
export function declaring(text, prefix, namespace) {
  const last = [...text.matchAll(/^[ \t]*(?:PREFIX|BASE)\b.*(?:\n|$)/gim)].at(-1);
  const from = last ? last.index + last[0].length : 0;
  return { from, insert: `PREFIX ${prefix}: <${namespace}>\n${last ? "" : "\n"}` };
}

function prefixes(vocabulary, word) {
  return Object.entries(vocabulary.prefixes)
    .filter(([prefix]) => prefix.startsWith(word.replace(/:$/, "")))
    .map(([prefix, namespace]) => ({
      label: `${prefix}:`,
      detail: namespace,
      type: "namespace",
      apply: `${prefix}: <${namespace}>`,
    }));
}

function variables(text, place, word) {
  const found = [...tokens(text)].filter((one) => one.kind === "variable" && one.from !== place);
  const names = new Set(found.map((one) => one.text).filter((one) => one.startsWith(word)));
  return [...names].map((label) => ({ label, type: "variable" }));
}

function keywords(role, word) {
  if (!word) return [];
  const known = (KEYWORDS[role] ?? "").split(" ");
  const fitting = known.filter((one) => one.toLowerCase().startsWith(word.toLowerCase()));
  return fitting.map((label) => ({ label, type: "keyword" }));
}
