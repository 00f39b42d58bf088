"""The first page, the three ways in, and the page about ÖDIS: mostly words, with figures of the release."""

from collections.abc import Sequence
from typing import Final

from loaders.releases.rehearsal import read_rehearsal
from loaders.views.survey import slug
from queries.groups import group_title
from queries.saved import SavedQuery
from server.pages.catalogue import publishers_of
from server.pages.frame import render
from server.pages.sending import Maker, Page, Reading

_OFFERED: Final = (
    ("map", ("bathing-places-with-facilities", "places-near", "bathing-places-in-municipality")),
    ("catalogue", ("datasets-with-words", "high-value-datasets", "datasets-changed-since")),
    (
        "quality",
        ("violations-per-publisher", "most-common-violations", "organisations-without-specification"),
    ),
)
"""Saved queries that the first page offers, in groups."""


def home(reading: Reading) -> Page:
    """`/`: what this is, search, live figures, three ways in, a few questions."""
    shelf = reading.shelf
    newest = [one for one in shelf.page_of(shelf.every, "modified", 0, 5) if one.modified]
    body = render(
        "home.html",
        reading.asked,
        manifest=reading.release.manifest,
        figures=_figures(reading),
        newest=newest,
        publishers=publishers_of(shelf, newest),
        specifications=shelf.rows(
            "SELECT slug, sv, en, things FROM specification WHERE things > 0 ORDER BY things DESC LIMIT 6"
        ),
        offered=[(group, offered(reading, names)) for group, names in _OFFERED],
    )
    return Page(body)


def offered(reading: Reading, names: Sequence[str]) -> list[SavedQuery]:
    """Those of the named saved queries that there are."""
    return [reading.queries[name] for name in names if name in reading.queries]


def _figures(reading: Reading) -> dict[str, int]:
    shelf = reading.shelf
    counts = shelf.one(
        "SELECT (SELECT count(*) FROM organisation WHERE datasets > 0), (SELECT count(*) FROM thing),"
        " (SELECT count(*) FROM specification)"
    )
    return {"datasets": shelf.size, "publishers": counts[0], "things": counts[1], "specifications": counts[2]}


def words_only(template: str) -> Maker:
    """Makes a page that is words and a few figures."""

    def page(reading: Reading) -> Page:
        first = next(iter(reading.shelf.facets.get("publisher", ())), None)
        body = render(
            template,
            reading.asked,
            manifest=reading.release.manifest,
            figures=_figures(reading),
            publisher=slug(first.iri) if first else "",
        )
        return Page(body)

    return page


def queries(reading: Reading) -> bytes:
    """The saved queries by group, and those that went wrong when the release was built."""
    groups: dict[str, list[SavedQuery]] = {}
    for query in reading.queries.values():
        groups.setdefault(group_title(query.group)[reading.language], []).append(query)
    troubled = read_rehearsal(reading.release.reports).troubled
    return render("queries.html", reading.asked, groups=list(groups.items()), troubled=troubled)
