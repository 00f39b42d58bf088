"""The catalogue: whole, by page, by publisher, and what changed since a day."""

import asyncio
import re
from datetime import UTC, datetime

from loaders.views.catalogues import Catalogues
from loaders.views.hydra import DEFAULT, page_node
from loaders.views.profiles import Profile
from loaders.views.read import Filter, OpenViews, Row
from loaders.views.schema_shelf import SCHEMA_ORG
from loaders.views.shelf import DocumentKind
from loaders.views.shelves import PAGE
from loaders.views.sweep import record_node
from loaders.views.syntaxes import SYNTAXES
from loaders.views.terms import Node
from server.harvest.choice import ALL_PROFILES, Wanted, choose
from server.harvest.holder import ViewsHolder
from server.harvest.sending import Sheet, etag_of, send_stored, send_text
from server.http import problems
from server.http.endpoint import Call
from server.http.problems import Problem
from server.http.words import Words

_PATH = re.compile(r".*/(?:catalog|datasets/dcat)(?:/(?P<slug>[A-Za-z0-9-]+))?(?:\.(?P<ending>[a-z]+))?/?")
_SINCE = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?(\.\d+)?(Z|[+-]\d\d:?\d\d)?)?")
_KINDS = ("dataset", "series", "service")
VARY = ("Accept", "Accept-Profile", "Accept-Encoding")


async def catalog(holder: ViewsHolder, call: Call) -> None:
    """`/catalog`, `/catalog.ttl`, `/catalog/PUBLISHER`, and `/datasets/dcat` for the national portal."""
    match = _PATH.fullmatch(call.asked.path)
    if match is None:
        raise _missing(call.asked.path)
    wanted = choose(call.asked, match["ending"] or "")
    since = call.asked.one("modified_since")
    async with holder.use() as views:
        if match["slug"]:
            await _stored(call, views, wanted, "publisher", match["slug"])
        elif since:
            await _changed(call, views, wanted, _moment(since), max(_number(call.asked.one("page")), 1))
        elif page := _number(call.asked.one("page")):
            await _stored(call, views, wanted, "page", str(page))
        else:
            await _stored(call, views, wanted, "whole", "")


async def _stored(call: Call, views: OpenViews, wanted: Wanted, kind: DocumentKind, key: str) -> None:
    stored = views.document(wanted.profile.name, wanted.syntax.name, kind, key)
    if stored is None:
        raise _missing(key)
    path = f"catalog/{key}" if kind == "publisher" else "catalog"
    links = _links(views.base, path, wanted)
    await send_stored(call, views, stored, _sheet(wanted, stored.etag, stored.modified, links))


def _sheet(wanted: Wanted, etag: str, modified: str, links: tuple[str, ...]) -> Sheet:
    return Sheet(
        media_type=wanted.media_type,
        etag=etag,
        modified=modified,
        vary=VARY,
        links=links,
        headers={"Content-Profile": f"<{wanted.profile.iri}>"},
    )


def _links(base: str, path: str, wanted: Wanted) -> tuple[str, ...]:
    """The profile of this answer, and where its other syntaxes and profiles are."""
    links = [f'<{wanted.profile.iri}>; rel="profile"']
    for profile in ALL_PROFILES.values():
        query = "" if profile is DEFAULT else f"?profile={profile.name}"
        for syntax in SYNTAXES:
            here = (profile, syntax) == (wanted.profile, wanted.syntax)
            offered = profile is not SCHEMA_ORG or syntax.name == "jsonld"
            if offered and not here and (profile is wanted.profile or syntax.name in ("rdfxml", "jsonld")):
                links.append(
                    f'<{base}{path}.{syntax.ending}{query}>; rel="alternate"; '
                    f'type="{syntax.media_type}"; profile="{profile.iri}"'
                )
    return tuple(links)


async def _changed(call: Call, views: OpenViews, wanted: Wanted, since: str, page: int) -> None:
    """A page of what changed since a moment; made when it is asked for."""
    if wanted.profile is SCHEMA_ORG:
        raise _bad("modified_since", "schema.org")
    sheet = _sheet(
        wanted,
        etag_of(views.created, views.published, wanted.profile.name, wanted.syntax.name, since, str(page)),
        views.published,
        _links(views.base, "catalog", wanted),
    )
    await send_text(call, await asyncio.to_thread(_changed_page, views, wanted, since, page), sheet)


def _changed_page(views: OpenViews, wanted: Wanted, since: str, page: int) -> str:
    rules = Filter(since=since, kinds=_KINDS)
    total = views.count(rules)
    pages = max(-(-total // PAGE), 1)
    if page > pages:
        raise _missing(str(page))
    rows = views.rows(rules, PAGE, (page - 1) * PAGE)
    first, *rest = page_nodes(views, wanted.profile, rows)
    more = f"modified_since={since}&"
    place = page_node(views.base, wanted.profile, wanted.syntax, page, pages, total, PAGE, more)
    nodes = [*rest, place]
    return wanted.syntax.open(first) + "".join(map(wanted.syntax.node, nodes)) + wanted.syntax.close()


def page_nodes(views: OpenViews, profile: Profile, rows: list[Row]) -> list[Node]:
    """The nodes of some records and of all they refer to, under the main catalogue, which comes first."""
    catalogues = Catalogues(views.graph, views.records, views.index, views.base, ())
    links = [(row.iri, row.kind) for row in rows]
    nodes = [catalogues.page(links, profile.records)]
    shared = set(views.records.shared(catalogues.about(catalogues.main)))
    for row in rows:
        record = views.records.record(f"<{row.iri}>")
        nodes += record.own
        shared.update(record.shared)
    for subject in sorted(shared - {f"<{row.iri}>" for row in rows}):
        nodes += views.records.entity(subject).nodes
    shaped = [found for node in nodes for found in profile.shape(node, views.base)]
    if profile.records:
        shaped += [record_node(views.base, row.iri, row.times) for row in rows if row.kind != "service"]
    return shaped


def _moment(text: str) -> str:
    """A date or time as the index writes times; raises Problem for anything else."""
    if not _SINCE.fullmatch(text):
        raise _bad("modified_since", text)
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise _bad("modified_since", text) from error
    found = found if found.tzinfo else found.replace(tzinfo=UTC)
    return found.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _number(text: str) -> int:
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and int(text[:9]) > 0):
        raise _bad("page", text)
    return int(text[:9])


def _bad(name: str, text: str) -> Problem:
    shown = text[:80]
    return Problem(
        problems.BAD_REQUEST,
        Words(f"{name} kan inte vara {shown!r} här.", f"{name} cannot be {shown!r} here."),
        members={"parameter": name},
    )


def _missing(what: str) -> Problem:
    shown = what[:80]
    return Problem(problems.NOT_FOUND, Words(f"{shown} finns inte.", f"There is no {shown}."))
