"""What stands around a node in the data: the dataset it belongs to, its title, its publisher."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ontology import iri
from shapes.terms import is_nameless, language, plain

_TITLES: Final = tuple(f"<{iri(name)}>" for name in ("dcterms:title", "foaf:name", "vcard:fn"))
_PUBLISHER: Final = f"<{iri('dcterms:publisher')}>"
_TYPE: Final = f"<{iri('rdf:type')}>"
_OWNS: Final = f"<{iri('dcat:distribution')}>"
# Whoever uses a contact or a service lends it its publisher, but does not own its faults: others use it too.
_USES: Final = frozenset(
    f"<{iri(name)}>"
    for name in (
        "dcat:dataset",
        "dcat:service",
        "dcat:accessService",
        "dcat:contactPoint",
        "dcat:catalog",
        "dcterms:hasPart",
        "dcterms:conformsTo",
        "dcterms:license",
        "foaf:page",
    )
)
_WHOLES: Final = {
    f"<{iri(name)}>": number
    for number, name in enumerate(("dcat:Dataset", "dcat:DatasetSeries", "dcat:DataService", "dcat:Catalog"))
}
_MAX_STEPS = 8


@dataclass(slots=True)
class _Links:
    titles: dict[str, list[str]] = field(default_factory=dict)
    publishers: dict[str, str] = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)
    users: dict[str, str] = field(default_factory=dict)
    wholes: dict[str, str] = field(default_factory=dict)


class Surroundings:
    """Answers for nodes in N-Triples form; a node the data does not describe belongs to itself."""

    def __init__(self, links: _Links) -> None:
        self._links = links
        self._agents = frozenset(links.publishers.values())

    def owner(self, node: str) -> str:
        """The dataset, series, service or catalogue a node belongs to; else the nearest node with an IRI."""
        named = node
        for _ in range(_MAX_STEPS):
            if node in self._links.wholes:
                return node
            parent = self._links.parents.get(node)
            if parent is None:
                break
            if is_nameless(named):
                named = parent
            node = parent
        return named

    def publisher(self, node: str) -> str:
        """The publisher of a node, or of what it belongs to, or itself if it publishes; else empty."""
        for _ in range(_MAX_STEPS):
            if node in self._agents:
                return node
            if found := self._links.publishers.get(node):
                return found
            parent = self._links.parents.get(node) or self._links.users.get(node)
            if parent is None:
                return ""
            node = parent
        return ""

    def kind(self, node: str) -> str:
        """IRI of the class of a dataset, series, service or catalogue; empty for anything else."""
        return plain(self._links.wholes[node]) if node in self._links.wholes else ""

    def title(self, node: str, preferred: str) -> str:
        """The title or name in this language, else in any; empty when there is none."""
        found = self._links.titles.get(node, [])
        best = next((literal for literal in found if language(literal) == preferred), None)
        return plain(best or found[0]) if found else ""


def read_surroundings(data: Path) -> Surroundings:
    """Reads titles, publishers and links from an N-Triples file, in one pass, line by line."""
    links = _Links()
    with data.open(encoding="utf-8") as lines:
        _read(lines, links)
    return Surroundings(links)


def _read(lines: Iterable[str], links: _Links) -> None:
    for line in lines:
        subject, _, rest = line.partition(" ")
        predicate, _, value = rest.partition(" ")
        if predicate == _TYPE:
            _note_kind(subject, _term(value), links)
        elif predicate in _TITLES:
            links.titles.setdefault(subject, []).append(_term(value))
        elif predicate == _PUBLISHER:
            links.publishers.setdefault(subject, _term(value))
        elif predicate == _OWNS or is_nameless(value):
            links.parents.setdefault(_term(value), subject)
        elif predicate in _USES:
            links.users.setdefault(_term(value), subject)


def _note_kind(subject: str, kind: str, links: _Links) -> None:
    rank = _WHOLES.get(kind)
    if rank is not None and rank <= _WHOLES.get(links.wholes.get(subject, ""), len(_WHOLES)):
        links.wholes[subject] = kind


def _term(rest: str) -> str:
    """The object at the end of a line of canonical N-Triples."""
    return rest.rstrip().removesuffix(".").rstrip()
