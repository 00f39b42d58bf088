"""Looks things up in the ontology's own lists: concepts by name, municipalities by publisher."""

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Final

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from ontology import FOLDER, graph_files, iri

Concepts = Mapping[str, str]
"""IRIs of the concepts of one scheme by notation and label, without case."""

_IN_SCHEME: Final = (iri("skos:inScheme"), iri("skos:topConceptOf"))
_NAMES: Final = (iri("skos:notation"), iri("skos:prefLabel"), iri("skos:altLabel"), iri("skos:hiddenLabel"))

_KOMMUNKOD: Final = iri("wdt:P525")


def concepts(scheme: str, specification: Path) -> Concepts:
    """The concepts of a scheme, from the ontology and from the specification's own ``codes.ttl``.

    An empty mapping when nothing defines the scheme: then cells keep their text.
    """
    triples = list(_triples(specification.parent))
    members = {
        _key(t.subject) for t in triples if t.predicate.value in _IN_SCHEME and _key(t.object) == scheme
    }
    names: dict[str, str] = {}
    for name in _NAMES:  # a notation wins over a label, a preferred label over another
        for triple in triples:
            subject = _key(triple.subject)
            if triple.predicate.value == name and subject in members and isinstance(triple.object, Literal):
                names.setdefault(triple.object.value.casefold(), subject)
    return names | {member.casefold(): member for member in members}


def municipality_of(publisher: str) -> str | None:
    """The kommunkod of an organisation in organisations.ttl, None when it is no municipality."""
    for triple in _parsed(FOLDER / "organisations.ttl"):
        if triple.predicate.value == _KOMMUNKOD and _key(triple.subject) == publisher:
            return _key(triple.object)
    return None


def _key(term: object) -> str:
    return term.value if isinstance(term, (NamedNode, Literal)) else ""


def _triples(folder: Path) -> Iterable[Triple]:
    files = [file for file in graph_files() if file.parent.name == "codes"]
    own = folder / "codes.ttl"
    for file in [*files, *([own] if own.is_file() else [])]:
        yield from _parsed(file)


@cache
def _parsed(file: Path) -> tuple[Triple, ...]:
    return tuple(quad.triple for quad in parse(path=file, format=RdfFormat.TURTLE))
