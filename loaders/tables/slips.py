"""Catches rows whose values slipped sideways because a comma inside a text was not quoted.

The row is put together again when exactly one way of joining neighbouring fields makes every typed value
fit its column; when it has clearly slipped but no way, or more than one, fits, it is refused.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from loaders.tables.columns import ColumnReader, Titles
from loaders.tables.findings import RULES, Finding
from loaders.tables.rows import Row, Table, as_fields

_MOST_JOINED: Final = 4
_SUSPICIOUS: Final = 2
"""So many cells that do not fit their type make a row of the right length suspicious."""


class Mending(NamedTuple):
    """A row as it should have been, or refused, with what was said about it."""

    row: Row
    findings: tuple[Finding, ...] = ()
    refused: bool = False


def may_have_slipped(findings: Iterable[Finding]) -> bool:
    """Whether the cells of a row of the right length fit their columns so badly that it may have slipped."""
    return sum(finding.rule.id == "bad-cell" for finding in findings) >= _SUSPICIOUS


def mended(row: Row, table: Table, titles: Titles) -> Mending:
    """The row itself when nothing has slipped, else the row put right or refused."""
    readers = [titles.readers.get(title) for title in table.titles]
    surplus = len(row.surplus) if any(field.strip() for field in row.surplus) else 0
    fields = as_fields(row)
    fitting = [
        (index, joined)
        for index, joined in _joinings(fields, table, surplus)
        if _wrong(joined, readers) == 0 and _evidence(joined, fields, readers)
    ]
    best = _preferred(fitting, fields)
    if best:
        return _put_right(row, table, *best)
    if surplus or fitting:
        detail = (f"{len(fitting)} sätt passar", f"{len(fitting)} ways fit")
        return Mending(row, (Finding(RULES["row-slipped-unclear"], detail=detail),), refused=True)
    return Mending(row)


def _put_right(row: Row, table: Table, index: int, joined: list[str]) -> Mending:
    title = table.titles[index]
    values = dict(zip(table.titles, joined, strict=False))
    finding = Finding(RULES["row-slipped"], None, title, joined[index])
    return Mending(row._replace(values=values, surplus=()), (finding,))


def _joinings(fields: Sequence[str], table: Table, surplus: int) -> Iterator[tuple[int, list[str]]]:
    """Every way of joining neighbouring fields: as many as are too many, or a few when the row is full."""
    width = len(table.titles)
    separator = table.separator or ","
    for extra in (surplus,) if surplus else range(1, _MOST_JOINED):
        for index in range(min(len(fields) - extra, width)):
            text = separator.join(fields[index : index + extra + 1])
            joined = [*fields[:index], text, *fields[index + extra + 1 :]]
            yield index, (joined + [""] * width)[:width]


def _wrong(fields: Sequence[str], readers: Sequence[ColumnReader | None]) -> int:
    """How many fields do not fit the type of their column."""
    return sum(
        reader.read(field).bad
        for field, reader in zip(fields, readers, strict=False)
        if field and reader and not reader.free
    )


def _evidence(joined: list[str], fields: Sequence[str], readers: Sequence[ColumnReader | None]) -> bool:
    """Whether some typed column got a value it did not have, and none of the text went into a typed one."""
    return any(
        value and value != before and reader and not reader.free
        for value, before, reader in zip(joined, fields, readers, strict=False)
    )


def _preferred(fitting: list[tuple[int, list[str]]], fields: Sequence[str]) -> tuple[int, list[str]] | None:
    """The only way that fits, or the only one whose piece goes on after a blank, as running text does."""
    if len(fitting) == 1:
        return fitting[0]
    running = [way for way in fitting if fields[way[0] + 1].startswith(" ")]
    return running[0] if len(running) == 1 else None
