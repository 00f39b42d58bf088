"""The documents of a catalogue as N-Triples, whatever kind they are of; done in an isolated process."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from loaders.catalogues import rdf
from loaders.catalogues.changes import Changes
from loaders.catalogues.jsonld import read_json
from loaders.catalogues.rdf import Input
from loaders.catalogues.terms import Terms
from loaders.encoding import as_utf8
from loaders.harvest.documents import short
from loaders.kinds import ckan, data_json, feed, oai
from loaders.kinds.mapping import Mapped
from ontology.errors import SourceError

Read = Callable[[Input, Path], object]
"""Writes a document as N-Triples to a file; SourceError when it cannot be read."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading needs besides the documents: kind and title of the source, where to write, the size that
    text may have in bytes, and the record of repairs."""

    kind: str
    title: str
    folder: Path
    limit: int
    changes: Changes


def read(documents: Sequence[tuple[str, Input]], reading: Reading) -> list[Path]:
    """Write documents, each with its name, as N-Triples and give the files.

    Raises SourceError when one of them cannot be read, or all of them together say nothing.
    """
    one = _READERS.get(reading.kind, _rdf)(reading, [document for _, document in documents])
    texts = []
    for number, (name, document) in enumerate(documents):
        texts.append(reading.folder / f"text{number}.nt")
        try:
            one(document, texts[-1])
        except SourceError as error:
            raise SourceError(f"{short(name)}: {error}") from error
    if not any(text.stat().st_size for text in texts):
        raise SourceError("there is no triple in it")
    return texts


def _rdf(reading: Reading, documents: Sequence[Input]) -> Read:
    return lambda document, text: rdf.read(document, text, reading.changes, reading.limit)


def _json(catalogue: Callable[[Any, str, str], dict[str, Any]]) -> Callable[[Reading, Sequence[Input]], Read]:
    """For kinds in JSON: `catalogue` makes one object for the mapping out of a document."""

    def reader(reading: Reading, documents: Sequence[Input]) -> Read:
        def one(document: Input, text: Path) -> None:
            plain = as_utf8(document.path, text.with_name(text.name + ".utf8"), reading.limit)
            if plain.repair:
                reading.changes.add("encoding", "", plain.repair)
            found = catalogue(read_json(plain.path), document.base, reading.title)
            known = {"document": document.base, "site": str(found.get("site", ""))}
            mapped = Mapped(reading.kind, Terms(reading.changes, document.base), known)
            ox.serialize(mapped.triples("catalog", found), text, ox.RdfFormat.N_TRIPLES)

        return one

    return reader


def _feed(reading: Reading, documents: Sequence[Input]) -> Read:
    newest = feed.newest(documents)
    return lambda document, text: rdf.read(document, text, reading.changes, reading.limit, newest)


def _oai(reading: Reading, documents: Sequence[Input]) -> Read:
    newest = oai.newest(documents)
    return lambda document, text: oai.read(document, text, reading.changes, reading.limit, newest)


_READERS: Final[Mapping[str, Callable[[Reading, Sequence[Input]], Read]]] = {
    "ckan": _json(ckan.catalogue),
    "data-json": _json(data_json.catalogue),
    "feed": _feed,
    "oai-pmh": _oai,
}
"""What makes the reader of a kind; it may look at all documents first. All other kinds are RDF."""
