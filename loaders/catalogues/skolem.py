"""Names for blank nodes: the same content gives the same IRI, whatever the order and labels of the file.

A blank node is named by a hash of what hangs on it and of the place where it hangs. That is linear, and a
change in one dataset does not rename the nodes of another, as the numbers of RDFC-1.0 would. Only where nodes
go in circles, or where nodes that look alike hang on shared ones, is a search needed: that part alone is
labelled by RDFC-1.0. Its worst case is exponential; who runs this sets a time limit.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256

import pyoxigraph as ox

DIGITS = 32
"""Hexadecimal digits of a name: 128 bits, so that two nodes never get the same one by chance."""

Link = tuple[bytes, bytes]
"""Predicate and what is at the other end, in N-Triples form."""

Triple = tuple[bytes, bytes, bytes]


def split(line: bytes) -> Triple:
    """Take a line of N-Triples apart: subject, predicate, object."""
    subject, predicate, rest = line.split(b" ", 2)
    return subject, predicate, rest[:-3]


def has_blank(line: bytes) -> bool:
    """Whether the subject or the object of a line of N-Triples is a blank node."""
    return line.startswith(b"_:") or (b"> _:" in line and split(line)[2].startswith(b"_:"))


def skolemise(lines: Iterable[bytes], prefix: str) -> Iterator[bytes]:
    """Put IRIs in the place of blank nodes.

    Args:
        lines: N-Triples; all lines of one graph that hold a blank node.
        prefix: what the IRIs begin with.
    """
    graph = _Graph(lines)
    parts = [
        _named_by_place(graph, members) or _named_by_search(graph, members) for members in graph.components()
    ]
    twins: Counter[str] = Counter()
    clashes = _clashes(parts)
    for part in parts:
        # Parts that are alike in everything are numbered: any order gives the same triples.
        more = [f"part {part.key}"] if clashes.intersection(part.names.values()) else []
        more += [f"twin {twins[part.key]}"] if twins[part.key] else []
        twins[part.key] += 1
        iris = {
            node: f"<{prefix}{_hash(name, *more) if more else name}>".encode()
            for node, name in part.names.items()
        }
        for subject, predicate, value in part.triples:
            yield b"%s %s %s .\n" % (iris.get(subject, subject), predicate, iris.get(value, value))


def _clashes(parts: Iterable["_Part"]) -> set[str]:
    """Names that stand in parts which are not alike: what is around them has to tell them apart too."""
    first: dict[str, str] = {}
    return {
        name for part in parts for name in part.names.values() if first.setdefault(name, part.key) != part.key
    }


def _hash(*parts: str) -> str:
    return sha256("\n".join(parts).encode()).hexdigest()[:DIGITS]


class _Graph:
    """The triples with blank nodes, by their ends, and a hash of what hangs below each node.

    `below` lacks the nodes from which a circle can be reached; it holds children before parents.
    """

    def __init__(self, lines: Iterable[bytes]) -> None:
        self.outgoing: dict[bytes, list[Link]] = {}
        self.incoming: dict[bytes, list[Link]] = {}
        for line in dict.fromkeys(lines):
            subject, predicate, value = split(line)
            for node in (subject, value):
                if node.startswith(b"_:"):
                    self.outgoing.setdefault(node, [])
                    self.incoming.setdefault(node, [])
            if subject in self.outgoing:
                self.outgoing[subject].append((predicate, value))
            if value in self.incoming:
                self.incoming[value].append((predicate, subject))
        self.below = self._below()
        self.alike = Counter(self.below.values())

    def _below(self) -> dict[bytes, str]:
        """Hash the content of each node, leaves first (Kahn's order)."""
        waiting = {
            node: sum(value in self.outgoing for _, value in links) for node, links in self.outgoing.items()
        }
        ready = [node for node, number in waiting.items() if number == 0]
        below: dict[bytes, str] = {}
        while ready:
            node = ready.pop()
            below[node] = self._content(node, below)
            for _, parent in self.incoming[node]:
                if parent in waiting:
                    waiting[parent] -= 1
                    if waiting[parent] == 0:
                        ready.append(parent)
        return below

    def _content(self, node: bytes, below: Mapping[bytes, str]) -> str:
        return _hash(*sorted(f"{p.decode()} {below.get(v) or v.decode()}" for p, v in self.outgoing[node]))

    def components(self) -> Iterator[list[bytes]]:
        """The nodes that hang together, with parents before children where there is no circle."""
        place = {node: index for index, node in enumerate(self.below)}
        seen: set[bytes] = set()
        for start in self.outgoing:
            if start in seen:
                continue
            seen.add(start)
            members = [start]
            for node in members:  # grows while it is walked
                for _, other in (*self.outgoing[node], *self.incoming[node]):
                    if other in self.outgoing and other not in seen:
                        seen.add(other)
                        members.append(other)
            members.sort(key=lambda node: place.get(node, -1), reverse=True)
            yield members

    def triples(self, members: Iterable[bytes]) -> set[Triple]:
        """All triples that touch one of the nodes."""
        found: set[Triple] = set()
        for node in members:
            found.update((node, predicate, value) for predicate, value in self.outgoing[node])
            found.update((subject, predicate, node) for predicate, subject in self.incoming[node])
        return found


@dataclass(frozen=True, slots=True)
class _Part:
    """Blank nodes that hang together, their names, and the triples they are in."""

    names: Mapping[bytes, str]
    triples: Collection[Triple]
    key: str
    """The same for parts that are alike in everything."""


def _named_by_place(graph: _Graph, members: list[bytes]) -> _Part | None:
    """Name nodes by what is below and above them; None when that does not tell them apart for certain."""
    if any(node not in graph.below for node in members):
        return None
    shared = any(len(graph.incoming[node]) > 1 for node in members)
    names: dict[bytes, str] = {}
    seen: Counter[str] = Counter()
    for node in members:
        content, above = graph.below[node], graph.incoming[node]
        if len(above) > 1 and graph.alike[content] == 1:
            above = []  # what is shared is known by its content: who refers to it may come and go
        name = _hash(content, *sorted(f"{p.decode()} {names.get(s) or s.decode()}" for p, s in above))
        if seen[name] and shared:
            return None
        names[node] = _hash(name, f"sibling {seen[name]}") if seen[name] else name
        seen[name] += 1
    return _Part(names, graph.triples(members), _hash(*sorted(names.values())))


def _named_by_search(graph: _Graph, members: list[bytes]) -> _Part:
    """Name nodes by RDFC-1.0 and a hash of the canonical triples."""
    text = b"".join(b"%s %s %s .\n" % triple for triple in graph.triples(members))
    dataset = ox.Dataset(ox.parse(text, ox.RdfFormat.N_TRIPLES, lenient=True))
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    lines = sorted(b"%s .\n" % str(quad.triple).encode() for quad in dataset)
    whole = sha256(b"".join(lines)).hexdigest()
    triples = [split(line) for line in lines]
    labels = {end for s, _, o in triples for end in (s, o) if end.startswith(b"_:")}
    return _Part({label: _hash(whole, label.decode()) for label in labels}, triples, whole)
