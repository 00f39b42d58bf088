/** Marks what is wrong: while one types by the parser of the editor, after a run where the server says. */

import { ensureSyntaxTree } from "@codemirror/language";
import { linter } from "@codemirror/lint";
import { StateEffect, StateField } from "@codemirror/state";
import { declaring } from "./completion.js";
import { declared } from "./tokens.js";
import { say } from "./words.js";

const PARSING = 300; // milliseconds
/** SPARQL 1.2, which the server understands and the parser of the editor does not. */
const NEWER = /<<|\{\||~|\bVERSION\b|--(?:ltr|rtl)|\b(?:is)?TRIPLE\b/i;

/** Says what the server found wrong: `{from, to, message}`. */
export const setFault = StateEffect.define();

const fault = StateField.define({
  create: () => null,
  update(value, transaction) {
    for (const effect of transaction.effects) if (effect.is(setFault)) return effect.value;
    return transaction.docChanged ? null : value;
  },
});

/** The extension that marks faults. */
export function linting(vocabulary) {
  let known = {};
  vocabulary.then(
    (found) => (known = found.prefixes),
    () => {},
  );
  const source = ({ state }) => {
    const told = state.field(fault);
    if (told) return [{ ...told, severity: "error" }];
    const syntax = parserFault(state);
    const faults = [
      ...prefixFaults(state, state.doc.toString(), known),
      syntax && { ...syntax, severity: "warning" },
    ];
    return faults.filter(Boolean);
  };
  const needsRefresh = (update) => update.startState.field(fault) !== update.state.field(fault);
  return [fault, linter(source, { delay: 500, needsRefresh })];
}

/** What a problem document says of a text that is not valid, at its place: `{from, to, message}`. */
export function faultOf({ type, line, column, detail }, state) {
  const own = type.endsWith("/syntax") && parserFault(state);
  return own || (line && { ...placeOf(state.doc, line, column), message: detail });
}

/** A place by line and column, from 1, to the end of the word that begins there. */
function placeOf(doc, line, column) {
  const found = doc.line(Math.min(Math.max(line, 1), doc.lines));
  const from = Math.min(found.from + column - 1, found.to);
  const rest = found.text.slice(from - found.from);
  const length = /^(?:[\p{L}\p{N}_:?$.-]+|<[^>]*>|\S)?/u.exec(rest)[0].length;
  return { from, to: Math.min(from + Math.max(length, 1), doc.length) };
}

/**
 * The first place that the parser cannot make sense of, later ones mostly follow from it; undefined when
 * there is none. It is nearer to the fault than the engine's, which is where the longest keyword it tried ends.
 */
export function parserFault(state) {
  const text = state.doc.toString();
  let found = null;
  if (NEWER.test(text) || !text.trim()) return undefined;
  ensureSyntaxTree(state, state.doc.length, PARSING)?.iterate({
    enter(node) {
      if (!found && node.type.isError) found = { from: node.from, to: node.to };
      return !found;
    },
  });
  if (!found) return undefined;
  const rest = state.sliceDoc(found.from);
  const blank = /^\s*/.exec(rest)[0].length;
  if (blank === rest.length) {
    const end = text.trimEnd().length;
    return { from: end - 1, to: end, message: say("unfinished") };
  }
  const from = found.from + blank;
  const to = Math.max(found.to, from + /^(?:[?$]?[\p{L}\p{N}_:]+|.)/su.exec(rest.slice(blank))[0].length);
  return { from, to, message: say("unexpected") };
}

function* prefixFaults(state, text, known) {
  const own = declared(text);
  const seen = new Set();
  const places = [];
  ensureSyntaxTree(state, text.length, PARSING)?.iterate({
    enter(node) {
      const inPrologue = node.matchContext(["PrefixDecl"]);
      if (["Pname_ln", "Pname_ns"].includes(node.name) && !inPrologue) places.push([node.from, node.to]);
    },
  });
  for (const [from, to] of places) {
    const prefix = text.slice(from, to).split(":")[0];
    if (prefix in own || seen.has(prefix)) continue;
    seen.add(prefix);
    const actions = remedies(text, { from, to }, known);
    yield { from, to, severity: "error", message: say("undeclared", prefix), actions };
  }
}

/** What mends the text at a place: the declaration of a prefix that is known and not declared. */
export function remedies(text, { from, to }, known) {
  const [prefix, local] = text.slice(from, to).split(":");
  if (local === undefined || !(prefix in known) || prefix in declared(text)) return [];
  const apply = (view) =>
    view.dispatch({ changes: declaring(view.state.doc.toString(), prefix, known[prefix]) });
  return [{ name: say("declare", prefix), apply }];
}
