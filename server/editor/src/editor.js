/** The editor of /sparql: takes the place of the form's text field, and of its answer. */

import { forceLinting } from "@codemirror/lint";
import "./editor.css";
import { answerSection } from "./answer.js";
import { addressOf, ask, Broken, Refused, Unreachable } from "./asking.js";
import { code, replace, showSuggestions } from "./code.js";
import { element } from "./dom.js";
import { keep, kept } from "./keeping.js";
import { faultOf, remedies, setFault } from "./linting.js";
import { Vocabulary } from "./vocabulary.js";
import { language, number, say } from "./words.js";

const form = document.getElementById("sparql-form");
const field = form.elements.query;
const towns = JSON.parse(document.getElementById("editor-script").dataset.towns);
const vocabulary = loaded();
const stop = button(say("stop"), () => running?.abort(), { hidden: true });
const status = element("span", { class: "status", role: "status" });
const clock = element("span", { class: "clock", "aria-hidden": "true" });
const holder = element("div");
const host = element("div", { class: "code" });
const served = field.value;
const text = kept() ?? served;
const view = code(host, text, vocabulary, { run, changed });
let running = null;
let chosen = location.hash.slice(1) || "table";

begin();

/** The vocabulary of the release; an empty one when it cannot be had, since the rest works without. */
async function loaded() {
  const response = await fetch("/sparql/completion.json").catch(() => null);
  const nothing = { prefixes: {}, classes: [], properties: [], ofClass: {}, examples: [] };
  return new Vocabulary(response?.ok ? await response.json() : nothing, language);
}

function begin() {
  field.hidden = true;
  field.value = text;
  field.after(host, element("p", { class: "help" }, say("keys")));
  form.noValidate = true;
  form.addEventListener("submit", (event) => (event.preventDefault(), run()));
  form.querySelector("label").addEventListener("click", () => view.focus());
  form.querySelector(".actions").append(
    stop,
    button(say("suggest"), () => showSuggestions(view)),
    button(say("share"), share),
    status,
    clock,
  );
  form.after(holder);
  vocabulary.then(({ examples }) => examples.length && form.prepend(chooser(examples)));
  if (text !== served) document.getElementById("plain-answer")?.remove();
  else if (form.dataset.problem) mark(faultOf(JSON.parse(form.dataset.problem), view.state));
  if (location.hash && text === served) run();
}

function button(name, click, attributes = {}) {
  return element("button", { type: "button", class: "quiet", click, ...attributes }, name);
}

function changed(written) {
  field.value = written;
  keep(written);
}

/** The saved queries, to begin with. */
function chooser(examples) {
  const groups = Map.groupBy(examples, (example) => example.group[language]);
  const optionOf = (example) =>
    element("option", { value: examples.indexOf(example) }, example.title[language]);
  const listed = [...groups].map(([label, some]) => element("optgroup", { label }, ...some.map(optionOf)));
  const select = element(
    "select",
    { id: "example" },
    element("option", { value: "" }, say("choose")),
    ...listed,
  );
  const use = () => {
    if (select.value) replace(view, examples[select.value].text);
    view.focus();
  };
  const row = element("div", { class: "row" }, select, button(say("use"), use));
  return element("div", { class: "examples" }, element("label", { for: "example" }, say("example")), row);
}

async function run() {
  running?.abort();
  const own = (running = new AbortController());
  const query = view.state.doc.toString();
  const began = performance.now();
  const seconds = () => (performance.now() - began) / 1000;
  const ticking = setInterval(() => (clock.textContent = `${number(seconds(), 1)} s`), 100);
  document.getElementById("plain-answer")?.remove();
  view.dispatch({ effects: setFault.of(null) });
  stop.hidden = false;
  tell(say("asking"));
  try {
    const answer = await ask(query, own.signal);
    const context = { vocabulary: await vocabulary, towns, room: form.clientWidth };
    const section = answerSection(answer, seconds(), query, context, chosen, (name) => (chosen = name));
    if (running === own) shown(section);
  } catch (error) {
    if (running === own) await failed(error, seconds());
  } finally {
    clearInterval(ticking);
    if (running === own) ended();
  }
}

function ended() {
  running = null;
  clock.textContent = "";
  if (document.activeElement === stop) form.querySelector("[type=submit]").focus();
  stop.hidden = true;
}

function shown(section) {
  holder.replaceChildren(section);
  tell(section.querySelector(".summary strong").textContent, "hidden"); // it stands with the answer
}

/** Say how it goes: to the eye and to screen readers, or with the class "hidden" only to these. */
function tell(said, look = "status") {
  status.className = look;
  status.replaceChildren(said);
}

async function failed(error, seconds) {
  tell("");
  if (error.name === "AbortError") {
    holder.replaceChildren();
    tell(say("stopped", number(seconds, 1)));
  } else if (error instanceof Refused) holder.replaceChildren(await problem(error.problem));
  else if (error instanceof Broken) holder.replaceChildren(note(say("broken")));
  else if (error instanceof Unreachable) holder.replaceChildren(note(say("offline")));
  else throw error;
}

function note(...content) {
  return element("div", { class: "note bad", role: "alert" }, ...content);
}

/** What the server says is wrong, with its place, which is marked in the text as well. */
async function problem(document) {
  const fault = faultOf(document, view.state);
  const said = element("p", {}, `${fault ? fault.message : document.detail} ${document.action}`);
  const buttons = fault ? await ways(fault) : [];
  return note(
    element("p", {}, element("strong", {}, document.title)),
    said,
    element("div", { class: "actions" }, ...buttons),
  );
}

/** Mark a fault, and make the buttons that lead to it or mend it. */
async function ways(fault) {
  mark(fault);
  const { prefixes } = await vocabulary;
  const line = view.state.doc.lineAt(fault.from);
  const mending = remedies(view.state.doc.toString(), fault, prefixes);
  return [
    ...mending.map(({ name, apply }) => button(name, () => (apply(view), run()))),
    button(say("place", line.number, fault.from - line.from + 1), () => goTo(fault)),
  ];
}

function mark(fault) {
  view.dispatch({ effects: setFault.of(fault) });
  forceLinting(view);
}

function goTo({ from }) {
  view.dispatch({ selection: { anchor: Math.min(from, view.state.doc.length) }, scrollIntoView: true });
  view.focus();
}

async function share() {
  const address = addressOf(view.state.doc.toString(), { lang: language });
  if (!address) {
    tell(say("tooLong"));
    return;
  }
  const link = location.origin + address + (chosen === "table" ? "" : `#${chosen}`);
  try {
    await navigator.clipboard.writeText(link);
    tell(say("shared"));
  } catch {
    tell(element("a", { href: link }, link)); // no clipboard without https
  }
}
