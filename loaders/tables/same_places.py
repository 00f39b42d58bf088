"""Finds the same place in two sources: linked when ids agree, reported when only name and distance do."""

import math
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import combinations
from typing import Final, NamedTuple

from pyoxigraph import Literal, NamedNode, Triple

from ontology import iri

_LATITUDE, _LONGITUDE, _NAME = iri("schema:latitude"), iri("schema:longitude"), iri("schema:name")
_TYPE: Final = iri("rdf:type")
_SAME: Final = NamedNode(iri("owl:sameAs"))
_IDENTIFYING: Final = frozenset(
    {
        iri("schema:sameAs"),
        iri("owl:sameAs"),
        "http://environment.data.gov.uk/def/bathing-water/bathingWater",
    }
)
_GENERAL: Final = frozenset({iri("schema:Place"), iri("geo:Feature")})  # every place has them
_NEAR: Final = 150.0  # metres; positions of one place by two hands are seldom further apart
_CELL: Final = 0.005  # degrees; wider than _NEAR in both directions up to 70 degrees north


@dataclass(slots=True)
class Place:
    """What is known of a place for comparing: its source, classes, name, position and the ids it claims."""

    iri: str
    source: str
    kinds: set[str] = field(default_factory=set)
    ids: set[str] = field(default_factory=set)
    name: str = ""
    latitude: float | None = None
    longitude: float | None = None


class Match(NamedTuple):
    """Two descriptions of what is, or may be, one place; ``shared`` holds the id they agree on, if any."""

    one: Place
    other: Place
    shared: str | None
    metres: float | None

    @property
    def triple(self) -> Triple | None:
        """The link, when the ids agree; nothing is asserted on name and distance alone."""
        if self.shared is None:
            return None
        return Triple(NamedNode(self.one.iri), _SAME, NamedNode(self.other.iri))

    def sentence(self, language: str) -> str:
        """What a steward is told about a pair that was not linked, in Swedish ("sv") or English."""
        apart = f"{self.metres or 0:.0f} m"
        if language == "sv":
            return (
                f"”{self.one.name}” i {self.one.source} och ”{self.other.name}” i {self.other.source} ligger "
                f"{apart} från varandra och heter lika; ge dem ett gemensamt id om de är samma plats"
            )
        return (
            f"“{self.one.name}” in {self.one.source} and “{self.other.name}” in {self.other.source} are "
            f"{apart} apart and have the same name; give them a common id if they are one place"
        )


def read_places(source: str, triples: Iterable[Triple]) -> list[Place]:
    """The places of one source that have a position, out of its converted rows."""
    places: dict[str, Place] = {}
    for triple in triples:
        if isinstance(triple.subject, NamedNode):
            subject, value = triple.subject.value, triple.object
            if isinstance(value, (NamedNode, Literal)):
                _take(places.setdefault(subject, Place(subject, source)), triple.predicate.value, value.value)
    return [place for place in places.values() if place.latitude is not None and place.longitude is not None]


def _take(place: Place, predicate: str, value: str) -> None:
    if predicate == _TYPE:
        place.kinds.add(value)
    elif predicate in _IDENTIFYING:
        place.ids.add(value)
    elif predicate == _NAME:
        place.name = value
    elif predicate == _LATITUDE:
        place.latitude = float(value)
    elif predicate == _LONGITUDE:
        place.longitude = float(value)


def same_places(places: Iterable[Place]) -> Iterator[Match]:
    """Pairs of one kind from two sources: first those that share an id, then near ones of the same name."""
    everything = list(places)
    linked: set[tuple[str, str]] = set()
    for match in _by_id(everything):
        linked.add((match.one.iri, match.other.iri))
        yield match
    for match in _by_name(everything):
        if (match.one.iri, match.other.iri) not in linked:
            yield match


def _by_id(places: list[Place]) -> Iterator[Match]:
    by_id: dict[str, list[Place]] = defaultdict(list)
    for place in places:
        for known in {*place.ids, place.iri}:
            by_id[known].append(place)
    seen: set[tuple[str, str]] = set()
    for shared, group in sorted(by_id.items()):
        for one, other in _pairs(group):
            if (one.iri, other.iri) not in seen:
                seen.add((one.iri, other.iri))
                yield Match(one, other, shared, _metres(one, other))


def _by_name(places: list[Place]) -> Iterator[Match]:
    by_name: dict[str, list[Place]] = defaultdict(list)
    for place in places:
        if name := _bare(place.name):
            by_name[name].append(place)
    for group in by_name.values():
        for one, other in _pairs(sorted(_close(group), key=lambda place: place.iri)):
            metres = _metres(one, other)
            if metres <= _NEAR:
                yield Match(one, other, None, metres)


def _close(group: list[Place]) -> list[Place]:
    """Those of a group that share a neighbourhood with another: names such as "Badplats" are many."""
    cells: dict[tuple[int, int], int] = defaultdict(int)
    for place in group:
        for cell in _cells(place):
            cells[cell] += 1
    return [place for place in group if any(cells[cell] > 1 for cell in _cells(place))]


def _cells(place: Place) -> list[tuple[int, int]]:
    row, column = int((place.latitude or 0) / _CELL), int((place.longitude or 0) / _CELL)
    return [(row + i, column + j) for i in (0, 1) for j in (0, 1)]


def _pairs(group: list[Place]) -> Iterator[tuple[Place, Place]]:
    """Pairs from two sources, of a common kind, in the order of their IRIs."""
    for first, second in combinations(group, 2):
        one, other = sorted((first, second), key=lambda place: place.iri)
        kinds = (one.kinds & other.kinds) - _GENERAL
        if one.source != other.source and one.iri != other.iri and kinds:
            yield one, other


def _bare(name: str) -> str:
    """A name for comparing: without case, accents, and words that only say what it is."""
    letters = unicodedata.normalize("NFKD", name).casefold()
    words = "".join(c if c.isalnum() else " " for c in letters if not unicodedata.combining(c)).split()
    return " ".join(word for word in words if word not in ("badplats", "utegym", "lekplats", "hundrastgard"))


def _metres(one: Place, other: Place) -> float:
    """Distance on a sphere, good to half a per cent."""
    north = ((one.latitude or 0) - (other.latitude or 0)) * 111_195
    middle = math.radians(((one.latitude or 0) + (other.latitude or 0)) / 2)
    return math.hypot(north, ((one.longitude or 0) - (other.longitude or 0)) * 111_195 * math.cos(middle))
