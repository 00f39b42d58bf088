"""The search page, and the same search as JSON."""

import json
from typing import Any, Final

from loaders.search.find import Found, Hit, find, hits
from server.http import problems
from server.http.negotiation import HTML, Format, by_accept, by_name
from server.http.problems import Problem
from server.http.words import Words
from server.pages.catalogue import publishers_of
from server.pages.entries import Organisation
from server.pages.frame import render
from server.pages.sending import Page, Reading
from server.pages.shelf import Shelf
from server.pages.terms import Teller

KINDS: Final = ("dataset", "thing", "specification", "organisation", "query")
SIZE: Final = 20
MOST: Final = 1000
LONGEST: Final = 300
_JSON = Format("json", "application/json", "json")


def search(reading: Reading) -> Page:
    """`/search?q=`: everything that has a page, best first, as a page or as JSON."""
    asked = reading.asked
    text, kind = asked.one("q").strip(), asked.one("kind")
    if len(text) > LONGEST:
        detail = Words(f"Högst {LONGEST} tecken.", f"At most {LONGEST} characters.")
        raise Problem(problems.BAD_REQUEST, detail)
    kind = kind if kind in KINDS else ""
    page = max(1, min(int(number), MOST // SIZE)) if (number := asked.one("page")).isdigit() else 1
    found = find(reading.shelf.index, text, kind)
    shown = hits(reading.shelf.index, found.ids[(page - 1) * SIZE : page * SIZE])
    if _wants_json(reading):
        return _as_json(reading, text, kind, page, found, shown)
    teller = Teller(reading.shelf, reading.language)
    body = render(
        "search.html",
        asked,
        words=text,
        kind=kind,
        kinds=KINDS,
        found=found,
        hits=[(hit, hit.page or teller.page(hit.iri)) for hit in shown],
        owners=_owners(reading.shelf, shown),
        page=page,
        pages=min(max(1, -(-len(found.ids) // SIZE)), MOST // SIZE),
    )
    return Page(body)


def _owners(shelf: Shelf, shown: list[Hit]) -> dict[str, Organisation]:
    """The publishers of the datasets among the hits."""
    datasets = [shelf.dataset("iri", hit.iri) for hit in shown if hit.kind == "dataset"]
    found = [one for one in datasets if one]
    publishers = publishers_of(shelf, found)
    return {one.iri: publishers[one.publisher] for one in found if one.publisher in publishers}


def _wants_json(reading: Reading) -> bool:
    named = reading.asked.one("format")
    choice = by_name(named, (_JSON, HTML)) if named else by_accept(reading.asked.accept, (HTML, _JSON))
    if choice is None:
        detail = Words("Sökningen ges som HTML eller JSON.", "The search is given as HTML or JSON.")
        raise Problem(problems.NOT_ACCEPTABLE, detail, members={"offers": ["text/html", "application/json"]})
    return choice.format is _JSON


def _as_json(reading: Reading, text: str, kind: str, page: int, found: Found, shown: list[Hit]) -> Page:
    host, teller = reading.asked.host, Teller(reading.shelf, reading.language)
    results = [_hit(hit, host + (hit.page or teller.page(hit.iri))) for hit in shown]
    document: dict[str, Any] = {
        "query": text,
        "kind": kind or None,
        "total": len(found.ids),
        "page": page,
        "kinds": {name: found.kinds.get(name, 0) for name in KINDS},
        "corrected": dict(found.corrected),
        "everyWord": not found.some,
        "results": results,
    }
    body = json.dumps(document, ensure_ascii=False, indent=1).encode()
    return Page(body, media_type="application/json")


def _hit(hit: Hit, page: str) -> dict[str, Any]:
    found = {
        "kind": hit.kind,
        "iri": hit.iri,
        "page": page,
        "title": {"sv": hit.title.sv, "en": hit.title.en},
        "description": {"sv": hit.about.sv, "en": hit.about.en},
    }
    for name in ("title", "description"):
        texts = found[name]
        assert isinstance(texts, dict)  # noqa: S101 -- made so just above
        found[name] = {language: said for language, said in texts.items() if said}
    return {name: value for name, value in found.items() if value}
