"""The specifications, and the page of each with the data of all publishers put together."""

from functools import cache
from urllib.parse import urlencode

from loaders.search.subjects import Text
from loaders.tables.describe import ColumnText, describe, named
from server.http import problems
from server.http.problems import Problem
from server.http.words import Words
from server.pages.catalogue import page_number, publishers_of
from server.pages.frame import render
from server.pages.rows import places_of, rows_of
from server.pages.sending import Page, Reading
from server.pages.tables import tables_of
from server.pages.terms import Teller

ROWS = 30


def specifications(reading: Reading) -> Page:
    """`/specifications`: the kinds of dataset that the region describes alike."""
    rows = reading.shelf.rows(
        "SELECT slug, sv, en, notes_sv, notes_en, datasets, things FROM specification"
        " ORDER BY datasets DESC, sv"
    )
    found = [(row[0], Text(row[1], row[2]), Text(row[3], row[4]), row[5], row[6]) for row in rows]
    return Page(render("specifications.html", reading.asked, specifications=found))


def specification(reading: Reading) -> Page:
    """`/specifications/<name>`: what it is, who follows it, and all the rows on a map and in a table."""
    shelf, asked = reading.shelf, reading.asked
    slug = asked.path.removeprefix("/specifications/").rstrip("/")
    row = shelf.one(
        "SELECT slug, iri, class, sv, en, notes_sv, notes_en, datasets, things FROM specification"
        " WHERE slug = ?",
        slug,
    )
    if not row:
        detail = Words("Det finns ingen sådan specifikation.", "There is no such specification.")
        raise Problem(problems.NOT_FOUND, detail)
    kind, bits = row[2], getattr(shelf.facet("specification", slug), "bits", 0)
    teller = Teller(shelf, reading.language)
    area = asked.one("municipality")
    where, values = _where(reading, kind, area)
    shown = shelf.one(f"SELECT count(*) FROM thing WHERE {where}", *values)[0]  # noqa: S608 -- made below
    page, pages = page_number(asked, shown, ROWS)
    datasets = shelf.page_of(bits, "title", 0, 100)
    body = render(
        "specification.html",
        asked,
        slug=slug,
        iri=row[1],
        kind=kind,
        title=Text(row[3], row[4]),
        notes=Text(row[5], row[6]),
        count=row[7],
        things=row[8],
        datasets=datasets,
        publishers=publishers_of(shelf, datasets),
        areas=_areas(reading, kind),
        area=area,
        shown=shown,
        rows=rows_of(shelf, teller, where, values, ROWS, (page - 1) * ROWS),
        page=page,
        pages=pages,
        map=places_of(shelf, where, values),
        columns=_columns(slug),
        all_rows=_all_rows(reading, kind, area),
        queries=[query for query in reading.queries.values() if query.group == slug],
        tables=tables_of(reading.release, specification=slug),
    )
    return Page(body)


def _where(reading: Reading, kind: str, code: str) -> tuple[str, tuple[str, ...]]:
    """The condition for things of a kind, in one municipality if a code is given, and its values."""
    row = reading.shelf.one("SELECT iri FROM municipality WHERE code = ?", code) if code else ()
    return ("class = ? AND municipality = ?", (kind, row[0])) if row else ("class = ?", (kind,))


def _all_rows(reading: Reading, kind: str, code: str) -> str:
    """Where all rows can be had as files; "" when no saved query gives them."""
    if "places-in-municipality" not in reading.queries:
        return ""
    values = {"kind": kind, **({"municipality": code} if code else {})}
    return f"/queries/places-in-municipality?{urlencode(values)}"


@cache
def _columns(slug: str) -> tuple[ColumnText, ...]:
    """The columns a table of this kind has."""
    return describe(named(slug)).columns


def _areas(reading: Reading, kind: str) -> list[tuple[str, Text, int]]:
    rows = reading.shelf.rows(
        "SELECT code, m.sv, m.en, count(*) FROM thing JOIN municipality AS m ON m.iri = municipality"
        " WHERE class = ? GROUP BY code ORDER BY count(*) DESC, m.sv",
        kind,
    )
    return [(row[0], Text(row[1], row[2]), row[3]) for row in rows]
