"""Rows as an Excel workbook: numbers, dates and truth values as such, and no text ever as a formula."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from io import BytesIO
from typing import IO, Any, Final

from pyoxigraph import Literal, QuerySolution, Variable

from ontology import iri
from server.http.negotiation import Format
from server.saved.geojson import Term, plain
from server.workers.query import Failure

XLSX: Final = Format(
    "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx", names=("excel",)
)
MOST_ROWS: Final = 1_048_575
"""A sheet has one row more, for the names of the columns."""
LONGEST: Final = 32_767
"""Characters a cell can hold."""
_EXACT: Final = 10**15
"""Whole numbers from here on lose digits in Excel, so they stay text."""
_DATE = iri("xsd:date")
_WIDEST, _LOOKED_AT = 60, 200


def write(variables: Sequence[Variable], rows: Iterable[QuerySolution], file: IO[bytes]) -> None:
    """Write a workbook of one sheet; raises Failure when it has more rows than a sheet can hold.

    The same rows give the same bytes. Everything is made in memory: a worker may not write files.
    """
    import xlsxwriter  # only those who ask for a workbook pay for it

    made = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(made, options)
    book.set_properties({"title": "ÖDIS", "created": datetime(2000, 1, 1)})
    names = [variable.value for variable in variables]
    sheet = _Sheet(book, names)
    for number, row in enumerate(rows, 1):
        if number > MOST_ROWS:
            raise Failure("too-large", f"A sheet of Excel holds {MOST_ROWS:,} rows; this answer has more.")
        sheet.row(number, tuple(row))
    sheet.finish()
    book.close()
    file.write(made.getvalue())


class _Sheet:
    """The one sheet of a workbook, filled row by row."""

    def __init__(self, book: Any, names: Sequence[str]) -> None:
        self._sheet = book.add_worksheet("ÖDIS")
        self._date = book.add_format({"num_format": "yyyy-mm-dd"})
        self._widths = [len(name) for name in names]
        bold = book.add_format({"bold": True})
        for column, name in enumerate(names):
            self._sheet.write_string(0, column, name, bold)

    def row(self, number: int, terms: Sequence[Term]) -> None:
        """Write one row; a cell without a value stays empty."""
        for column, term in enumerate(terms):
            if term is None:
                continue
            text = self._cell(number, column, term)
            if number <= _LOOKED_AT:
                self._widths[column] = max(self._widths[column], len(text))

    def _cell(self, number: int, column: int, term: Term) -> str:
        value = plain(term)
        day = _day(term)
        if isinstance(value, bool):
            self._sheet.write_boolean(number, column, value)
        elif isinstance(value, int | float) and abs(value) < _EXACT:
            self._sheet.write_number(number, column, value)
        elif day is not None:
            self._sheet.write_datetime(number, column, day, self._date)
        else:
            # A string of its own kind in the file: Excel shows "=1+1" and never computes it.
            self._sheet.write_string(number, column, _fitting(str(value)))
        return str(value)

    def finish(self) -> None:
        """Let the first row stay in sight, and give the columns their width."""
        self._sheet.freeze_panes(1, 0)
        for column, width in enumerate(self._widths):
            self._sheet.set_column(column, column, min(width, _WIDEST) + 2)


def _day(term: Term) -> date | None:
    if not isinstance(term, Literal) or term.datatype.value != _DATE:
        return None
    try:
        day = date.fromisoformat(term.value)
    except ValueError:  # with a time zone, or beyond what Python counts
        return None
    return day if day.year >= 1900 else None


def _fitting(text: str) -> str:
    """A text as a cell can hold it; one that was cut says so."""
    if len(text) <= LONGEST:
        return text
    mark = f" … [{len(text)}]"
    return text[: LONGEST - len(mark)] + mark
