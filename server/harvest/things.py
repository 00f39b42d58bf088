"""Every IRI of ours leads somewhere: 303 to a description, 301 when it moved, 410 when it is gone."""

import asyncio
import re
from collections.abc import Sequence
from itertools import islice
from typing import Final

from loaders.views.profiles import EUROPEAN
from loaders.views.read import OpenViews, Row
from loaders.views.records import KINDS
from loaders.views.self_description import main_catalogue
from loaders.views.sweep import record_node
from loaders.views.syntaxes import SYNTAXES, Syntax
from loaders.views.terms import Node, name, names, quote, types
from server.harvest.choice import SYNTAX
from server.harvest.holder import ViewsHolder
from server.harvest.sending import FRESH, Sheet, etag_of, send_text
from server.http import problems
from server.http.endpoint import Call
from server.http.negotiation import HTML, JSONLD, NTRIPLES, RDFXML, TURTLE, Choice, by_accept, by_name
from server.http.problems import Problem
from server.http.request import Asked
from server.http.words import Words

_OFFERS = (TURTLE, JSONLD, RDFXML, NTRIPLES)
_OURS = re.compile(r".*?/((?:id|\.well-known/genid)/.+)")
_DATA = re.compile(r".*?/data/((?:id|\.well-known/genid)/.+?)(?:\.(ttl|rdf|jsonld|nt))?")
_CATALOGUE = re.compile(r"id/catalogue/([A-Za-z0-9-]+)")
_RECORD = re.compile(r"id/record/([0-9a-f]{16})")
_SAME: Final = names("owl:sameAs", "dcterms:isReplacedBy")
_WITHDRAWN = "<http://publications.europa.eu/resource/authority/distribution-status/WITHDRAWN>"
MOST: Final = 10_000
"""Statements given about one thing; only catalogues have more, and those have addresses of their own."""
VARY = ("Accept", "Accept-Encoding")


async def thing(holder: ViewsHolder, call: Call) -> None:
    """`/id/…` and `/.well-known/genid/…`: where the description of a thing is."""
    match = _OURS.fullmatch(call.asked.path)
    if match is None:
        raise _missing(call.asked.path)
    path = match[1]
    async with holder.use() as views:
        if catalogue := _CATALOGUE.fullmatch(path):
            await _see_other(call, _catalogue_address(views, path, catalogue[1]))
            return
        node = about(views, f"{views.base}{path}", 2)
        if moved := _moved_to(node):
            headers = {"Location": moved, "Cache-Control": FRESH}
            await call.reply.whole(301, headers)
            return
        row = _row(views, path)
        if not node.pairs and row is None:
            raise _missing(path)
        choice = by_accept(call.asked.accept, (*_OFFERS, HTML))
        if choice and choice.format is HTML and holder.page:
            await _see_other(call, holder.page(views.base, row.iri if row else f"{views.base}{path}"))
        elif row is not None and row.deleted:
            await _gone(call, views, row)
        else:
            ending = choice.format.ending if choice and choice.format is not HTML else TURTLE.ending
            await _see_other(call, f"{views.base}data/{path}.{ending}")


async def _see_other(call: Call, address: str) -> None:
    await call.reply.whole(303, {"Location": address, "Vary": "Accept", "Cache-Control": FRESH})


def _catalogue_address(views: OpenViews, path: str, slug: str) -> str:
    if f"{views.base}{path}" == main_catalogue(views.base):
        return f"{views.base}catalog"
    if views.publisher(slug) is None:
        raise _missing(path)
    return f"{views.base}catalog/{slug}"


def _moved_to(node: Node) -> str:
    """Where a thing went that says nothing of itself but what it is the same as."""
    if len(node.pairs) == 1 and node.pairs[0][0] in _SAME and node.pairs[0][1][0] == "<":
        return node.pairs[0][1][1:-1]
    return ""


def _row(views: OpenViews, path: str) -> Row | None:
    """The record that an IRI of ours is, or is the catalogue record of."""
    if match := _RECORD.fullmatch(path):
        return views.row_by_id(match[1])
    return views.row(f"{views.base}{path}")


