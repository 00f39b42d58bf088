"""Tells the report of a table to people, in Swedish or English: what became of the rows, and why."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, Final

from shapes.report import LEVELS, Level, Report, Result

_ROWS: Final = 8  # rows named for one kind of finding; the marked-up copy has them all
_HEADS: Final[Mapping[str, Mapping[str, str]]] = {
    "sv": {"Violation": "Måste rättas", "Warning": "Bör rättas", "Info": "Att känna till"},
    "en": {"Violation": "Must be mended", "Warning": "Should be mended", "Info": "Good to know"},
}
_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "sv": {
        "summary": "{file}, läst som {specification}: {rows} rader, {kept} behållna ({repaired} rättade), "
        "{refused} utelämnade",
        "rows": "även rad {rows}",
        "more": " och {more} till",
        "shacl": "Regler för raderna (SHACL)",
        "clean": "Inget att anmärka på.",
    },
    "en": {
        "summary": "{file}, read as {specification}: {rows} rows, {kept} kept ({repaired} repaired), "
        "{refused} refused",
        "rows": "also row {rows}",
        "more": " and {more} more",
        "shacl": "Rules for the rows (SHACL)",
        "clean": "Nothing to remark on.",
    },
}

Table = Mapping[str, Any]
"""A report as `TabularReport.to_json` gives it."""


def tell(table: Table, shacl: Report, language: str) -> Iterator[str]:
    """The lines of the whole report, the worst first."""
    words = _WORDS[language]
    yield words["summary"].format(**table)
    for level in LEVELS:
        lines = [line for group in groups(table, level) for line in _group(table, group, language)]
        if lines:
            yield f"\n{_HEADS[language][level]}"
            yield from lines
    rules = sorted(_rules(shacl, language), key=lambda rule: (LEVELS.index(rule[0]), -rule[2], rule[1]))
    if rules:
        yield f"\n{words['shacl']}"
    for level, message, times in rules:
        yield f"  {_HEADS[language][level]}: {message}{_times(times)}"
    if not table["counts"] and not rules:
        yield words["clean"]


def groups(table: Table, severity: str) -> list[list[dict[str, Any]]]:
    """The kept findings of one severity, by rule and column, the most frequent first."""

    def key(finding: Mapping[str, Any]) -> tuple[str, str]:
        return finding["rule"], finding["column"] or ""

    found = sorted((f for f in table["findings"] if f["severity"] == severity), key=key)
    found_groups = [list(group) for _, group in groupby(found, key)]
    return sorted(found_groups, key=lambda group: -count(table, group))


def count(table: Table, group: Sequence[Mapping[str, Any]]) -> int:
    """How often what a group of `groups` says was found, also where it is not kept in full."""
    first = group[0]
    return sum(
        one["count"]
        for one in table["counts"]
        if (one["rule"], one["column"] or "") == (first["rule"], first["column"] or "")
    )


def sentence(table: Table, finding: Mapping[str, Any], language: str) -> str:
    """What a finding says, without the name of the file."""
    said: str = finding["message"][language]
    return said.removeprefix(table["file"]).lstrip(",: ")


def _group(table: Table, group: Sequence[Mapping[str, Any]], language: str) -> Iterator[str]:
    times = count(table, group)
    yield f"  {sentence(table, group[0], language)}{_times(times)}"
    rows = [str(finding["row"]) for finding in group[1 : _ROWS + 1] if finding["row"] is not None]
    if rows:
        more = times - 1 - len(rows)
        words = _WORDS[language]
        yield f"    {words['rows'].format(rows=', '.join(rows))}" + (
            words["more"].format(more=more) if more > 0 else ""
        )


def _times(times: int) -> str:
    return f" (×{times})" if times > 1 else ""


def _rules(shacl: Report, language: str) -> Iterator[tuple[Level, str, int]]:
    """Level, message and number of results of each rule that is broken."""

    def key(result: Result) -> str:
        return result.shape

    for _, group in groupby(sorted(shacl.results, key=key), key):
        results = list(group)
        yield results[0].level, results[0].message(language), len(results)
