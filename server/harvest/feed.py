"""The change feed (DCAT-AP Feeds on LDES): its root with the way to the pages, the pages, the activities."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from loaders.views.feed import (
    FEED_SYNTAXES,
    STEP,
    FeedSyntax,
    activity_iri,
    milliseconds,
    page_iri,
    stream_node,
)
from loaders.views.read import FeedPage, OpenViews
from loaders.views.terms import A, Node, Pair, name, quote
from server.harvest.holder import ViewsHolder
from server.harvest.sending import FOR_EVER, FRESH, Sheet, etag_of, send_stored, send_text
from server.http import problems
from server.http.endpoint import Call
from server.http.negotiation import JSONLD, Format, by_accept
from server.http.problems import Problem
from server.http.request import Asked
from server.http.words import Words

TRIG: Final = Format("trig", "application/trig", "trig", ("text/turtle",))
"""A page is TriG; its root has no named graphs and is Turtle as well."""
_OFFERS = (TRIG, JSONLD)
_SYNTAX = {syntax.name: syntax for syntax in FEED_SYNTAXES}
_PATH = re.compile(r".*/feed(?:/(?P<page>\d{6}))?(?:\.(?P<ending>[a-z]+))?")
_ACTIVITY = re.compile(r".*/feed/activity/(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d\.\d{3})Z")
_VARY = ("Accept", "Accept-Encoding")
_DATE_TIME = name("xsd:dateTime")


async def feed(holder: ViewsHolder, call: Call) -> None:
    """`/feed` and `/feed/000001`, in TriG or JSON-LD by Accept or suffix."""
    match = _PATH.fullmatch(call.asked.path)
    if match is None:
        raise _missing(call.asked.path)
    syntax, media_type = _choose(call.asked, match["ending"] or "")
    async with holder.use() as views:
        if match["page"]:
            await _page(call, views, int(match["page"]), syntax, media_type)
        else:
            await _root(call, views, syntax, media_type)


def _choose(asked: Asked, ending: str) -> tuple[FeedSyntax, str]:
    if ending:
        offer = next((one for one in _OFFERS if one.ending == ending), None)
        found = (offer, offer.media_type) if offer else None
    else:
        choice = by_accept(asked.accept, _OFFERS)
        found = (choice.format, choice.media_type) if choice else None
    if found is None:
        raise Problem(
            problems.NOT_ACCEPTABLE,
            Words("Flödet ges i TriG och JSON-LD.", "The feed is given in TriG and JSON-LD."),
            members={"offers": [offer.media_type for offer in _OFFERS]},
        )
    return _SYNTAX[found[0].name], found[1]


async def _page(call: Call, views: OpenViews, number: int, syntax: FeedSyntax, media_type: str) -> None:
    page = views.feed_page(number)
    if page is None:
        raise _missing(f"feed/{number:06}")
    stored = views.feed_text(page, syntax)
    # Turtle cannot hold the payloads: who asked for it gets TriG under its own name.
    kind = TRIG.media_type if media_type == "text/turtle" else media_type
    cache = FOR_EVER if page.closed else FRESH
    await send_stored(call, views, stored, Sheet(kind, stored.etag, _second(page.last), _VARY, cache=cache))


async def _root(call: Call, views: OpenViews, syntax: FeedSyntax, media_type: str) -> None:
    pages = views.feed_pages()
    first, *rest = root_nodes(views.base, pages)
    text = syntax.open([first, *rest]) + syntax.close()
    modified = _second(pages[-1].last) if pages else ""
    await send_text(call, text, Sheet(media_type, etag_of(text), modified, _VARY))


def root_nodes(base: str, pages: list[FeedPage]) -> list[Node]:
    """The stream and its view: what is kept, and which page holds the activities of which time."""
    view, retention = f"<{base}feed>", f"<{base}feed#retention>"
    relations = [one for page in pages for one in _relations(base, page)]
    links = tuple((name("tree:relation"), node.subject) for node in relations)
    stream = stream_node(base)
    title = (
        (name("dcterms:title"), quote("Ändringar i katalogerna", "sv")),
        (name("dcterms:title"), quote("Changes of the catalogues", "en")),
    )
    return [
        Node(stream.subject, (*stream.pairs, *title)),
        Node(view, ((A, name("tree:Node")), (name("ldes:retentionPolicy"), retention), *links)),
        Node(
            retention,
            (
                (A, name("ldes:LatestVersionSubset")),
                (name("ldes:amount"), quote("1", datatype=name("xsd:integer"))),
            ),
        ),
        *relations,
    ]


def _relations(base: str, page: FeedPage) -> Iterator[Node]:
    """From the first activity on; for a closed page also until after the last."""
    bounds = [("from", "tree:GreaterThanOrEqualToRelation", page.first)]
    if page.closed:
        end = milliseconds(datetime.fromisoformat(page.last) + STEP)
        bounds.append(("until", "tree:LessThanRelation", end))
    for side, kind, moment in bounds:
        pairs: tuple[Pair, ...] = (
            (A, name(kind)),
            (name("tree:node"), f"<{page_iri(base, page.page)}>"),
            (name("tree:path"), name("as:published")),
            (name("tree:value"), quote(moment, datatype=_DATE_TIME)),
        )
        yield Node(f"<{base}feed#{page.page:06}-{side}>", pairs)


async def activity(holder: ViewsHolder, call: Call) -> None:
    """`/feed/activity/TIME`: 303 to the page that holds the activity."""
    match = _ACTIVITY.fullmatch(call.asked.path)
    if match is None:
        raise _missing(call.asked.path)
    published = "{}-{}-{}T{}:{}:{}Z".format(*match.groups())
    async with holder.use() as views:
        page = views.feed_page_of(published)
        if page is None:
            raise _missing(activity_iri(views.base, published))
        where = {"Location": page_iri(views.base, page.page), "Cache-Control": FRESH}
        await call.reply.whole(303, where)


def _second(published: str) -> str:
    """The whole second an activity was published in, as validators use it."""
    return f"{published[:19]}Z"


def _missing(what: str) -> Problem:
    shown = what[:120]
    return Problem(problems.NOT_FOUND, Words(f"{shown} finns inte.", f"There is no {shown}."))
