/** Terms of an answer as they are shown. */

import { element } from "./dom.js";
import { language } from "./words.js";

const XSD = "http://www.w3.org/2001/XMLSchema#";
const NUMBERS = new Set(
  "integer decimal double float int long short byte nonNegativeInteger positiveInteger".split(" "),
);
const WKT = "http://www.opengis.net/ont/geosparql#wktLiteral";

export const isNumber = (term) =>
  term?.datatype?.startsWith(XSD) === true && NUMBERS.has(term.datatype.slice(XSD.length));
export const isGeometry = (term) => term?.datatype === WKT;

/** The text of a term: an IRI shortened, a triple term as triple, "" for nothing. */
export function textOf(term, vocabulary) {
  if (!term) return "";
  if (term.type === "uri") return vocabulary ? vocabulary.written(term.value, {}).text : `<${term.value}>`;
  if (term.type === "bnode") return `_:${term.value}`;
  if (term.type === "triple") {
    const parts = ["subject", "predicate", "object"].map((part) => textOf(term.value[part], vocabulary));
    return `<<( ${parts.join(" ")} )>>`;
  }
  return term.value;
}

/** A cell of a table. Things of the graph lead to their pages here. */
export function cell(term, vocabulary) {
  if (isThing(term)) return element("td", {}, linked(term, vocabulary));
  const text = textOf(term, vocabulary);
  if (isGeometry(term)) return element("td", {}, element("small", { class: "wkt" }, shortened(text)));
  const tongue = term?.["xml:lang"];
  const note = tongue ?? (term?.datatype && !isNumber(term) ? shortType(term.datatype, vocabulary) : "");
  const attributes = { class: isNumber(term) ? "number" : undefined, lang: tongue };
  return element("td", attributes, text, note && " ", note && element("small", {}, note));
}

const isThing = (term) => term?.type === "uri" && /^https?:/.test(term.value);

/** A term as text, or as a link when it has a page here. */
export function linked(term, vocabulary) {
  const text = textOf(term, vocabulary);
  if (!isThing(term)) return text;
  const href = `/resource?${new URLSearchParams({ iri: term.value, lang: language })}`;
  return element("a", { href, title: term.value }, text.startsWith("<") ? text.slice(1, -1) : text);
}

function shortType(datatype, vocabulary) {
  return datatype === `${XSD}string` ? "" : textOf({ type: "uri", value: datatype }, vocabulary);
}

function shortened(text) {
  return text.length > 48 ? `${text.slice(0, 47)}…` : text;
}
