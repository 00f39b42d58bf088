"""Looks things up in the ontology's own lists: concepts by name, municipalities by publisher."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from ontology import FOLDER, graph_files, iri

Concepts = Mapping[str, str]
"""IRIs of the concepts of one scheme by notation and label, without case."""

_IN_SCHEME: Final = (iri("skos:inScheme"), iri("skos:topConceptOf"))
_NAMES: Final = (iri("skos:notation"), iri("skos:prefLabel"), iri("skos:altLabel"), iri("skos:hiddenLabel"))
_KOMMUNKOD: Final = iri("wdt:P525")


def code_lists(schemes: Iterable[str], specification: Path) -> dict[str, Concepts]:
    """The concepts of several schemes, from the ontology and from the specification's own ``codes.ttl``.

    A scheme that nothing defines has no concepts: then cells keep their text.
    """
    wanted = set(schemes)
    triples = list(_triples(specification.parent)) if wanted else []
    return {scheme: _concepts(scheme, triples) for scheme in wanted}


def _concepts(scheme: str, triples: list[Triple]) -> Concepts:
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
    for triple in _read(FOLDER / "organisations.ttl"):
        if triple.predicate.value == _KOMMUNKOD and _key(triple.subject) == publisher:
            return _key(triple.object)
    return None


def _key(term: object) -> str:
    return term.value if isinstance(term, (NamedNode, Literal)) else ""


def _triples(folder: Path) -> Iterator[Triple]:
    files = [file for file in graph_files() if file.parent.name == "codes"]
    own = folder / "codes.ttl"
    for file in [*files, *([own] if own.is_file() else [])]:
        yield from _read(file)


def _read(file: Path) -> Iterator[Triple]:
    return (quad.triple for quad in parse(path=file, format=RdfFormat.TURTLE))
