"""The graph of catalogue records: where each dataset came from, when it was first seen, and changed last.

It is made out of the index of the views, which carries this history from release to release. A record whose
dataset is gone stays, with the status WITHDRAWN and the last title. The documents for dataportal.se leave
records out; queries have them.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Final

from loaders.lines import write_sorted
from loaders.releases.duplicates import Duplicate
from loaders.views.catalogues import record_term
from loaders.views.index import FILE, ask, read
from loaders.views.terms import A, name, quote

WITHDRAWN: Final = "<http://publications.europa.eu/resource/authority/distribution-status/WITHDRAWN>"
_PART: Final = 20_000  # records whose lines are sorted at once
_DATE_TIME = name("xsd:dateTime")
_RECORDS = (
    "SELECT iri, source, stamp, first, title, deleted FROM records WHERE kind <> 'service' ORDER BY iri"
)


def write_records(views: Path, base: str, others: Iterable[Duplicate], target: Path) -> int:
    """Write the sorted N-Quads of `<base>graph/records`; gives their number.

    Args:
        views: the folder of the views of the release.
        base: what our IRIs begin with.
        others: the descriptions of datasets that were not taken.
        target: the file.
    """
    sources: dict[str, list[str]] = {}
    for other in others:
        sources.setdefault(other.taken[1:-1].decode(), [other.by]).append(other.source)
    with closing(read(views / FILE)) as index:
        return write_sorted(_parts(_lines(index, base, sources)), target)


def _parts(lines: Iterator[bytes]) -> Iterator[list[bytes]]:
    while part := list(islice(lines, _PART)):
        yield part


def _lines(index: sqlite3.Connection, base: str, sources: Mapping[str, list[str]]) -> Iterator[bytes]:
    graph = f"<{base}graph/records>"
    for iri, source, changed, first, title, gone in ask(index, _RECORDS):
        record = record_term(base, iri)
        pairs = [
            (A, name("dcat:CatalogRecord")),
            (name("foaf:primaryTopic"), f"<{iri}>"),
            (name("dcterms:issued"), quote(first, datatype=_DATE_TIME)),
            (name("dcterms:modified"), quote(changed, datatype=_DATE_TIME)),
        ]
        first_source, *others = sources.get(iri, [source])
        if first_source:
            pairs.append((name("dcterms:source"), _graph(base, first_source)))
        pairs += [(name("rdfs:seeAlso"), _graph(base, other)) for other in others]
        if gone:
            pairs += [(name("adms:status"), WITHDRAWN), (name("dcterms:title"), quote(title))]
        for predicate, value in pairs:
            yield f"{record} {predicate} {value} {graph} .\n".encode()


def _graph(base: str, source: str) -> str:
    return f"<{base}graph/source/{source}>"
