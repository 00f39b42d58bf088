"""Compares two releases: which datasets came, went and changed, and in which properties.

The index of the views has a hash of each dataset with all that belongs to it, so only what differs is read.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Literal

from loaders.releases.release import Release
from loaders.views.graph import Graph
from loaders.views.index import FILE, ask, read
from loaders.views.records import Record, Records
from loaders.views.terms import Node, name
from ontology.errors import ReleaseError

Kind = Literal["came", "went", "changed"]

_PART: Final = name("dcat:distribution")


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to one dataset, series or service; IRIs are plain.

    Each of `properties` is a path of IRIs: one for the dataset's own, two for those of its distributions, its
    publisher and others that it leads to.
    """

    kind: Kind
    iri: str
    title: str
    properties: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class SourceChanges:
    """What happened in one source; triples are None where the source was not in the release."""

    source: str
    before: int | None
    now: int | None
    changes: tuple[Change, ...]

    def of(self, kind: Kind) -> list[Change]:
        """The changes of a kind."""
        return [change for change in self.changes if change.kind == kind]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two releases and what is different; sources without a difference are left out."""

    old: Release
    new: Release
    sources: tuple[SourceChanges, ...] = field(default=())


def compare(old: Release, new: Release) -> Comparison:
    """Compare two releases. Raises ReleaseError when one of them has no views."""
    with ExitStack() as stack:
        index = stack.enter_context(closing(read(_index(new))))
        index.execute("ATTACH ? AS old", (f"file:{_index(old)}?mode=ro&immutable=1",))
        readers = [stack.enter_context(closing(_Reader(release))) for release in (old, new)]
        found: dict[str, list[Change]] = defaultdict(list)
        for source, change in _changes(index, *readers):
            found[source].append(change)
        renamed = {
            source: tuple(_paired(changes, f"{new.manifest.base}.well-known/genid/", *readers))
            for source, changes in found.items()
        }
    before, now = (_triples(release) for release in (old, new))
    # What is of no source is said by ODIS itself; it stands last.
    names = [*now, *(source for source in before if source not in now), ""]
    rows = (SourceChanges(n, before.get(n), now.get(n), renamed.get(n, ())) for n in names)
    return Comparison(old, new, tuple(row for row in rows if row.changes or row.before != row.now))


def _triples(release: Release) -> dict[str, int]:
    return {entry.id: entry.triples for entry in release.manifest.sources if entry.state != "left out"}


def _changes(index: sqlite3.Connection, before: "_Reader", now: "_Reader") -> Iterator[tuple[str, Change]]:
    for kind, query in _QUERIES.items():
        for source, iri, title in ask(index, query):
            properties = before.differences(iri, now, iri) if kind == "changed" else ()
            if properties or kind != "changed":  # a hash may also differ because another ODIS made it
                yield source, Change(kind, iri, title, properties)


def _paired(changes: Iterable[Change], genid: str, before: "_Reader", now: "_Reader") -> Iterator[Change]:
    """The changes; a dataset without an IRI, which is named by what it says, is known by its title."""
    titles: dict[tuple[Kind, str], list[Change]] = defaultdict(list)
    for change in changes:
        if change.iri.startswith(genid):
            titles[change.kind, change.title].append(change)
    for change in changes:
        same = [titles.get((kind, change.title), []) for kind in ("went", "came")]
        if not change.iri.startswith(genid) or [len(found) for found in same] != [1, 1]:
            yield change
        elif change.kind == "came":
            went = same[0][0]
            yield replace(change, kind="changed", properties=before.differences(went.iri, now, change.iri))


def _index(release: Release) -> Path:
    path = release.views / FILE
    if not path.is_file():
        raise ReleaseError(f"release {release.id} has no views to compare; build again")
    return path


_QUERIES: Final[dict[Kind, str]] = {
    "came": "SELECT source, iri, title FROM main.records AS one WHERE deleted = 0 AND NOT EXISTS "
    "(SELECT 1 FROM old.records AS other WHERE other.iri = one.iri AND other.deleted = 0) ORDER BY iri",
    "went": "SELECT source, iri, title FROM old.records AS one WHERE deleted = 0 AND NOT EXISTS "
    "(SELECT 1 FROM main.records AS other WHERE other.iri = one.iri AND other.deleted = 0) ORDER BY iri",
    "changed": "SELECT one.source, iri, one.title "
    "FROM main.records AS one JOIN old.records AS other USING (iri) "
    "WHERE one.deleted = 0 AND other.deleted = 0 AND one.hash <> other.hash ORDER BY iri",
}

Fact = tuple[tuple[str, ...], str]
"""A path of properties and the value at its end."""


class _Reader:
    """Reads the records of one release."""

    def __init__(self, release: Release) -> None:
        with closing(read(_index(release))) as index:
            agents = frozenset(agent for (agent,) in ask(index, "SELECT iri FROM agents"))
        self._graph = Graph(release.graph)
        self._records = Records(self._graph, release.manifest.base, agents)

    def close(self) -> None:
        """Give the file back."""
        self._graph.close()

    def differences(self, iri: str, other: "_Reader", other_iri: str) -> tuple[tuple[str, ...], ...]:
        """The properties in which a record differs from one of another release."""
        return tuple(sorted({path for path, _ in self._facts(iri) ^ other._facts(other_iri)}))

    def _facts(self, iri: str) -> set[Fact]:
        record = self._records.record(f"<{iri}>")
        root = record.root.node
        facts = set(_said(root, ()))
        for part in record.distributions:
            facts.update(_said(part.node, (_PART[1:-1],)))
        for subject in record.shared:
            facts.update(_said(self._records.entity(subject).node, _way(record, subject)))
        return facts


def _said(node: Node, way: Sequence[str]) -> Iterator[Fact]:
    for predicate, value in node.pairs:
        yield (*way, predicate[1:-1]), value


def _way(record: Record, subject: str) -> tuple[str, ...]:
    """The property that leads to something shared; nothing when it is further away than that."""
    nodes = (record.root.node, *(part.node for part in record.distributions))
    return next(((key[1:-1],) for node in nodes for key, value in node.pairs if value == subject), ())
