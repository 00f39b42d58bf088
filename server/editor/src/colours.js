/** How the field for the query looks, in the colours of the page, light and dark. */

import { HighlightStyle } from "@codemirror/language";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

export const COLOURS = HighlightStyle.define([
  { tag: tags.keyword, color: "var(--accent)", fontWeight: "600" },
  { tag: [tags.string, tags.typeName], color: "var(--good)" },
  { tag: [tags.number, tags.integer, tags.float, tags.bool], color: "var(--so)" },
  { tag: [tags.namespace, tags.url], color: "var(--ink)" },
  { tag: tags.variableName, color: "var(--so)" },
  { tag: tags.comment, color: "var(--soft-ink)", fontStyle: "italic" },
]);

export const FRAME = EditorView.theme({
  "&": {
    color: "var(--ink)",
    backgroundColor: "var(--paper)",
    border: "1px solid var(--strong-line)",
    borderRadius: "4px",
  },
  "&.cm-focused": { outline: "3px solid var(--accent)", outlineOffset: "1px" },
  ".cm-scroller": {
    font: "1rem/1.5 ui-monospace, Menlo, Consolas, monospace",
    maxHeight: "34rem",
    overflow: "auto",
  },
  ".cm-content, .cm-gutter": { minHeight: "14rem" },
  ".cm-content": { padding: ".6rem 0", caretColor: "var(--ink)" },
  ".cm-gutters": {
    color: "var(--soft-ink)",
    backgroundColor: "var(--wash)",
    borderRight: "1px solid var(--line)",
  },
  "&.cm-focused .cm-matchingBracket": {
    backgroundColor: "var(--accent-wash)",
    outline: "1px solid var(--accent)",
  },
  ".cm-tooltip": {
    color: "var(--ink)",
    backgroundColor: "var(--paper)",
    border: "1px solid var(--strong-line)",
    borderRadius: "4px",
    boxShadow: "0 4px 14px rgb(0 0 0 / .2)",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": {
    fontFamily: "inherit",
    maxHeight: "17rem",
    maxWidth: "min(38rem, 92vw)",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": {
    display: "flex",
    gap: ".8rem",
    alignItems: "baseline",
    padding: ".22rem .7rem",
    lineHeight: "1.35",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > completion-section": {
    display: "block",
    padding: ".35rem .7rem .15rem",
    color: "var(--soft-ink)",
    backgroundColor: "var(--wash)",
    borderBottom: "1px solid var(--line)",
    fontSize: ".85rem",
    fontWeight: "600",
    opacity: "1",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": {
    color: "var(--ink)",
    backgroundColor: "var(--accent-wash)",
  },
  ".cm-tooltip-autocomplete .m": { fontWeight: "700" },
  ".cm-completionLabel": { fontFamily: "ui-monospace, Menlo, Consolas, monospace", fontSize: ".92rem" },
  ".cm-completionDetail": {
    marginLeft: "0",
    fontStyle: "normal",
    color: "var(--soft-ink)",
    fontSize: ".9rem",
    overflow: "hidden",
    textOverflow: "ellipsis",
    whiteSpace: "nowrap",
  },
  ".share": { marginLeft: "auto", color: "var(--soft-ink)", fontSize: ".85rem", whiteSpace: "nowrap" },
  ".cm-completionInfo": { padding: ".5rem .7rem", fontSize: ".85rem", overflowWrap: "anywhere" },
  "@media (max-width: 40rem)": { ".cm-completionInfo": { display: "none" } },
  ".cm-diagnostic": { padding: ".35rem .7rem" },
  ".cm-diagnostic-error": { borderLeft: "4px solid var(--bad)" },
  ".cm-diagnostic-warning": { borderLeft: "4px solid var(--so)" },
  ".cm-diagnosticAction": {
    font: "inherit",
    color: "var(--accent-ink)",
    backgroundColor: "var(--accent)",
    padding: ".2rem .6rem",
    borderRadius: "3px",
  },
  ".cm-lintRange-error": {
    backgroundImage: "none",
    textDecoration: "underline wavy var(--bad) 2px",
    textUnderlineOffset: "3px",
    backgroundColor: "var(--bad-wash)",
  },
  ".cm-lintRange-warning": {
    backgroundImage: "none",
    textDecoration: "underline dotted var(--so) 2px",
    textUnderlineOffset: "3px",
  },
});
