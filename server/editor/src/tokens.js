/** Splits SPARQL into tokens, and follows them: what is a subject, a property, an object. */

const TOKEN = new RegExp(
  [
    "#[^\\n]*",
    '<[^<>"{}|^`\\\\\\x00-\\x20]*>',
    "(?:\"\"\"[^]*?\"\"\"|'''[^]*?'''|\"(?:[^\"\\\\\\n]|\\\\.)*\"|'(?:[^'\\\\\\n]|\\\\.)*')(?:@[\\w-]+|\\^\\^(?:<[^>]*>|[\\w-]*:[\\w.-]*))?",
    "[?$][\\p{L}\\p{N}_]+",
    "(?:_|[\\p{L}](?:[\\p{L}\\p{N}_.-]*[\\p{L}\\p{N}_-])?)?:(?:[\\p{L}\\p{N}_:%-]|\\\\.|\\.(?=[\\p{L}\\p{N}_:%-]))*",
    "[+-]?\\d[\\d.]*(?:[eE][+-]?\\d+)?",
    "[\\p{L}_][\\p{L}\\p{N}_]*",
    "[^\\s]",
  ].join("|"),
  "gu",
);
const OUTSIDE = new Set(
  "SELECT CONSTRUCT ASK DESCRIBE FROM NAMED WHERE ORDER GROUP HAVING LIMIT OFFSET PREFIX BASE".split(" "),
);
const BEGINS = { FILTER: "filter", BIND: "filter", VALUES: "values", GRAPH: "graph", SERVICE: "graph" };
const RESTARTS = new Set(["OPTIONAL", "UNION", "MINUS"]);
const RDF_TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>";

/** The tokens of a text in order, comments left out: `{kind, text, from, to}`. */
export function* tokens(text) {
  for (const match of text.matchAll(TOKEN)) {
    const [found] = match;
    if (found[0] !== "#")
      yield { kind: kind(found), text: found, from: match.index, to: match.index + found.length };
  }
}

function kind(text) {
  if (/^[?$]./.test(text)) return "variable";
  if (/^(?:<.*>|["'])/su.test(text)) return text[0] === "<" ? "iri" : "literal";
  if (text.includes(":")) return "name";
  if (/^[+-]?\d/.test(text)) return "literal";
  return /^[\p{L}_]/u.test(text) ? "word" : "sign";
}

/**
 * Walks through the tokens of a query and knows what the next one would be: `role` is "outside" of any
 * pattern, "subject", "property", "path" (a property was begun: an object, or more of a path), "object",
 * "after" an object, or one of "values", "filter", "expression" and "graph", where no triples are.
 */
export class Walker {
  role = "outside";
  subject = "";
  /** Whether the property is rdf:type, so that the object is a class. */
  typed = false;
  #open = [];

  take(token) {
    if (token.kind === "sign") this.#sign(token);
    else if (token.kind === "word") this.#word(token);
    else this.#term(token);
  }

  #sign({ text, from }) {
    if (text === "{") this.#enter(this.#outer(), this.role === "values" ? "values" : "subject");
    else if (text === "(") this.#bracket();
    else if (text === "[") this.#blank(`[${from}`);
    else if ("})]".includes(text)) this.#leave(text);
    else if (["outside", "values", "filter", "expression", "graph"].includes(this.role)) return;
    else if (text === ".") this.role = "subject";
    else if (text === ";") this.role = "property";
    else if (text === ",") this.role = "object";
    else if (this.role === "path" && "/|^".includes(text)) this.role = "property";
  }

  /** What comes after a group that begins here. */
  #outer() {
    if (this.role === "expression") return "expression";
    return this.#open.length ? "subject" : "outside";
  }

  #enter(after, role) {
    this.#open.push({ role: after, subject: this.subject, typed: this.typed });
    this.role = role;
  }

  #leave(sign) {
    if (sign === ")" && ["property", "path"].includes(this.role)) return; // brackets in a path
    const { role = "outside", subject = "", typed = false } = this.#open.pop() ?? {};
    Object.assign(this, { role, subject, typed });
  }

  #bracket() {
    if (this.role === "property") return; // brackets in a path
    if (this.role === "filter") this.#enter("subject", "expression");
    else if (this.role === "subject") this.#enter("property", "values");
    else if (["path", "object"].includes(this.role)) this.#enter("after", "values");
    else this.#enter(this.role, this.role === "values" ? "values" : "expression");
  }

  #blank(name) {
    if (["path", "object"].includes(this.role)) {
      this.#enter("after", "property");
      this.subject = name;
    } else {
      this.subject = name;
      this.#enter("property", "property");
    }
    this.typed = false;
  }

  #word(token) {
    const word = token.text.toUpperCase();
    if (this.role === "property" && token.text === "a") this.#property(true);
    else if (["TRUE", "FALSE"].includes(word)) this.#term(token);
    else if (this.role === "expression") return;
    else if (OUTSIDE.has(word)) this.role = "outside";
    else if (word in BEGINS) this.role = BEGINS[word];
    else if (RESTARTS.has(word)) this.role = "subject";
  }

  #term({ text }) {
    if (this.role === "subject" || this.role === "after") {
      this.subject = text;
      this.role = "property";
    } else if (this.role === "property") this.#property(text === "rdf:type" || text === RDF_TYPE);
    else if (this.role === "path" || this.role === "object") this.role = "after";
  }

  #property(typed) {
    this.typed = typed;
    this.role = "path";
  }
}

/** The prefixes that a text declares: prefix to namespace. */
export function declared(text) {
  const found = {};
  let before = [];
  for (const token of tokens(text)) {
    before = [...before.slice(-1), token];
    if (token.kind === "word" && token.text.toUpperCase() === "SELECT") break;
    const [name, iri] = before;
    if (iri?.kind === "iri" && name.text.endsWith(":")) found[name.text.slice(0, -1)] = iri.text.slice(1, -1);
  }
  return found;
}

/** An IRI or prefixed name as an IRI; undefined when its prefix is not known. */
export function resolved(text, prefixes) {
  if (text.startsWith("<")) return text.slice(1, -1);
  const at = text.indexOf(":");
  const namespace = prefixes[text.slice(0, at)];
  return namespace && namespace + text.slice(at + 1);
}
