"""What became of the rows of each table: the same report that `odis table` gives, for the pages."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from loaders.releases.release import Release
from loaders.releases.tables import table_reports
from loaders.search.subjects import Text
from loaders.tables.telling import Table, count, groups, sentence
from shapes.report import LEVELS

_SHOWN = 8  # kinds of finding of one level; the report has them all


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of finding: how often, and the first one as a sentence."""

    count: int
    example: Text


@dataclass(frozen=True, slots=True)
class TableRows:
    """A table of the release: its rows, and what was found in them by level."""

    source: str
    title: str
    file: str
    specification: str
    dataset: str
    rows: int
    kept: int
    repaired: int
    refused: int
    findings: Mapping[str, tuple[Kind, ...]]


def tables_of(release: Release, *, specification: str = "", dataset: str = "") -> list[TableRows]:
    """The tables of one specification, or of one dataset, most refused rows first."""
    titles = {source.id: source.title for source in release.manifest.sources}
    found = [
        table
        for table in _tables(release.reports, tuple(titles.items()))
        if (specification and table.specification == specification) or (dataset and table.dataset == dataset)
    ]
    return sorted(found, key=lambda table: (-table.refused, table.title))


@lru_cache(maxsize=4)
def _tables(reports: Path, titles: tuple[tuple[str, str], ...]) -> tuple[TableRows, ...]:
    """All tables of a release, which never changes."""
    named = dict(titles)
    return tuple(
        _table(source, named.get(source, source), report)
        for source, parts in table_reports(reports)
        for report in parts
    )


def _table(source: str, title: str, report: Table) -> TableRows:
    return TableRows(
        source,
        title,
        report["file"],
        report["specification"],
        report.get("dataset") or "",
        report["rows"],
        report["kept"],
        report["repaired"],
        report["refused"],
        {level: _kinds(report, level) for level in LEVELS},
    )


def _kinds(report: Table, level: str) -> tuple[Kind, ...]:
    return tuple(
        Kind(count(report, group), Text(*(sentence(report, group[0], language) for language in ("sv", "en"))))
        for group in groups(report, level)[:_SHOWN]
    )
