"""The specifications, and the page of each with the data of all publishers put together."""

from loaders.search.subjects import Text
from server.http import problems
from server.http.problems import Problem
from server.http.words import Words
from server.pages.catalogue import publishers_of
from server.pages.dataset import dataset_map, thing_row
from server.pages.frame import render
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
        rows=_rows(reading, teller, kind, area),
        map=dataset_map(shelf, *_where(reading, kind, area)),
        queries=[query for query in reading.queries.values() if query.group == slug],
        rows_size=ROWS,
        tables=tables_of(reading.release, specification=slug),
    )
    return Page(body)


def _where(reading: Reading, kind: str, code: str) -> tuple[str, ...]:
    """The condition for things of a kind, in one municipality if a code is given."""
    row = reading.shelf.one("SELECT iri FROM municipality WHERE code = ?", code) if code else ()
    return ("class = ? AND municipality = ?", kind, row[0]) if row else ("class = ?", kind)


def _areas(reading: Reading, kind: str) -> list[tuple[str, Text, int]]:
    rows = reading.shelf.rows(
        "SELECT code, m.sv, m.en, count(*) FROM thing JOIN municipality AS m ON m.iri = municipality"
        " WHERE class = ? GROUP BY code ORDER BY count(*) DESC, m.sv",
        kind,
    )
    return [(row[0], Text(row[1], row[2]), row[3]) for row in rows]


def _rows(reading: Reading, teller: Teller, kind: str, code: str) -> list[object]:
    condition, *values = _where(reading, kind, code)
    rows = reading.shelf.rows(
        f"SELECT iri, sv, en, municipality FROM thing WHERE {condition} ORDER BY sv LIMIT ?",  # noqa: S608
        *values,
        ROWS,
    )
    return [thing_row(teller, *row) for row in rows]
