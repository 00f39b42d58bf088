/** The field for the query: CodeMirror with the grammar of SPARQL, in the colours of the page. */

import {
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
  startCompletion,
} from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { bracketMatching, indentService, syntaxHighlighting } from "@codemirror/language";
import { lintKeymap } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import { EditorView, keymap, lineNumbers } from "@codemirror/view";
import { sparql } from "codemirror-lang-sparql";
import { COLOURS, FRAME } from "./colours.js";
import { suggest } from "./completion.js";
import { element } from "./dom.js";
import { linting } from "./linting.js";
import { phrases, say } from "./words.js";

/** How many of the class have the property, at the end of a suggestion. */
const SHARE = {
  position: 90,
  render: ({ share }) => (share === undefined ? null : element("span", { class: "share" }, share)),
};

/** A new line begins where the last one did; deeper after an opening bracket or the first of several. */
const indentation = indentService.of((context, place) => {
  const before = context.state.sliceDoc(0, place).trimEnd();
  const line = before.slice(before.lastIndexOf("\n") + 1);
  const indent = /^ */.exec(line)[0].length;
  if (/[{([]$/.test(line) || (line.endsWith(";") && !/[;,]\s*$/.test(before.slice(0, -line.length))))
    return indent + 2;
  return line.endsWith(".") && /;\s*$/.test(before.slice(0, -line.length)) ? Math.max(indent - 2, 0) : indent;
});

/**
 * Make the field. It stands in a shadow tree, because its style sheets are then made without any
 * `<style>` element, which the Content-Security-Policy of the pages does not allow. Tab is left alone.
 */
export function code(host, text, vocabulary, { run, changed }) {
  const root = host.attachShadow({ mode: "open" });
  const parent = element("div");
  root.append(parent);
  const runs = { key: "Mod-Enter", run: () => (run(), true) };
  const extensions = [
    keymap.of([
      runs,
      ...closeBracketsKeymap,
      ...completionKeymap,
      ...lintKeymap,
      ...defaultKeymap,
      ...historyKeymap,
    ]),
    lineNumbers(),
    history(),
    sparql(),
    indentation,
    bracketMatching(),
    closeBrackets(),
    autocompletion({
      override: [suggest(vocabulary)],
      icons: false,
      optionClass: ({ type }) => type,
      addToOptions: [SHARE],
    }),
    linting(vocabulary),
    syntaxHighlighting(COLOURS),
    FRAME,
    EditorView.lineWrapping,
    EditorState.phrases.of(phrases),
    EditorView.contentAttributes.of({ tabindex: "0", "aria-label": `${say("label")}. ${say("keys")}` }),
    EditorView.updateListener.of((update) => update.docChanged && changed(update.state.doc.toString())),
  ];
  return new EditorView({ doc: text, extensions, parent, root });
}

/** Open the list of suggestions. */
export function showSuggestions(view) {
  view.focus();
  startCompletion(view);
}

/** Put another text in; it can be undone. */
export function replace(view, text) {
  view.dispatch({
    changes: { from: 0, to: view.state.doc.length, insert: text },
    userEvent: "input.replace",
  });
}
