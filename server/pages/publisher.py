"""The list of publishers, and the page of each: its datasets, what it has to mend, its things."""

from loaders.views.survey import slug
from ontology import iri
from server.http import problems
from server.http.problems import Problem
from server.http.words import Words
from server.pages.catalogue import SIZE
from server.pages.frame import render
from server.pages.points import points_of
from server.pages.quality import changes_of, findings_of
from server.pages.sending import Page, Reading
from server.pages.terms import Teller
from server.pages.use import used_of

MENDED = 8
"""Datasets to mend that the page names."""


def publishers(reading: Reading) -> Page:
    """`/publishers`: who publishes, and who of the county's organisations does not yet."""
    shelf = reading.shelf
    body = render(
        "publishers.html",
        reading.asked,
        active=shelf.organisations("WHERE datasets > 0 ORDER BY datasets DESC, sv LIMIT 500"),
        silent=shelf.organisations("WHERE datasets = 0 AND county = 1 ORDER BY sv"),
    )
    return Page(body)


def publisher(reading: Reading) -> Page:
    """`/publishers/<name>`: an organisation, with the municipality it governs if it is one."""
    shelf = reading.shelf
    name = reading.asked.path.removeprefix("/publishers/").rstrip("/")
    one = next(iter(shelf.organisations("WHERE slug = ?", name)), None)
    if one is None:
        raise Problem(
            problems.NOT_FOUND, Words("Det finns ingen sådan utgivare.", "There is no such publisher.")
        )
    teller = Teller(shelf, reading.language)
    worst = (
        "WHERE publisher = ? AND violations + warnings > 0"
        " ORDER BY violations DESC, warnings DESC, id LIMIT ?"
    )
    code = shelf.one("SELECT code FROM municipality WHERE iri = ?", one.municipality)
    body = render(
        "publisher.html",
        reading.asked,
        one=one,
        datasets=shelf.selected("WHERE publisher = ? ORDER BY id LIMIT ?", one.iri, SIZE),
        worst=shelf.selected(worst, one.iri, MENDED),
        findings=findings_of(shelf, one.iri),
        points=points_of(shelf, one.iri),
        changes=changes_of(shelf, one.iri),
        kinds=_kinds(reading, one.municipality),
        area=teller.name(one.municipality),
        code=code[0] if code else "",
        fields=teller.fields(one.iri, (iri("rdf:type"),), depth=1),
        coverage=_coverage(reading, one.iri),
        used=used_of(reading, one.iri, *_datasets(reading, one.iri)),
        catalogue=f"/catalog/{slug(one.iri)}" if one.datasets else "",
    )
    return Page(body)


def _datasets(reading: Reading, publisher: str) -> list[str]:
    rows = reading.shelf.rows("SELECT iri FROM dataset WHERE publisher = ?", publisher)
    return [row[0] for row in rows]


def _kinds(reading: Reading, area: str) -> list[tuple[str, str, int]]:
    """Things in the municipality by kind: name, page of the specification, number."""
    rows = reading.shelf.rows(
        "SELECT specification.slug, specification.sv, specification.en, count(*) FROM thing"
        " JOIN specification ON specification.class = thing.class WHERE municipality = ?"
        " GROUP BY specification.slug ORDER BY count(*) DESC",
        area,
    )
    return [(sv if reading.language == "sv" else en, slug, count) for slug, sv, en, count in rows]


def _coverage(reading: Reading, publisher: str) -> list[tuple[str, str, int, int]]:
    rows = reading.shelf.rows(
        "SELECT slug, sv, en, coverage.datasets, coverage.things FROM specification"
        " LEFT JOIN coverage ON specification = slug AND organisation = ? ORDER BY sv",
        publisher,
    )
    return [
        (slug, sv if reading.language == "sv" else en, datasets or 0, things or 0)
        for slug, sv, en, datasets, things in rows
    ]
