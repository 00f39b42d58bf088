"""Tells the difference of two releases: as text for people, as JSON, and as Activity Streams in Turtle."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from typing import Final

import pyoxigraph as ox

from loaders.history.compare import Change, Comparison, Kind, SourceChanges
from ontology import PREFIXES, iri

_MARKS: Final[Mapping[Kind, str]] = {"came": "+", "went": "-", "changed": "~"}
_ACTIVITIES: Final[Mapping[Kind, str]] = {"came": "as:Create", "went": "as:Delete", "changed": "as:Update"}
_OURS: Final = "(said by ODIS itself)"


def as_text(comparison: Comparison) -> str:
    """For people: a line for each dataset, under its source."""
    lines = [f"{comparison.old.id} → {comparison.new.id}"]
    for source in comparison.sources:
        counts = ", ".join(f"{len(source.of(kind)):,} {kind}" for kind in _MARKS)
        lines += ["", f"{source.source or _OURS}: {counts}{_triples(source)}"]
        lines += (f"  {_MARKS[change.kind]} {_line(change)}" for change in source.changes)
    if not comparison.sources:
        lines.append("nothing is different")
    return "\n".join(lines) + "\n"


def _triples(source: SourceChanges) -> str:
    if source.before is None:
        return "; the source is new" if source.source else ""
    if source.now is None:
        return "; the source is no longer there"
    return f"; {source.before:,} → {source.now:,} triples"


def _line(change: Change) -> str:
    paths = ", ".join("/".join(map(short, path)) for path in change.properties)
    return f"{change.title or '(no title)'} <{change.iri}>{f': {paths}' if paths else ''}"


def short(term: str) -> str:
    """An IRI with a prefix where one of ours fits."""
    fitting = [prefix for prefix, start in PREFIXES.items() if term.startswith(start)]
    if not fitting:
        return f"<{term}>"
    prefix = max(fitting, key=lambda one: len(PREFIXES[one]))
    return f"{prefix}:{term.removeprefix(PREFIXES[prefix])}"


def as_json(comparison: Comparison) -> str:
    """For programs."""
    told = {
        "old": comparison.old.id,
        "new": comparison.new.id,
        "sources": [asdict(source) for source in comparison.sources],
    }
    return json.dumps(told, ensure_ascii=False, indent=1) + "\n"


def as_turtle(comparison: Comparison) -> str:
    """As activities, like those of the change feed; the subjects of an update are what changed."""
    triples = (triple for source in comparison.sources for triple in _activities(comparison, source))
    return (ox.serialize(triples, format=ox.RdfFormat.TURTLE, prefixes=PREFIXES) or b"").decode()


def _activities(comparison: Comparison, source: SourceChanges) -> Iterator[ox.Triple]:
    base = comparison.new.manifest.base
    for change in source.changes:
        key = f"{comparison.old.id} {comparison.new.id} {change.iri}"
        node = ox.NamedNode(f"{base}id/change/{hashlib.sha256(key.encode()).hexdigest()[:32]}")
        for name, value in _statements(comparison, source, change):
            yield ox.Triple(node, ox.NamedNode(iri(name)), value)


def _statements(
    comparison: Comparison, source: SourceChanges, change: Change
) -> Iterator[tuple[str, ox.NamedNode | ox.Literal]]:
    manifest = comparison.new.manifest
    yield "rdf:type", ox.NamedNode(iri(_ACTIVITIES[change.kind]))
    yield "as:object", ox.NamedNode(change.iri)
    yield "as:published", ox.Literal(manifest.created, datatype=ox.NamedNode(iri("xsd:dateTime")))
    if source.source:
        yield "as:origin", ox.NamedNode(f"{manifest.base}graph/source/{source.source}")
    if change.title:
        yield "as:summary", ox.Literal(change.title)
    for property_ in sorted({path[-1] for path in change.properties}):
        yield "dcterms:subject", ox.NamedNode(property_)


WRITERS: Final[Mapping[str, Callable[[Comparison], str]]] = {
    "text": as_text,
    "json": as_json,
    "turtle": as_turtle,
}
"""How a comparison can be told."""
