"""What the change feed calls an entity: its class, its payload and the hash that tells whether it changed."""

import hashlib
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from loaders.views.index import VERSION
from loaders.views.profiles import EUROPEAN
from loaders.views.records import (
    AGENTS,
    CATALOG,
    CONTACTS,
    DATASET,
    DISTRIBUTION,
    SERIES,
    SERVICE,
    Entity,
    Records,
)
from loaders.views.terms import Node, name, types

_RANKS: Final = (
    (frozenset({CATALOG}), 7),
    (frozenset({SERIES}), 5),
    (frozenset({DATASET}), 6),
    (frozenset({DISTRIBUTION}), 4),
    (frozenset({SERVICE}), 3),
    (AGENTS, 0),
    (CONTACTS, 1),
    (frozenset({name("dcterms:LicenseDocument")}), 2),
)
"""Standalone classes, in the order they are looked for; what is referred to has the lower rank."""


def rank(node: Node) -> int | None:
    """The rank of a standalone entity, None for what is embedded in its owner (DCAT-AP Feeds, entities)."""
    kinds = types(node.pairs)
    return next((rank for classes, rank in _RANKS if kinds & classes), None)


class Payloads:
    """Makes the payloads of the feed: entities as the EU profile wants them, without catalogue records."""

    def __init__(self, records: Records, base: str) -> None:
        self._records = records
        self._base = base
        self._embedded = lru_cache(maxsize=4096)(self._embed)

    def shaped(self, nodes: Iterable[Node]) -> Iterable[Node]:
        """Nodes of a payload in the EU profile."""
        for node in nodes:
            yield from EUROPEAN.shape(node, self._base)

    def of(self, entity: Entity) -> list[Node]:
        """The payload of an entity: itself, its inner nodes, what it refers to that stands nowhere else."""
        return self.around(entity, entity.nodes)

    def around(self, entity: Entity, nodes: Iterable[Node]) -> list[Node]:
        """The payload of an entity whose nodes are made and not only read, such as a catalogue."""
        found = list(self.shaped(nodes))
        for subject in self._records.direct(entity):
            found += self._embedded(subject)
        return list(dict.fromkeys(found))

    def _embed(self, subject: str) -> tuple[Node, ...]:
        entity = self._records.entity(subject)
        return () if rank(entity.node) is not None else tuple(self.shaped(entity.nodes))


def digest(nodes: Iterable[Node]) -> str:
    """A hash of what nodes say, the same for every order."""
    lines = {f"{node.subject} {predicate} {term}" for node in nodes for predicate, term in node.pairs}
    return hashlib.sha256(f"{VERSION}\n{chr(10).join(sorted(lines))}".encode()).hexdigest()[:32]
