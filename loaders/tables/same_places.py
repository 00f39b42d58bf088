"""Finds the same place in two sources: linked when ids agree, reported when only name and distance do."""

import math
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby, product
from sys import intern
from typing import Final, NamedTuple

from pyoxigraph import NamedNode, Triple

from ontology import iri

_SAME: Final = NamedNode(iri("owl:sameAs"))
_TOLD: Final = {
    f"<{predicate}>".encode(): told
    for predicate, told in (
        (iri("rdf:type"), "kind"),
        (iri("schema:name"), "name"),
        (iri("schema:latitude"), "latitude"),
        (iri("schema:longitude"), "longitude"),
        (iri("schema:sameAs"), "id"),
        (iri("owl:sameAs"), "id"),
        ("http://environment.data.gov.uk/def/bathing-water/bathingWater", "id"),
    )
}
"""The predicates that matter for comparing, as they stand in N-Triples, and what they tell."""
_GENERAL: Final = frozenset({iri("schema:Place"), iri("geo:Feature")})  # every place has them
_NEAR: Final = 150.0  # metres; positions of one place by two hands are seldom further apart
_CELL: Final = 0.005  # degrees; wider than _NEAR in both directions up to 70 degrees north
_AHEAD: Final = ((0, 1), (1, -1), (1, 0), (1, 1))
_CROWD: Final = 50  # what so many places share tells none of them from another
_MANY: Final = range(2, _CROWD)


@dataclass(slots=True)
class Place:
    """What is known of a place for comparing: its source, classes, name, position and the ids it claims."""

    iri: str
    source: str
    kinds: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
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


def read_places(source: str, lines: Iterable[bytes]) -> Iterator[Place]:
    """The places of one source that have a position, out of its rows as sorted lines of N-Triples.

    Sorted, all that is said of a place stands together: no more than one is held at a time.
    """
    for subject, group in groupby(lines, lambda line: line.partition(b" ")[0]):
        place = Place(subject[1:-1].decode(), source)
        for line in group:
            predicate, _, value = line[len(subject) + 1 :].partition(b" ")
            if predicate in _TOLD:
                _take(place, _TOLD[predicate], value.rstrip(b" .\n"))
        if place.latitude is not None and place.longitude is not None:
            yield place


def _take(place: Place, told: str, term: bytes) -> None:
    value = _value(term)
    if told == "kind" and value not in _GENERAL:
        place.kinds += (intern(value),)
    elif told == "id":
        place.ids += (value,)
    elif told == "name":
        place.name = value
    elif told == "latitude":
        place.latitude = float(value)
    elif told == "longitude":
        place.longitude = float(value)


def _value(term: bytes) -> str:
    """An IRI or a lexical value; what is escaped in a name is a quotation mark or a backslash."""
    if term.startswith(b"<"):
        return term[1:-1].decode()
    return re.sub(rb"\\(.)", rb"\1", term[1 : term.rindex(b'"')]).decode()


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
        for one, other in _pairs(product(group, group)) if len(group) in _MANY else ():
            if (one.iri, other.iri) not in seen:
                seen.add((one.iri, other.iri))
                yield Match(one, other, shared, _metres(one, other))


def _by_name(places: list[Place]) -> Iterator[Match]:
    """Each cell of a grid is compared with itself and four of its neighbours, so each pair is met once."""
    cells: dict[tuple[str, int, int], list[Place]] = defaultdict(list)
    for place in places:
        if name := _bare(place.name):
            cells[(name, *_cell(place))].append(place)
    for (name, row, column), group in cells.items():
        near = [place for i, j in _AHEAD for place in cells.get((name, row + i, column + j), ())]
        pairs = [*product(group, group), *product(group, near)] if len(group) + len(near) < _CROWD else ()
        for one, other in sorted(_pairs(pairs), key=lambda pair: (pair[0].iri, pair[1].iri)):
            metres = _metres(one, other)
            if metres <= _NEAR:
                yield Match(one, other, None, metres)


def _cell(place: Place) -> tuple[int, int]:
    return math.floor((place.latitude or 0) / _CELL), math.floor((place.longitude or 0) / _CELL)


def _pairs(pairs: Iterable[tuple[Place, Place]]) -> Iterator[tuple[Place, Place]]:
    """Those from two sources, of a common kind, each once in the order of their IRIs."""
    seen = set()
    for pair in pairs:
        one, other = sorted(pair, key=lambda place: place.iri)
        key = (one.iri, other.iri)
        alike = one.source != other.source and one.iri != other.iri and set(one.kinds) & set(other.kinds)
        if alike and key not in seen:
            seen.add(key)
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
