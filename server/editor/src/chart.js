/** One number for each row as bars. */

import { isNumber, textOf } from "./cells.js";
import { element, svg } from "./dom.js";
import { number, say } from "./words.js";

const WIDEST = 720;
const LETTER = 8; // pixels
const ROW = 26;
const BAR = 16;
const MOST = 60;

/** The columns that can be bars and those that can name them; null when there is no chart to draw. */
export function columns({ head, results }) {
  const rows = results.bindings;
  const numeric = head.vars.filter(
    (name) => rows.some((row) => row[name]) && rows.every((row) => !row[name] || isNumber(row[name])),
  );
  const named = head.vars.filter((name) => !numeric.includes(name) && rows.some((row) => row[name]));
  const literal = (name) => rows.some((row) => row[name]?.type === "literal");
  named.sort((a, b) => literal(b) - literal(a));
  const names = named.length ? named : numeric;
  return numeric.length && rows.length > 1 ? { numeric, names } : null;
}

export function chart({ results }, { numeric, names }, vocabulary, room) {
  const width = Math.min(room, WIDEST);
  const holder = element("div");
  const value = chooser("value", numeric, () => draw());
  const name = chooser("name", names, () => draw());
  const rows = results.bindings.slice(0, MOST);
  const draw = () => holder.replaceChildren(bars(rows, choice(name), choice(value), vocabulary, width));
  draw();
  const note = results.bindings.length > MOST ? say("chartCut", MOST) : say("chartNote");
  return element(
    "figure",
    {},
    element("div", { class: "choices" }, value, name),
    holder,
    element("figcaption", {}, note),
  );
}

const choice = (chosen) => chosen.querySelector("select").value;

function chooser(label, options, change) {
  const select = element("select", { change }, ...options.map((one) => element("option", {}, one)));
  return element("label", { hidden: options.length < 2 }, say(label), select);
}

/** Bars from zero, to the left when they are negative. */
function bars(rows, name, value, vocabulary, width) {
  const label = Math.round(width * 0.32);
  const amounts = rows.map((row) => Number(row[value]?.value ?? 0));
  const [low, high] = [Math.min(0, ...amounts), Math.max(0, ...amounts)];
  const scale = (width - label - 80) / (high - low || 1);
  const zero = label - low * scale;
  const drawn = rows.flatMap((row, at) =>
    bar(textOf(row[name], vocabulary), amounts[at], at * ROW + 4, { label, zero, scale }),
  );
  const attributes = {
    class: "chart",
    viewBox: `0 0 ${width} ${rows.length * ROW + 6}`,
    "aria-hidden": "true",
  };
  return svg("svg", attributes, ...drawn);
}

function bar(title, amount, y, { label, zero, scale }) {
  const letters = Math.floor((label - LETTER) / LETTER);
  const width = Math.max(Math.abs(amount) * scale, 1);
  const x = amount < 0 ? zero - width : zero;
  const short = title.length > letters ? `${title.slice(0, letters - 1)}…` : title;
  return [
    svg("text", { x: label - 8, y: y + 13, "text-anchor": "end" }, short, svg("title", {}, title)),
    svg("rect", { class: "bar", x, y, width, height: BAR }),
    svg(
      "text",
      { class: "amount", x: zero + Math.max(amount, 0) * scale + 6, y: y + 13 },
      number(amount, amount % 1 ? 2 : 0),
    ),
  ];
}
