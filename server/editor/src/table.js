/** An answer as a table: sorted by any column, some hundred rows at a time. */

import { cell, isNumber, textOf } from "./cells.js";
import { element } from "./dom.js";
import { language, number, say } from "./words.js";

const ROWS = 200;

export function table({ head, results }, vocabulary) {
  const body = element("tbody");
  const more = element("button", { type: "button", class: "quiet", click: () => add() });
  let rows = results.bindings;
  let shown = 0;
  const add = () => {
    const next = rows.slice(shown, shown + ROWS);
    body.append(...next.map((row) => rowOf(row, head.vars, vocabulary)));
    shown += next.length;
    more.hidden = shown === rows.length;
    more.textContent = say("more", number(Math.min(ROWS, rows.length - shown)));
  };
  const numeric = (name) =>
    rows.some((row) => row[name]) && rows.every((row) => !row[name] || isNumber(row[name]));
  const headings = head.vars.map((name) => heading(name, numeric(name), sorted));
  function sorted(name, direction, chosen) {
    for (const one of headings) if (one !== chosen) one.removeAttribute("aria-sort");
    rows = results.bindings.toSorted((a, b) => direction * compare(a[name], b[name]));
    body.replaceChildren();
    shown = 0;
    add();
  }
  add();
  const whole = element("table", {}, element("thead", {}, element("tr", {}, ...headings)), body);
  const attributes = { class: "wide", tabindex: "0", role: "region", "aria-label": say("table") };
  return element("div", {}, element("div", attributes, whole), more);
}

function heading(name, numeric, sorted) {
  const click = () => {
    const ascending = node.getAttribute("aria-sort") !== "ascending";
    node.setAttribute("aria-sort", ascending ? "ascending" : "descending");
    sorted(name, ascending ? 1 : -1, node);
  };
  const attributes = { type: "button", class: "heading", title: say("sort", name), click };
  const node = element(
    "th",
    { scope: "col", class: numeric && "number" },
    element("button", attributes, name),
  );
  return node;
}

function rowOf(row, names, vocabulary) {
  return element("tr", {}, ...names.map((name) => cell(row[name], vocabulary)));
}

const { compare: byLetters } = new Intl.Collator(language, { numeric: true });

/** Numbers by value before texts by letter; what is missing comes last. */
function compare(a, b) {
  if (!a || !b) return a ? -1 : b ? 1 : 0;
  if (isNumber(a) && isNumber(b)) return Number(a.value) - Number(b.value);
  return isNumber(b) - isNumber(a) || byLetters(textOf(a), textOf(b));
}
