/** An answer on the page: what it is, its views as tabs, and its files. */

import { addressOf } from "./asking.js";
import { chart, columns } from "./chart.js";
import { element } from "./dom.js";
import { map, places } from "./map.js";
import { table } from "./table.js";
import { number, say } from "./words.js";

const ROW_FILES = ["csv", "json", "tsv", "xml"];
const GRAPH_FILES = ["turtle", "jsonld", "rdfxml", "ntriples"];
const RAW = 200_000; // characters that the raw view shows

/**
 * The section of an answer: `answer` as asking.js gives it, `chosen` the view to begin with, and in
 * `context` the vocabulary, the towns of the map, and the room there is, in pixels.
 */
export function answerSection(answer, seconds, query, context, chosen, onChoice) {
  const views = viewsOf(answer, context);
  return element(
    "section",
    { id: "answer-section", "aria-labelledby": "answer" },
    element("h2", { id: "answer" }, say("answer")),
    element("p", { class: "summary" }, ...summary(answer, seconds)),
    answer.cut && element("p", { class: "note" }, say("cut")),
    ...(views.length > 1 ? tabs(views, chosen, onChoice) : [views[0].make()]),
    files(answer.results ? ROW_FILES : GRAPH_FILES, query),
  );
}

function summary(answer, seconds) {
  const rows = answer.results?.results?.bindings.length;
  const said = rows === undefined ? "took" : answer.cut ? "first" : rows === 1 ? "row" : "rows";
  const amount = rows === undefined ? "" : number(rows);
  const release = element("span", { class: "meta" }, ` · ${say("release")} ${answer.release}`);
  return [element("strong", {}, say(said, amount, number(seconds, 2))), release];
}

/** The views that fit the answer: `{name, make}`. */
function viewsOf(answer, { vocabulary, towns, room }) {
  const { results } = answer;
  const raw = { name: "raw", make: () => rawOf(results ? JSON.stringify(results, null, 1) : answer.text) };
  if (!results) return [raw];
  if (results.boolean !== undefined) {
    return [
      { name: "table", make: () => element("p", { class: "boolean" }, say(results.boolean ? "yes" : "no")) },
    ];
  }
  if (!results.results.bindings.length) {
    return [{ name: "table", make: () => element("p", {}, say("empty")) }];
  }
  const found = places(results);
  const bars = columns(results);
  return [
    { name: "table", make: () => table(results, vocabulary) },
    found.length && { name: "map", make: () => map(found, results, vocabulary, towns, room) },
    bars && { name: "chart", make: () => chart(results, bars, vocabulary, room) },
    raw,
  ].filter(Boolean);
}

function rawOf(text) {
  const shown = text.length > RAW ? `${text.slice(0, RAW)}\n…` : text;
  return element("pre", { tabindex: "0", class: "raw" }, shown);
}

function files(formats, query) {
  const links = formats.map((format) => {
    const href = addressOf(query, { format, download: "1" });
    return href && element("a", { class: "tag format", href }, format);
  });
  return element(
    "p",
    { class: "downloads" },
    element("span", {}, `${say("download")}:`),
    ...links.filter(Boolean),
  );
}

/** Tabs as the ARIA practices have them: arrows go between, each panel is made when it is first shown. */
function tabs(views, chosen, onChoice) {
  const panels = views.map(({ name }) => {
    const attributes = { role: "tabpanel", id: `view-${name}`, "aria-labelledby": `tab-${name}` };
    return element("div", { ...attributes, hidden: true });
  });
  const buttons = views.map(({ name }, at) => {
    const attributes = { type: "button", role: "tab", id: `tab-${name}`, "aria-controls": `view-${name}` };
    return element(
      "button",
      { ...attributes, click: () => choose(at), keydown: (event) => move(event, at) },
      say(name),
    );
  });
  function choose(at) {
    if (!panels[at].firstChild) panels[at].append(views[at].make());
    buttons.forEach((button, one) => {
      button.setAttribute("aria-selected", String(one === at));
      button.tabIndex = one === at ? 0 : -1;
      panels[one].hidden = one !== at;
    });
    onChoice(views[at].name);
  }
  function move(event, at) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = (at + step + buttons.length) % buttons.length;
    buttons[next].focus();
    choose(next);
  }
  const first = views.findIndex(({ name }) => name === chosen);
  choose(Math.max(first, 0));
  return [
    element("div", { role: "tablist", class: "tabs", "aria-label": say("views") }, ...buttons),
    ...panels,
  ];
}
