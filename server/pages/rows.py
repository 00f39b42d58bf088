"""Rows of datasets as pages show them: a table of the first, and all places on a map."""

from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from server.pages.entries import Dataset
from server.pages.maps import map_of
from server.pages.shapes import Dot
from server.pages.shelf import Shelf
from server.pages.terms import Teller, Value

PREVIEWED: Final = 8
"""Rows that the page of a dataset shows."""
_FACTS: Final = 5
_PLACES: Final = 20_000

Row = tuple[Value, Value, Value]
"""Name, municipality, and what it has."""


@dataclass(frozen=True, slots=True)
class Preview:
    """The first rows of a dataset, and all its places on a map."""

    rows: list[Row]
    total: int
    map: Markup | None


def preview_of(shelf: Shelf, teller: Teller, found: Dataset) -> Preview | None:
    """What the page of a dataset shows of its rows; None when it has given none."""
    if not found.things:
        return None
    rows = rows_of(shelf, teller, "dataset = ?", (found.iri,), PREVIEWED)
    return Preview(rows, found.things, places_of(shelf, "dataset = ?", (found.iri,)))


def rows_of(
    shelf: Shelf, teller: Teller, where: str, values: tuple[str, ...], size: int, start: int = 0
) -> list[Row]:
    """Some things by name; `where` is a condition on the table of things."""
    query = f"SELECT iri, sv, en, municipality FROM thing WHERE {where} ORDER BY sv, id LIMIT ? OFFSET ?"  # noqa: S608
    return [_row(teller, *row) for row in shelf.rows(query, *values, size, start)]


def _row(teller: Teller, address: str, sv: str, en: str, area: str) -> Row:
    title = Value(sv or en or address, page=teller.page(address))
    return title, Value(teller.name(area)), Value(", ".join(teller.affirmed(address)[:_FACTS]))


def places_of(shelf: Shelf, where: str, values: tuple[str, ...]) -> Markup | None:
    """All places of some things on a map; None when none has a place."""
    query = f"SELECT longitude, latitude, sv FROM thing WHERE {where} AND latitude IS NOT NULL LIMIT ?"  # noqa: S608
    return map_of([Dot(*row) for row in shelf.rows(query, *values, _PLACES)])
