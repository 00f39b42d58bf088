"""Which values a field could have had, for a rule that looks its value up in a code list."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

import pyoxigraph as ox

from ontology import FOLDER as ONTOLOGY
from shapes.graph import Index, ShapesGraph
from shapes.paths import items
from shapes.terms import Term, is_blank, language, plain, sh

_LABEL = ox.NamedNode("http://www.w3.org/2004/02/skos/core#prefLabel")
_INSIDE = tuple(map(sh, ("node", "or", "qualifiedValueShape")))
_MAX_DEPTH = 4
_ENOUGH = 0.5


@dataclass(frozen=True, slots=True)
class Choice:
    """One permitted value with its label in the language asked for."""

    value: str
    label: str


class CodeLists:
    """The code lists of a shapes graph, with their labels in one language."""

    def __init__(self, graph: ShapesGraph, preferred: str) -> None:
        self._index = Index(graph.triples)
        self._labels = _labels(preferred)
        self._choices: dict[str, tuple[Choice, ...]] = {}
        self._nearest: dict[tuple[str, str], tuple[Choice, ...]] = {}

    def choices(self, shape: str) -> tuple[Choice, ...]:
        """The list a shape refers to, through `sh:node` and `sh:or`; empty where there is none."""
        if shape not in self._choices:
            found = [] if is_blank(shape) else _members(ox.NamedNode(shape), self._index, 0)
            values = [plain(str(term)) for term in found]
            self._choices[shape] = tuple(Choice(value, self._labels.get(value, "")) for value in values)
        return self._choices[shape]

    def nearest(self, shape: str, value: str, count: int = 3) -> tuple[Choice, ...]:
        """The choices most like what was written, the best first; none that is not like it at all."""
        key = (shape, value)
        if key not in self._nearest:
            wanted = _last_part(value)
            ranked = sorted(
                ((_likeness(wanted, c), c) for c in self.choices(shape)), key=lambda pair: -pair[0]
            )
            self._nearest[key] = tuple(choice for likeness, choice in ranked[:count] if likeness >= _ENOUGH)
        return self._nearest[key]


def _likeness(wanted: str, choice: Choice) -> float:
    candidates = (_last_part(choice.value), choice.label.lower())
    return max(SequenceMatcher(None, wanted, candidate).ratio() for candidate in candidates)


def _last_part(value: str) -> str:
    return value.rstrip("/").rpartition("/")[2].rpartition("#")[2].lower()


def _members(node: Term, index: Index, depth: int) -> list[Term]:
    if depth > _MAX_DEPTH:
        return []
    found = [m for head in index.objects(node, sh("in")) for m in items(head, index.objects)]
    for predicate in _INSIDE:
        for inner in index.objects(node, predicate):
            members = items(inner, index.objects) if predicate == sh("or") else [inner]
            found += [m for member in members for m in _members(member, index, depth + 1)]
    return found


@lru_cache(maxsize=2)
def _labels(preferred: str) -> Mapping[str, str]:
    """Labels of all codes in the ontology, in one language or else in any."""
    found: dict[str, str] = {}
    for path in sorted(ONTOLOGY.glob("codes/*.ttl")):
        for quad in ox.parse(path=path, format=ox.RdfFormat.TURTLE):
            node = plain(str(quad.subject))
            if quad.predicate == _LABEL and (node not in found or language(str(quad.object)) == preferred):
                found[node] = plain(str(quad.object))
    return found
