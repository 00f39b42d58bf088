/** What the release holds and the shapes demand, as the server wrote it at build; no query is sent for it. */

import { declared, resolved, tokens, Walker } from "./tokens.js";

const LOCAL = /^[\p{L}\p{N}_](?:[\p{L}\p{N}_.-]*[\p{L}\p{N}_-])?$/u;
const STRICTEST = ["m", "r", "o", ""];

export class Vocabulary {
  constructor(document, language) {
    this.prefixes = document.prefixes;
    this.examples = document.examples;
    this.ofClass = document.ofClass;
    const at = language === "sv" ? 2 : 3;
    const read = (entry) => ({ iri: entry[0], count: entry[1], label: entry[at] || entry[5 - at] });
    this.classes = document.classes.map(read);
    this.properties = document.properties.map(read).sort((a, b) => b.count - a.count);
  }

  /** An IRI as it would be written in a text: `{text, prefix, namespace}`. */
  written(iri, own) {
    const known = Object.entries({ ...this.prefixes, ...own }).filter(([, space]) => iri.startsWith(space));
    known.sort(([a, one], [b, other]) => other.length - one.length || (b in own) - (a in own));
    for (const [prefix, namespace] of known) {
      const local = iri.slice(namespace.length);
      if (LOCAL.test(local)) return { text: `${prefix}:${local}`, prefix, namespace };
    }
    return { text: `<${iri}>` };
  }

  /** The properties for things of these classes, those that the shapes demand first. */
  propertiesOf(classes) {
    const tables = classes.map((one) => this.ofClass[one]).filter(Boolean);
    if (!tables.length) return this.properties.map((one) => ({ ...one, mark: "", of: 0 }));
    const of = Math.max(
      0,
      ...this.classes.filter((one) => classes.includes(one.iri)).map((one) => one.count),
    );
    const found = this.properties.flatMap((one) => {
      const rows = tables.map((table) => table[one.iri]).filter(Boolean);
      if (!rows.length) return [];
      const mark = STRICTEST[Math.min(...rows.map((row) => STRICTEST.indexOf(row[1])))];
      return [{ ...one, count: Math.max(...rows.map((row) => row[0])), mark, of }];
    });
    return found.sort((a, b) => STRICTEST.indexOf(a.mark) - STRICTEST.indexOf(b.mark) || b.count - a.count);
  }
}

/** What would stand at a place of a text: its role, what is before it, and the classes of the subject. */
export function situation(text, place, known) {
  const prefixes = { ...known, ...declared(text) };
  const classes = new Map();
  const walker = new Walker();
  let here = { role: "outside", subject: "", typed: false, before: "" };
  let before = "";
  const note = () => ({ role: walker.role, subject: walker.subject, typed: walker.typed, before });
  for (const token of tokens(text)) {
    if (token.to <= place) before = token.text;
    if (walker.typed && ["path", "object"].includes(walker.role) && ["iri", "name"].includes(token.kind)) {
      const found = resolved(token.text, prefixes);
      if (found) classes.set(walker.subject, [...(classes.get(walker.subject) ?? []), found]);
    }
    walker.take(token);
    if (token.to <= place) here = note();
  }
  return { ...here, classes: classes.get(here.subject) ?? [] };
}
