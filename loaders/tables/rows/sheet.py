"""Rows of workbooks: XLSX, XLSB, XLS and ODS, every sheet a table."""

from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError

from loaders.tables.rows import Hints, Note, Row, Table, Value, plain
from loaders.tables.rows.header import LOOK, find_header, unique_titles
from ontology.errors import SourceError

_KEPT: Final = (str, int, float, bool)


def read(path: Path, hints: Hints, note: Note) -> Iterator[Table]:
    """The sheets that name at least one known column; all of them when nothing is known."""
    try:
        workbook = CalamineWorkbook.from_path(str(path))
    except PasswordError as error:
        raise SourceError(
            f"{path}: the workbook is protected by a password; publish it without one"
        ) from error
    except CalamineError as error:
        raise SourceError(f"{path}: the workbook cannot be read: {error}") from error
    with workbook:
        for name in workbook.sheet_names:
            table = _table(workbook.get_sheet_by_name(name), name, hints, note, len(workbook.sheet_names) > 1)
            if table:
                yield table


def _table(sheet: CalamineSheet, name: str, hints: Hints, note: Note, several: bool) -> Table | None:
    if sheet.start is None:
        return None
    rows = iter(sheet.iter_rows())
    first = list(islice(rows, LOOK))
    texts = [[str(cell) for cell in row] for row in first]
    index = find_header(texts, hints.titles)
    titles = unique_titles(texts[index])
    if hints.titles and not any(plain(title) in hints.titles for title in titles):
        return None
    if several:
        note("sheet", name)
    if index:
        note("title-rows", str(index))
    fragment = f"sheet={quote(name)}&row=" if several else "row="
    number = sheet.start[0] + index + 2
    return Table(name, titles, _rows(chain(first[index + 1 :], rows), titles, number, fragment), typed=True)


def _rows(rows: Iterable[list[Any]], titles: tuple[str, ...], number: int, fragment: str) -> Iterator[Row]:
    for here, cells in enumerate(rows, number):
        if any(cell != "" for cell in cells):
            values = {title: _value(cell) for title, cell in zip(titles, cells, strict=False)}
            yield Row(here, f"{fragment}{here}", values)


def _value(cell: Any) -> Value:
    """Dates and times stay what they are; a duration or an error value becomes its text."""
    return cell if isinstance(cell, _KEPT) or hasattr(cell, "isoformat") else str(cell)
