/** Every text of the editor, in Swedish and English. */

const TEXTS = {
  label: ["Fråga i SPARQL", "Query in SPARQL"],
  keys: [
    "Ctrl + Enter kör frågan, Ctrl + blanksteg visar förslag, Tabb går vidare.",
    "Ctrl + Enter runs the query, Ctrl + Space shows suggestions, Tab moves on.",
  ],
  example: ["Exempel", "Examples"],
  choose: ["Välj ett exempel …", "Choose an example …"],
  use: ["Hämta", "Use"],
  suggest: ["Visa förslag", "Suggest"],
  share: ["Kopiera länk", "Copy link"],
  shared: ["Länken är kopierad.", "The link is copied."],
  tooLong: ["Frågan är för lång för en länk.", "The query is too long for a link."],
  stop: ["Avbryt", "Stop"],
  asking: ["Frågar …", "Asking …"],
  stopped: [
    "Avbruten efter {0} s. Anslutningen är stängd och servern slutar arbeta med frågan.",
    "Stopped after {0} s. The connection is closed and the server stops working on the query.",
  ],
  broken: [
    "Svaret bröts av innan det var helt. Inget av det visas.",
    "The answer broke off before it was whole. Nothing of it is shown.",
  ],
  offline: ["Servern kan inte nås. Försök igen.", "The server cannot be reached. Try again."],
  answer: ["Svar", "Answer"],
  rows: ["{0} rader på {1} s", "{0} rows in {1} s"],
  first: ["De {0} första raderna på {1} s", "The first {0} rows in {1} s"],
  row: ["1 rad på {1} s", "1 row in {1} s"],
  took: ["Svar på {1} s", "Answer in {1} s"],
  release: ["utgåva", "release"],
  cut: [
    "Svaret är längre än redigeraren visar. Här är början; hela svaret finns i filerna.",
    "The answer is longer than the editor shows. This is the beginning; the whole answer is in the files.",
  ],
  empty: ["Frågan gav inga rader.", "The query gave no rows."],
  table: ["Tabell", "Table"],
  map: ["Karta", "Map"],
  chart: ["Diagram", "Chart"],
  raw: ["Rådata", "Raw"],
  views: ["Svar visat som", "Answer shown as"],
  download: ["Ladda ner svaret", "Download the answer"],
  more: ["Visa {0} rader till", "Show {0} more rows"],
  sort: ["Sortera efter {0}", "Sort by {0}"],
  yes: ["Ja", "Yes"],
  no: ["Nej", "No"],
  mapNote: ["{0} platser. Tabellen har samma rader.", "{0} places. The table has the same rows."],
  zoomIn: ["Zooma in", "Zoom in"],
  zoomOut: ["Zooma ut", "Zoom out"],
  whole: ["Hela kartan", "Whole map"],
  value: ["Värde", "Value"],
  name: ["Namn", "Name"],
  chartNote: ["Tabellen har samma siffror.", "The table has the same figures."],
  chartCut: ["De {0} första raderna visas.", "The first {0} rows are shown."],
  place: ["Rad {0}, kolumn {1}", "Line {0}, column {1}"],
  unexpected: [
    "Något annat väntas på den markerade platsen.",
    "Something else is expected at the marked place.",
  ],
  unfinished: ["Frågan är inte färdig.", "The query is not finished."],
  undeclared: ["Prefixet {0}: är inte deklarerat.", "The prefix {0}: is not declared."],
  declare: ["Lägg till PREFIX {0}:", "Add PREFIX {0}:"],
  m: ["Obligatoriska enligt profilen", "Mandatory in the profile"],
  r: ["Rekommenderade", "Recommended"],
  o: ["Valfria", "Optional"],
  used: ["Används också", "Also used"],
  allProperties: ["Egenskaper", "Properties"],
  classes: ["Klasser", "Classes"],
  part: ["{0} av {1}", "{0} of {1}"],
  usedBy: ["{0} av {1} har den", "{0} of {1} have it"],
  times: ["{0} gånger i grafen", "{0} times in the graph"],
  things: ["{0} i grafen", "{0} in the graph"],
  unused: ["används inte ännu", "not used yet"],
};

/** What CodeMirror itself says to screen readers. */
const PHRASES = {
  Completions: "Förslag",
  "Control character": "Styrtecken",
  Diagnostics: "Fel",
  "No diagnostics": "Inga fel",
};

/** The language of the page. */
export const language = document.documentElement.lang === "sv" ? "sv" : "en";
export const phrases = language === "sv" ? PHRASES : {};

/** A text in the language of the page, with values at `{0}`, `{1}`. */
export function say(name, ...values) {
  return TEXTS[name][language === "sv" ? 0 : 1].replace(/\{(\d)\}/g, (_, at) => values[at]);
}

/** A number as it is written in the language of the page. */
export function number(value, digits = 0) {
  return value.toLocaleString(language === "sv" ? "sv-SE" : "en-GB", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}
