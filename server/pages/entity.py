"""The page of any thing in the graph: what is said of it, and what refers to it."""

import asyncio
import re
from dataclasses import dataclass
from urllib.parse import quote

from markupsafe import Markup

from loaders.views.terms import value
from ontology import iri
from server.http import problems
from server.http.endpoint import Call
from server.http.negotiation import HTML, Choice
from server.http.problems import Problem
from server.http.words import Words
from server.pages.dataset import gone
from server.pages.frame import render
from server.pages.maps import map_of
from server.pages.results import shortened
from server.pages.sending import Page, Reading, moved, reading, send
from server.pages.shapes import Dot, Line, shapes_of
from server.pages.shelf import Shelves
from server.pages.terms import Teller, kinds
from server.sparql.delivery import Delivery
from server.sparql.preview import preview
from server.workers.query import Failure

LONGEST = 2000
INCOMING = 60
SECONDS = "3"
_BAD = re.compile(r'[\x00-\x20<>"{}|^`\\]')
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_NAMES = tuple(iri(one) for one in ("skos:prefLabel", "rdfs:label", "schema:name", "foaf:name"))


@dataclass(frozen=True, slots=True)
class Incoming:
    """Things that refer to this one by one property; `more` when only the first are listed."""

    title: str
    things: tuple[tuple[str, str], ...]
    """Name and path of the page."""


class EntityPages:
    """Makes the pages."""

    def __init__(self, shelves: Shelves) -> None:
        self._shelves = shelves

    async def page(self, call: Call) -> None:
        """`/resource?iri=`: any thing; programs are led to its RDF, readers to its own page if it has one."""
        address = call.asked.one("iri")
        if not _SCHEME.match(address) or _BAD.search(address) or len(address) > LONGEST:
            raise Problem(problems.BAD_REQUEST, Words("Ange en hel IRI: ?iri=…", "Give a whole IRI: ?iri=…"))
        if not call.asked.wants_html:
            await send(call, moved(f"/data?iri={quote(address, safe='')}"))
            return
        read = await asyncio.to_thread(reading, self._shelves, call)
        if own := read.shelf.page(address):
            await send(call, moved(own))
            return
        if tombstone := read.shelf.buried(iri=address):
            raise gone(tombstone)
        incoming, more = await self._incoming(call, read, address)
        body = await asyncio.to_thread(_page, read, address, incoming, more)
        await send(call, Page(body))

    async def _incoming(self, call: Call, read: Reading, address: str) -> tuple[list[Incoming], bool]:
        """What refers to a thing; asked with a short deadline, and left out when the engine is busy."""
        text = f"SELECT ?property ?thing WHERE {{ ?thing ?property <{address}> }} LIMIT {INCOMING + 1}"
        passed = call.service.gate.examine(text)
        delivery = Delivery(call, passed, Choice(HTML, HTML.media_type))
        delivery.seconds = float(SECONDS)
        try:
            shown = await preview(delivery)
        except Failure:
            return [], True
        teller = Teller(read.shelf, read.language)
        grouped: dict[str, list[str]] = {}
        for key, thing in ((row[0].link, row[1].link) for row in shown.rows[:INCOMING]):
            if key and thing:
                grouped.setdefault(key, []).append(thing)
        found = [
            Incoming(
                teller.field_name(key),
                tuple((teller.name(one) or shortened(one), teller.page(one)) for one in things),
            )
            for key, things in grouped.items()
        ]
        return found, len(shown.rows) > INCOMING


def _page(read: Reading, address: str, incoming: list[Incoming], more: bool) -> bytes:
    teller = Teller(read.shelf, read.language)
    pairs = tuple(read.shelf.graph.iterate(f"<{address}>"))
    fields = teller.fields(address, (iri("rdf:type"),))
    if not fields and not incoming:
        shown = address[:200]
        raise Problem(
            problems.NOT_FOUND, Words(f"Grafen känner inte {shown}.", f"The graph knows no {shown}.")
        )
    title = teller.name(address)
    own = [(teller.name(one) or shortened(one), teller.page(one)) for one in kinds(pairs)]
    return render(
        "entity.html",
        read.asked,
        address=address,
        title=title or shortened(address),
        kinds=own,
        fields=[field for field in fields if not (field.property in _NAMES and len(field.values) == 1)],
        incoming=incoming,
        more=more,
        map=_map(read, address, title),
        own=address.startswith(read.shelf.manifest.base),
    )


def _map(read: Reading, address: str, title: str) -> Markup | None:
    wkt = [term for key, term in read.shelf.graph.iterate(f"<{address}>") if key == f"<{iri('geo:asWKT')}>"]
    for key, term in read.shelf.graph.iterate(f"<{address}>"):
        if key == f"<{iri('geo:hasGeometry')}>":
            wkt += [found for one, found in read.shelf.graph.iterate(term) if one == f"<{iri('geo:asWKT')}>"]
    shapes = [shape for term in wkt for shape in shapes_of(value(term), title)]
    dots = [shape for shape in shapes if isinstance(shape, Dot)]
    return map_of(dots, [shape for shape in shapes if isinstance(shape, Line)])
