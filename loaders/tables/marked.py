"""The marked-up copy of a table: what the publisher sent, with every finding beside its row and cell."""

import csv
import re
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final, Protocol

import xlsxwriter

from loaders.tables.cells import as_text
from loaders.tables.findings import Finding, Language, Severity, TabularReport
from loaders.tables.rows import Row, Table, Value
from loaders.tables.tabular import Watcher, convert

_REMARKS: Final[dict[Language, str]] = {"sv": "Anmärkningar", "en": "Remarks"}
_SUMMARY: Final[dict[Language, tuple[str, ...]]] = {
    "sv": ("Regel", "Allvar", "Kolumn", "Antal", "Exempel"),
    "en": ("Rule", "Severity", "Column", "Times", "Example"),
}
_SHEETS: Final[dict[Language, tuple[str, str]]] = {"sv": ("Data", "Rapport"), "en": ("Data", "Report")}
_COLOURS: Final[dict[Severity, str]] = {"Violation": "#F8B4B4", "Warning": "#FBE3A0", "Info": "#D6E8F7"}
_GRAVITY: Final[dict[Severity, int]] = {"Violation": 0, "Warning": 1, "Info": 2}
_NUMBER: Final = re.compile(r"[+-][\d\s.,]+")
_LAST_ROW: Final = 1_048_575
_MOST_COMMENTS: Final = 5_000  # a workbook with more opens slowly; the remarks column has them all


class Marker(Watcher, Protocol):
    """Writes a marked-up copy of what it sees converted; `summary` comes last."""

    def summary(self, report: TabularReport) -> None:
        """Write what holds for the file as a whole."""


@contextmanager
def marking(target: Path, name: str, language: Language) -> Iterator[Marker]:
    """A marker that writes `target`: XLSX when it ends so, else CSV; `name` is that of the file copied."""
    with closing((_Xlsx if target.suffix == ".xlsx" else _Csv)(target, name, language)) as marker:
        yield marker


def write_marked(
    document: Path, specification: Path, target: Path, language: Language = "sv"
) -> TabularReport:
    """Write a marked-up copy of ``document`` to ``target``: XLSX when it ends so, else CSV.

    The copy has the file's own columns and values, every row of it, and one column of remarks; in XLSX the
    cells are coloured by gravity and carry the remark, and a second sheet sums up. SourceError as convert().
    """
    with marking(target, document.name, language) as marker:
        result = convert(document, specification, source="copy", base="https://copy.invalid/", watcher=marker)
        for _ in result.quads:
            pass
        marker.summary(result.report)
    return result.report


class _Csv:
    """Semicolons and a byte order mark: what a Swedish Excel opens without asking."""

    def __init__(self, target: Path, name: str, language: Language) -> None:
        self._file = target.open("w", encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._file, delimiter=";")
        self._name, self._language = name, language
        self._titles: tuple[str, ...] = ()

    def table(self, table: Table) -> None:
        self._titles = table.titles
        self._writer.writerow([*self._titles, _REMARKS[self._language]])

    def row(self, row: Row, findings: Sequence[Finding], kept: bool) -> None:
        cells = [_harmless(_text(row.values.get(title))) for title in self._titles]
        self._writer.writerow([*cells, _remarks(self._name, findings, self._language)])

    def finding(self, finding: Finding) -> None:
        """What concerns the file stands in the report; a CSV file has no place for it."""

    def summary(self, report: TabularReport) -> None:
        """Nothing: see above."""

    def close(self) -> None:
        self._file.close()


class _Xlsx:
    """A workbook written row by row; texts stay texts, so that nothing in them is run as a formula."""

    def __init__(self, target: Path, name: str, language: Language) -> None:
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self._book = xlsxwriter.Workbook(str(target), options)
        self._name, self._language = name, language
        self._formats = {s: self._book.add_format({"bg_color": colour}) for s, colour in _COLOURS.items()}
        self._bold = self._book.add_format({"bold": True})
        self._sheet: Any = None
        self._titles: tuple[str, ...] = ()
        self._next = self._comments = 0

    def table(self, table: Table) -> None:
        self._sheet = self._book.add_worksheet(_SHEETS[self._language][0] if self._sheet is None else None)
        self._titles = table.titles
        self._sheet.freeze_panes(1, 0)
        self._sheet.set_column(len(self._titles), len(self._titles), 80)
        self._sheet.write_row(0, 0, [*self._titles, _REMARKS[self._language]], self._bold)
        self._next = 1

    def row(self, row: Row, findings: Sequence[Finding], kept: bool) -> None:
        if self._next > _LAST_ROW:
            return
        worst = {title: found for title in self._titles if (found := _of(findings, title))}
        for number, title in enumerate(self._titles):
            text, found = _text(row.values.get(title)), worst.get(title, [])
            if text or found:
                self._sheet.write_string(self._next, number, text, self._format(found))
            if found and self._comments < _MOST_COMMENTS:
                self._comments += 1
                self._sheet.write_comment(self._next, number, _remarks(self._name, found, self._language))
        if findings:
            remarks = _remarks(self._name, findings, self._language)
            self._sheet.write_string(self._next, len(self._titles), remarks, self._format(findings))
        self._next += 1

    def finding(self, finding: Finding) -> None:
        """What concerns the file stands in the second sheet."""

    def summary(self, report: TabularReport) -> None:
        """The second sheet: each rule and column with its count and the first sentence."""
        sheet = self._book.add_worksheet(_SHEETS[self._language][1])
        sheet.write_row(0, 0, _SUMMARY[self._language], self._bold)
        sheet.set_column(4, 4, 120)
        examples = {(f.rule.id, f.column or ""): f for f in reversed(report.examples)}
        ordered = sorted(report.counts.items(), key=lambda item: _GRAVITY[examples[item[0]].rule.severity])
        for line, ((rule, column), count) in enumerate(ordered, 1):
            finding = examples[rule, column]
            severity = finding.rule.severity
            sentence = finding.sentence(report.file, self._language)
            sheet.write_row(line, 0, [rule, severity, column, count, sentence], self._formats[severity])

    def close(self) -> None:
        self._book.close()

    def _format(self, findings: Sequence[Finding]) -> Any:
        if not findings:
            return None
        return self._formats[min((f.rule.severity for f in findings), key=_GRAVITY.__getitem__)]


def _of(findings: Sequence[Finding], title: str) -> list[Finding]:
    return [finding for finding in findings if finding.column == title]


def _remarks(name: str, findings: Sequence[Finding], language: Language) -> str:
    """Sentences without the file and the row, which the reader of a copy has before them."""
    sentences = (finding._replace(row=None).sentence(name, language) for finding in findings)
    return " ".join(
        sentence.removeprefix(f"{name}, ").removeprefix(f"{name}: ") + "." for sentence in sentences
    )


def _text(value: Value | tuple[Value, ...]) -> str:
    return ", ".join(map(as_text, value)) if isinstance(value, tuple) else as_text(value)


def _harmless(text: str) -> str:
    """A text that a spreadsheet would run as a formula, kept from it by an apostrophe; numbers stay."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) and not _NUMBER.fullmatch(text) else text
