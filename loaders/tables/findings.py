"""What was noticed while a table was read: the rules, one finding, and the report that gathers them."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, NamedTuple

Language = Literal["sv", "en"]
Severity = Literal["Violation", "Warning", "Info"]
Done = Literal["kept", "repaired", "cell left out", "row left out", "rest left out"]

EXAMPLES: Final = 20
"""How many findings of one rule in one column are kept in full; all are counted."""


class Rule(NamedTuple):
    """One kind of finding: how grave, what was done about it, and its sentence in both languages."""

    id: str
    severity: Severity
    done: Done
    sv: str
    en: str


class Finding(NamedTuple):
    """One thing noticed: where (rows count from 1 with the header, RFC 7111), what, what was done."""

    rule: Rule
    row: int | None = None
    column: str | None = None
    value: str | None = None
    detail: str | tuple[str, str] = ""  # a pair is (Swedish, English)

    def sentence(self, file: str, language: Language) -> str:
        """The whole sentence for a steward: file, row, column, value, rule and what was done."""
        words = _WORDS[language]
        place = [file]
        if self.row is not None:
            place.append(f"{words['row']} {self.row}")
        if self.column is not None:
            place.append(f"{words['column']} {words['quote'].format(self.column)}")
        value = "" if self.value is None else words["quote"].format(_short(self.value))
        text, side = (self.rule.sv, 0) if language == "sv" else (self.rule.en, 1)
        detail = self.detail if isinstance(self.detail, str) else self.detail[side]
        said = text.format(value=value, detail=detail)
        return f"{', '.join(place)}: {said} ({words[self.rule.done]})"


_WORDS: Final[Mapping[Language, Mapping[str, str]]] = {
    "sv": {
        "row": "rad",
        "column": "kolumn",
        "quote": "”{}”",
        "kept": "behållet",
        "repaired": "rättat",
        "cell left out": "cellen utelämnad",
        "row left out": "raden utelämnad",
        "rest left out": "resten utelämnad",
    },
    "en": {
        "row": "row",
        "column": "column",
        "quote": "“{}”",
        "kept": "kept",
        "repaired": "repaired",
        "cell left out": "cell left out",
        "row left out": "row left out",
        "rest left out": "the rest left out",
    },
}


def _short(value: str, limit: int = 80) -> str:
    return value if len(value) <= limit else value[: limit - 1] + "…"


_RULES: Final = (
    # ---- the file
    Rule(
        "encoding",
        "Warning",
        "repaired",
        "tecknen är inte UTF-8; lästa som {detail}",
        "the characters are not UTF-8; read as {detail}",
    ),
    Rule("delimiter", "Info", "kept", "fälten skiljs av {detail}", "fields are separated by {detail}"),
    Rule(
        "title-rows",
        "Warning",
        "repaired",
        "{detail} rader står före rubrikraden och hoppades över",
        "{detail} rows stand before the header and were skipped",
    ),
    Rule(
        "http-head",
        "Warning",
        "repaired",
        "filen börjar med HTTP-huvuden ({detail}); de hoppades över",
        "the file begins with HTTP headers ({detail}); they were skipped",
    ),
    Rule(
        "trailing-garbage",
        "Warning",
        "repaired",
        "det står skräp efter slutet på innehållet ({detail})",
        "there is garbage after the end of the content ({detail})",
    ),
    Rule(
        "truncated",
        "Violation",
        "rest left out",
        "filen är avhuggen ({detail}); hela rader före felet är kvar",
        "the file is cut off ({detail}); the whole rows before the fault are kept",
    ),
    Rule(
        "broken",
        "Violation",
        "rest left out",
        "filen går inte att läsa {detail}; hela rader före felet är kvar",
        "the file cannot be read {detail}; the whole rows before the fault are kept",
    ),
    Rule(
        "open-quote",
        "Warning",
        "repaired",
        "ett citattecken stängs aldrig; raderna {detail} lästes ändå",
        "a quotation mark is never closed; the rows {detail} were read all the same",
    ),
    Rule(
        "wrapped",
        "Warning",
        "repaired",
        "innehållet är JSON inuti en JSON-text",
        "the content is JSON inside a JSON text",
    ),
    Rule(
        "sheet",
        "Info",
        "kept",
        "raderna är ur bladet {detail}",
        "the rows are from the sheet {detail}",
    ),
    Rule(
        "paged",
        "Warning",
        "rest left out",
        "filen är bara en sida av flera ({detail})",
        "the file is only one page of several ({detail})",
    ),
    Rule(
        "untyped",
        "Warning",
        "repaired",
        "värdena är text fast formatet har tal och ja/nej; de lästes ur texten",
        "the values are text although the format has numbers and booleans; they were read out of it",
    ),
    Rule(
        "bom-in-name",
        "Warning",
        "repaired",
        "kolumnnamnet börjar med ett BOM-tecken",
        "the column name begins with a byte order mark",
    ),
    Rule(
        "unknown-column",
        "Info",
        "kept",
        "kolumnen finns inte i specifikationen; dess värden tas inte med",
        "the specification does not know this column; its values are not carried over",
    ),
    Rule(
        "missing-column",
        "Violation",
        "kept",
        "den obligatoriska kolumnen saknas",
        "the required column is missing",
    ),
    Rule(
        "other-title",
        "Info",
        "repaired",
        "kolumnen heter {detail} i specifikationen",
        "the specification calls this column {detail}",
    ),
    Rule(
        "double-title",
        "Warning",
        "kept",
        "en annan kolumn har redan lästs som {detail}; den här lästes inte",
        "another column is already read as {detail}; this one was not read",
    ),
    Rule(
        "no-match",
        "Violation",
        "rest left out",
        "tabellen {detail} har ingen kolumn som specifikationen känner",
        "table {detail} has no column that the specification knows",
    ),
    # ---- the row
    Rule(
        "row-slipped",
        "Warning",
        "repaired",
        "raden hade glidit av ett komma utan citattecken; {value} sattes ihop igen",
        "the row had slipped by an unquoted comma; {value} was put together again",
    ),
    Rule(
        "row-slipped-unclear",
        "Violation",
        "row left out",
        "raden har glidit av ett komma utan citattecken och kan inte rättas säkert ({detail})",
        "the row has slipped by an unquoted comma and cannot be put right with certainty ({detail})",
    ),
    Rule(
        "key-empty",
        "Violation",
        "row left out",
        "raden saknar id och kan inte namnges",
        "the row has no identifier and cannot be named",
    ),
    Rule(
        "key-made",
        "Warning",
        "repaired",
        "raden saknar id; ett gjordes av {detail} och ändras om de ändras",
        "the row has no identifier; one was made of {detail} and changes when they do",
    ),
    Rule(
        "key-other",
        "Info",
        "repaired",
        "raden saknar id; {detail} användes i stället",
        "the row has no identifier; {detail} was used instead",
    ),
    Rule(
        "key-bad",
        "Violation",
        "row left out",
        "id {value} kan inte läsas: {detail}",
        "identifier {value} cannot be read: {detail}",
    ),
    Rule(
        "key-double",
        "Violation",
        "row left out",
        "id {value} används redan på en tidigare rad",
        "identifier {value} is already used by an earlier row",
    ),
    # ---- the cell
    Rule(
        "bad-cell",
        "Violation",
        "cell left out",
        "{value} är inte {detail}",
        "{value} is not {detail}",
    ),
    Rule(
        "required-empty",
        "Violation",
        "kept",
        "det obligatoriska värdet saknas",
        "the required value is missing",
    ),
    Rule("null-word", "Info", "repaired", "{value} lästes som tomt", "{value} was read as empty"),
    Rule(
        "decimal-comma",
        "Info",
        "repaired",
        "{value} har decimalkomma; läst som {detail}",
        "{value} has a decimal comma; read as {detail}",
    ),
    Rule(
        "number-form",
        "Info",
        "repaired",
        "talet {value} lästes som {detail}",
        "the number {value} was read as {detail}",
    ),
    Rule(
        "float-noise",
        "Info",
        "repaired",
        "{value} har avrundningsbrus; läst som {detail}",
        "{value} has rounding noise; read as {detail}",
    ),
    Rule("boolean-word", "Info", "repaired", "{value} lästes som {detail}", "{value} was read as {detail}"),
    Rule(
        "date-form",
        "Info",
        "repaired",
        "datumet {value} lästes som {detail}",
        "the date {value} was read as {detail}",
    ),
    Rule(
        "leading-zero",
        "Warning",
        "repaired",
        "{value} har tappat nollor i början; läst som {detail}",
        "{value} has lost leading zeros; read as {detail}",
    ),
    Rule(
        "text-form",
        "Info",
        "repaired",
        "{value} lästes som {detail}",
        "{value} was read as {detail}",
    ),
    Rule(
        "url-scheme",
        "Info",
        "repaired",
        "adressen {value} saknar schema; läst som {detail}",
        "the address {value} has no scheme; read as {detail}",
    ),
    Rule(
        "bad-iri",
        "Violation",
        "cell left out",
        "{value} ger ingen giltig IRI",
        "{value} does not make a valid IRI",
    ),
    # ---- the place
    Rule(
        "crs-declared",
        "Info",
        "repaired",
        "koordinaterna är i {detail}, som filen säger, och räknades om till WGS84",
        "the coordinates are in {detail}, as the file says, and were transformed to WGS84",
    ),
    Rule(
        "crs-guessed",
        "Warning",
        "repaired",
        "filen säger inte vilket koordinatsystem den har; värdena gissas vara {detail} och räknades om",
        "the file names no coordinate system; the values are guessed to be {detail} and were transformed",
    ),
    Rule(
        "crs-contradicted",
        "Warning",
        "repaired",
        "filen säger {value} men värdena är {detail}, som användes",
        "the file says {value} but the values are {detail}, which was used",
    ),
    Rule(
        "axes-swapped",
        "Warning",
        "repaired",
        "koordinaternas ordning är omvänd; {value} byttes om",
        "the coordinates are in the other order; {value} was swapped",
    ),
    Rule(
        "coordinates-half",
        "Violation",
        "cell left out",
        "bara den ena av två koordinater finns",
        "only one of two coordinates is there",
    ),
    Rule(
        "coordinates-nowhere",
        "Violation",
        "cell left out",
        "koordinaterna {value} ligger inte på någon känd plats ({detail})",
        "the coordinates {value} are no known place ({detail})",
    ),
    Rule(
        "coordinates-abroad",
        "Info",
        "kept",
        "koordinaterna {value} ligger utanför Sverige",
        "the coordinates {value} lie outside Sweden",
    ),
    Rule(
        "geometry-bad",
        "Violation",
        "cell left out",
        "geometrin kan inte läsas: {detail}",
        "the geometry cannot be read: {detail}",
    ),
)

RULES: Final[Mapping[str, Rule]] = {rule.id: rule for rule in _RULES}
"""Every rule by its id; docs/datasets.md lists them and a test compares."""


@dataclass(slots=True)
class TabularReport:
    """Counts of rows and findings of one document; grows while the triples are read.

    ``kept`` counts all rows that became triples, ``repaired`` those of them where something was mended.
    """

    file: str
    specification: str
    rows: int = 0
    kept: int = 0
    repaired: int = 0
    refused: int = 0
    triples: int = 0
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    examples: list[Finding] = field(default_factory=list)

    def add(self, finding: Finding) -> None:
        """Count a finding; keep it in full when it is among the first of its rule and column."""
        key = (finding.rule.id, finding.column or "")
        self.counts[key] += 1
        if self.counts[key] <= EXAMPLES:
            self.examples.append(finding)

    def forget(self, rule: str) -> None:
        """Take back what was said by a rule, where more is known than its file can tell."""
        self.examples = [finding for finding in self.examples if finding.rule.id != rule]
        for key in [key for key in self.counts if key[0] == rule]:
            del self.counts[key]

    def count(self, rule: str, column: str | None = None) -> int:
        """How many findings a rule has, in all columns or in the one of this title."""
        return sum(n for (found, at), n in self.counts.items() if found == rule and column in (None, at))

    def of_severity(self, severity: Severity) -> int:
        """How many findings are of a severity."""
        return sum(n for (rule, _), n in self.counts.items() if RULES[rule].severity == severity)

    def sentences(self, language: Language) -> Iterator[str]:
        """The kept findings as sentences, in the order they were made."""
        return (finding.sentence(self.file, language) for finding in self.examples)

    def to_json(self) -> dict[str, Any]:
        """The report as plain JSON values, for ``reports/<source>.json`` and ``--json``."""
        return {
            "file": self.file,
            "specification": self.specification,
            "rows": self.rows,
            "kept": self.kept,
            "repaired": self.repaired,
            "refused": self.refused,
            "triples": self.triples,
            "counts": [
                {"rule": rule, "severity": RULES[rule].severity, "column": column or None, "count": count}
                for (rule, column), count in sorted(self.counts.items())
            ],
            "findings": [self._finding(finding) for finding in self.examples],
        }

    def _finding(self, finding: Finding) -> dict[str, Any]:
        return {
            "rule": finding.rule.id,
            "severity": finding.rule.severity,
            "row": finding.row,
            "column": finding.column,
            "value": finding.value,
            "done": finding.rule.done,
            "message": {
                "sv": finding.sentence(self.file, "sv"),
                "en": finding.sentence(self.file, "en"),
            },
        }
