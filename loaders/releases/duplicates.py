"""One thing, one node: of datasets that several catalogues describe, one description is in the default graph.

A dataset is known by its identifier if that is a UUID, and by its IRI, as the national portal has it. The
description of the first source is taken, by priority and then by the order of the configuration. What another
source says of the dataset, and of the distributions that hang on it alone, stays in the graph of that source;
its links lead to the dataset that was taken, and `owl:sameAs` leads there from another IRI.
"""

import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain, groupby
from pathlib import Path
from typing import Final, NamedTuple

from loaders.catalogues.skolem import split
from loaders.lines import blocks, write_sorted
from loaders.views.graph import Graph
from ontology import iri

_DATASET: Final = "|".join(re.escape(iri(name)) for name in ("dcat:Dataset", "dcat:DatasetSeries"))
_UUID: Final = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_KEY: Final = re.compile(
    rf"^(<[^ ]*>) <(?:{re.escape(iri('rdf:type'))}> <(?:{_DATASET})>"
    rf'|{re.escape(iri("dcterms:identifier"))}> "(?:urn:uuid:)?({_UUID})"[^ ]*) \.$'.encode(),
    re.MULTILINE,
)
"""A line that says that its subject is a dataset, or has a UUID."""
_PARTS: Final = frozenset(f"<{iri(name)}>" for name in ("dcat:distribution", "adms:sample"))
_SAME: Final = f"<{iri('owl:sameAs')}>".encode()


class Duplicate(NamedTuple):
    """A description that is not taken: dataset and source, then the dataset and source that are. Terms."""

    dataset: bytes
    source: str
    taken: bytes
    by: str


FILE: Final = "datasets.same.json"
"""The report of a release: the datasets that several sources describe; no source can have this name."""


def take_first(
    sources: Sequence[tuple[str, Path]], base: str, folder: Path
) -> tuple[list[Duplicate], list[Path]]:
    """Find the duplicates of sources, and what of each source goes into the default graph.

    Args:
        sources: ids and sorted N-Triples; the first go before the others.
        base: what our IRIs begin with.
        folder: an empty one, for the files of those sources of which something is left out.
    """
    found = duplicates(sources, folder / "keys")
    others: dict[str, dict[bytes, bytes]] = defaultdict(dict)
    for one in found:
        others[one.source][one.dataset] = one.taken
    files = []
    for source, path in sources:
        files.append(folder / f"{source}.nt" if source in others else path)
        if source in others:
            write_without(path, others[source], f"{base}.well-known/genid/{source}-", files[-1])
    return found, files


def write_duplicates(found: Iterable[Duplicate], target: Path) -> None:
    """Write the report, with plain IRIs."""
    rows = [
        {"dataset": one.dataset[1:-1].decode(), "source": one.source}
        | {"taken": one.taken[1:-1].decode(), "by": one.by}
        for one in found
    ]
    target.write_text(json.dumps(rows, ensure_ascii=False, indent=1), encoding="utf-8")


def read_duplicates(reports: Path) -> list[Duplicate]:
    """What `write_duplicates` wrote; nothing where an older ODIS built the release."""
    try:
        rows = json.loads((reports / FILE).read_bytes())
    except FileNotFoundError:
        return []
    return [
        Duplicate(f"<{r['dataset']}>".encode(), r["source"], f"<{r['taken']}>".encode(), r["by"])
        for r in rows
    ]


def duplicates(sources: Sequence[tuple[str, Path]], work: Path) -> list[Duplicate]:
    """Find them in the sorted N-Triples of sources, the first of which goes before the others.

    Memory grows with the datasets of the largest source. `work` is a file that is written and removed.
    """
    write_sorted((_keys(number, path) for number, (_, path) in enumerate(sources)), work)
    found: dict[tuple[int, bytes], tuple[int, bytes]] = {}
    with work.open("rb") as file:
        for _, places in groupby(map(_key_and_place, file), key=lambda pair: pair[0]):
            first, *others = (place for _, place in places)
            for other in others:
                if other[0] != first[0]:
                    found[other] = min(found.get(other, first), first)
    work.unlink()
    return [_told(place, found, sources) for place in sorted(found)]


def _keys(number: int, path: Path) -> list[bytes]:
    """Lines of key, number of the source, and dataset: by its IRI, and by its UUID if it has one."""
    keys: dict[bytes, set[bytes]] = defaultdict(set)
    for lines in blocks(path):
        for subject, uuid in _KEY.findall(b"".join(lines)):
            keys[subject].add(uuid.lower() or subject)
    datasets = ((subject, known) for subject, known in keys.items() if subject in known)
    return [b"%s %06d %s\n" % (key, number, subject) for subject, known in datasets for key in known]


def _key_and_place(line: bytes) -> tuple[bytes, tuple[int, bytes]]:
    key, number, dataset = line.rstrip().split(b" ")
    return key, (int(number), dataset)


def _told(
    place: tuple[int, bytes],
    found: Mapping[tuple[int, bytes], tuple[int, bytes]],
    sources: Sequence[tuple[str, Path]],
) -> Duplicate:
    taken = found[place]
    while taken in found:  # what came before it is itself no longer there
        taken = found[taken]
    return Duplicate(place[1], sources[place[0]][0], taken[1], sources[taken[0]][0])


def write_without(merged: Path, others: Mapping[bytes, bytes], prefix: str, target: Path) -> None:
    """Write the sorted N-Triples of a source without the datasets that are taken from another.

    `others` leads from such a dataset to the one that is taken; `prefix` is what the names of blank nodes
    begin with.
    """
    left = _left_out(merged, others, prefix)
    write_sorted(chain(_kept(merged, left, others), [_sameness(others)]), target)


def _kept(merged: Path, left: Collection[bytes], others: Mapping[bytes, bytes]) -> Iterator[list[bytes]]:
    for lines in blocks(merged):
        part = []
        for line in lines:
            subject, predicate, value = split(line)
            if subject not in left:
                after = others.get(value, value)
                part.append(line if after is value else b"%s %s %s .\n" % (subject, predicate, after))
        yield part


def _sameness(others: Mapping[bytes, bytes]) -> list[bytes]:
    return [
        b"%s %s %s .\n" % (dataset, _SAME, taken) for dataset, taken in others.items() if dataset != taken
    ]


def _left_out(merged: Path, others: Mapping[bytes, bytes], prefix: str) -> set[bytes]:
    """The datasets, and all nodes that only they lead to."""
    with Graph(merged) as graph:
        parts = set(_below(graph, others, prefix)) - others.keys()
        used = set()
        for lines in blocks(merged):
            for line in lines:
                subject, _, value = split(line)
                if value in parts and subject not in parts and subject not in others:
                    used.add(value)
        return {*others, *parts} - used - set(_below(graph, used, prefix))


def _below(graph: Graph, nodes: Iterable[bytes], prefix: str) -> Iterator[bytes]:
    """The distributions and inner nodes that nodes lead to, over any number of steps."""
    seen = set(nodes)
    waiting = list(seen)
    while waiting:
        for predicate, value in graph.iterate(waiting.pop().decode()):
            part = value.encode()
            if part not in seen and (predicate in _PARTS or value.startswith(f"<{prefix}")):
                seen.add(part)
                waiting.append(part)
                yield part
