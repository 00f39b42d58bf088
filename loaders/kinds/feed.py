"""LDES of activities (DCAT-AP Feeds): every change of an entity since the beginning, page by page.

What an entity is now is the payload of its newest activity, unless that says that it was deleted. Pages that
were read stay part of the source when the server lets go of them, so that its retention loses nothing; a page
that the server calls immutable is never asked for again.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox
from pyoxigraph import DefaultGraph, NamedNode, Quad

from loaders.catalogues.rdf import Input, quads
from loaders.harvest.documents import Document
from loaders.harvest.walk import Walk
from loaders.isolate import Step
from ontology import iri
from ontology.errors import SourceError

ACCEPT: Final = "application/trig, application/ld+json;q=0.9, text/turtle;q=0.5, */*;q=0.1"

_TYPE = NamedNode(iri("rdf:type"))
_OBJECT = NamedNode(iri("as:object"))
_PUBLISHED = NamedNode(iri("as:published"))
_DELETE = NamedNode(iri("as:Delete"))
_ONWARD = (NamedNode(iri("tree:node")), NamedNode(iri("tree:view")))
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def harvest(walk: Walk, address: str) -> tuple[Document, ...]:
    """All pages of the feed, those of earlier harvests first."""
    waiting, seen = deque([address]), {address}
    while waiting:
        page = waiting.popleft()
        known = walk.known.get(page)
        document = walk.reuse(known) if known and known.immutable else walk.fetch(page, ACCEPT)
        for found in walk.look("feed:look", document)["pages"]:
            if found not in seen:
                seen.add(found)
                waiting.append(found)
    for document in walk.before:
        if document.name not in seen:
            walk.reuse(document)
    # The way through the pages may change; the order of the documents must not.
    return tuple(sorted(walk.documents, key=lambda document: document.name))


def look(argument: Mapping[str, Any], step: Step) -> dict[str, Any]:
    """The pages that a page leads to."""
    document = Input(Path(argument["path"]), argument["address"], argument["hint"])
    found = {
        quad.object.value.partition("#")[0]
        for quad in quads(document)
        if quad.predicate in _ONWARD and isinstance(quad.object, NamedNode)
    }
    return {"pages": sorted(found - {document.base})}


@dataclass(slots=True)
class _Activity:
    """What the pages say about an activity; those without a time come before all others."""

    object: str = ""
    published: datetime = _LONG_AGO
    deleted: bool = False
    place: int = field(default=0, compare=False)


def newest(documents: Iterable[Input]) -> frozenset[str]:
    """The graphs that hold what each entity is now; SourceError when there is no activity at all."""
    activities = dict(_activities(documents))
    last: dict[str, tuple[datetime, int, str]] = {}
    for name, activity in activities.items():
        if activity.object:
            found = (activity.published, activity.place, name)
            last[activity.object] = max(found, last.get(activity.object, found))
    if not last:
        raise SourceError("there is no activity in it; expected a feed whose members are activities")
    return frozenset(name for _, _, name in last.values() if not activities[name].deleted)


def _activities(documents: Iterable[Input]) -> Iterator[tuple[str, _Activity]]:
    found: dict[str, _Activity] = {}
    for document in documents:
        for quad in quads(document):
            if quad.predicate in (_OBJECT, _PUBLISHED, _TYPE) and isinstance(quad.graph_name, DefaultGraph):
                _note(found.setdefault(str(quad.subject), _Activity(place=len(found))), quad)
    for name, activity in found.items():
        yield name.strip("<>"), activity


def _note(activity: _Activity, quad: Quad) -> None:
    if quad.predicate == _OBJECT:
        activity.object = str(quad.object)
    elif quad.predicate == _PUBLISHED and isinstance(quad.object, ox.Literal):
        activity.published = _moment(quad.object.value)
    elif quad.object == _DELETE:
        activity.deleted = True


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return _LONG_AGO
    return found if found.tzinfo else found.replace(tzinfo=UTC)