async def data(holder: ViewsHolder, call: Call) -> None:
    """`/data/id/….ttl`: the description of a thing of ours. `/data?iri=`: of anything in the graph."""
    wanted = call.asked.one("iri")
    match = _DATA.fullmatch(call.asked.path)
    if not wanted and match is None:
        raise _missing(call.asked.path)
    choice = _choose(call.asked, match[2] or "" if match else "")
    async with holder.use() as views:
        iri = wanted or f"{views.base}{match[1] if match else ''}"
        if re.search(r'[\x00-\x20<>"{}|^`\\]', iri):
            raise _missing(iri)
        row = _row(views, iri.removeprefix(views.base)) if iri.startswith(views.base) else views.row(iri)
        if row is not None and row.deleted:
            await _gone(call, views, row)
            return
        nodes = await asyncio.to_thread(description, views, row.iri if row else iri)
        if not nodes:
            raise _missing(iri)
        if row is not None:
            nodes.append(record_node(views.base, row.iri, row.times))
        await _send(call, views, nodes, choice, row)


def _choose(asked: Asked, ending: str) -> Choice:
    named = ending or asked.one("format")
    choice = by_name(named, _OFFERS) if named else by_accept(asked.accept, (*_OFFERS, HTML))
    if choice is None:
        raise Problem(
            problems.NOT_ACCEPTABLE,
            Words("Beskrivningen ges i RDF.", "The description is given in RDF."),
            members={"offers": [offer.media_type for offer in _OFFERS]},
        )
    return Choice(TURTLE, TURTLE.media_type) if choice.format is HTML else choice


async def _send(call: Call, views: OpenViews, nodes: Sequence[Node], choice: Choice, row: Row | None) -> None:
    syntax = SYNTAX[choice.format.name]
    text = _written(syntax, nodes)
    subject = nodes[0].subject[1:-1]
    links = [
        f'<{subject}>; rel="http://xmlns.com/foaf/0.1/primaryTopic"',
        *_alternates(views, subject, syntax),
    ]
    modified = row.stamp if row else views.published
    await send_text(call, text, Sheet(choice.media_type, etag_of(text), modified, VARY, tuple(links)))


def _alternates(views: OpenViews, subject: str, here: Syntax) -> list[str]:
    if not subject.startswith(views.base):
        return []
    path = subject.removeprefix(views.base)
    return [
        f'<{views.base}data/{path}.{syntax.ending}>; rel="alternate"; type="{syntax.media_type}"'
        for syntax in SYNTAXES
        if syntax is not here
    ]


def description(views: OpenViews, iri: str) -> list[Node]:
    """What the graph says about a thing; of a dataset also all that belongs to it, in the EU profile."""
    node = about(views, iri, MOST)
    if not types(node.pairs) & KINDS.keys():
        return list(views.records.around(node).nodes) if node.pairs else []
    record = views.records.record(node.subject)
    nodes = [*record.own]
    for shared in record.shared:
        nodes += views.records.entity(shared).nodes
    return [found for node in nodes for found in EUROPEAN.shape(node, views.base)]


def about(views: OpenViews, iri: str, most: int) -> Node:
    """The first statements about a thing; a contact that only the views have is made on the spot."""
    subject = f"<{iri}>"
    pairs = tuple(islice(views.graph.iterate(subject), most))
    return Node(subject, pairs) if pairs else views.records.entity(subject).node


async def _gone(call: Call, views: OpenViews, row: Row) -> None:
    """410 with what is known: what it was called, when it came, since when it is gone."""
    choice = _choose(call.asked, "")
    text = _written(SYNTAX[choice.format.name], [tombstone(views, row)])
    await send_text(call, text, Sheet(choice.media_type, etag_of(text), row.stamp, VARY, status=410))


def tombstone(views: OpenViews, row: Row) -> Node:
    """The catalogue record of something that is gone."""
    node = record_node(views.base, row.iri, row.times)
    title = ((name("dcterms:title"), quote(row.title)),) if row.title else ()
    return Node(node.subject, (*node.pairs, (name("adms:status"), _WITHDRAWN), *title))


def _written(syntax: Syntax, nodes: Sequence[Node]) -> str:
    return syntax.open(nodes[0]) + "".join(map(syntax.node, nodes[1:])) + syntax.close()


def _missing(what: str) -> Problem:
    shown = what[:200]
    return Problem(problems.NOT_FOUND, Words(f"{shown} finns inte.", f"There is no {shown}."))
