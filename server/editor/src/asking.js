/** Asks the server, and reads so much of the answer as is shown. */

import { language } from "./words.js";

const MOST = 12_000_000; // characters that are read; the beginning of a longer answer is shown
const ACCEPT = "application/sparql-results+json, text/turtle;q=0.9";
const LONGEST_ADDRESS = 60_000; // characters; the server takes 64 KiB

/** What the server answered instead of an answer: a problem document (RFC 9457). */
export class Refused extends Error {
  constructor(problem) {
    super(problem.title);
    this.problem = problem;
  }
}

/** The answer broke off midway, which the server does on purpose when it cannot go on. */
export class Broken extends Error {}

/** There was no answer of the server at all, or one of something before it. */
export class Unreachable extends Error {}

/**
 * Ask a query. Aborting the signal closes the connection, which ends the worker at the server.
 *
 * Gives `{text, cut, release, results}`; `results` is the SPARQL JSON document, undefined for a graph.
 */
export async function ask(query, signal) {
  const response = await posted(query, signal);
  if (!response.ok) throw new Refused(await response.json().catch(unreachable));
  const { text, cut } = await beginning(response, signal);
  const answer = { text, cut, release: response.headers.get("ODIS-Release") };
  if (!response.headers.get("Content-Type").includes("json")) return answer;
  return { ...answer, results: JSON.parse(cut ? wholeRows(text) : text) };
}

async function posted(query, signal) {
  const headers = { "Content-Type": "application/sparql-query", Accept: ACCEPT };
  try {
    return await fetch(`/sparql?lang=${language}`, { method: "POST", headers, body: query, signal });
  } catch (error) {
    throw signal.aborted ? error : new Unreachable();
  }
}

function unreachable() {
  throw new Unreachable();
}

async function beginning(response, signal) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      text += part.value;
      if (text.length > MOST) {
        await reader.cancel();
        return { text, cut: true };
      }
    }
  } catch (error) {
    throw signal.aborted ? error : new Broken();
  }
  return { text, cut: false };
}

/** The rows of a document that is cut off: up to the last whole one, closed. */
export function wholeRows(text) {
  let depth = 0;
  let quoted = false;
  let end = 0;
  for (let at = 0; at < text.length; at++) {
    const sign = text[at];
    if (quoted) {
      if (sign === "\\") at++;
      else if (sign === '"') quoted = false;
    } else if (sign === '"') quoted = true;
    else if (sign === "{" || sign === "[") depth++;
    else if (sign === "}" || sign === "]") {
      depth--;
      if (sign === "}" && depth === 3) end = at + 1; // { results { bindings [ row
    }
  }
  return `${text.slice(0, end)}]}}`;
}

/** The address of a query, "" when it is too long for one. */
export function addressOf(query, parameters = {}) {
  const address = `/sparql?${new URLSearchParams({ query, ...parameters })}`;
  return address.length > LONGEST_ADDRESS ? "" : address;
}
