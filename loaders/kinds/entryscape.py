"""EntryScape: one export of a catalogue, or all public catalogues of an EntryStore.

An export is RDF/XML with everything that belongs to a catalogue (`?recursive=dcat`). Where the address is
that of the store itself (it ends in `/store`), its search tells which catalogues there are.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from loaders.catalogues.jsonld import read_json
from loaders.harvest.documents import Document
from loaders.harvest.walk import Walk
from loaders.isolate import Step
from ontology import iri
from ontology.errors import SourceError

LIMIT: Final = 100
"""Entries in a page of the search, which is as many as an EntryStore gives."""

_QUERY: Final = f"rdfType:{iri('dcat:Catalog').replace(':', chr(92) + ':')} AND public:true"


def harvest(walk: Walk, address: str) -> tuple[Document, ...]:
    """The exports of all public catalogues in the order of their addresses, or the one that was named."""
    store = address.rstrip("/")
    if not store.endswith("/store"):
        return (walk.fetch(address),)
    entries: set[str] = set()
    start, count = 0, 1
    while start < count:
        asked = urlencode({"type": "solr", "query": _QUERY, "limit": LIMIT, "offset": start})
        page = walk.look("entryscape:look", walk.fetch(f"{store}/search?{asked}", "application/json"))
        entries.update(page["entries"])
        start, count = start + LIMIT, page["count"]
    if not entries:
        raise SourceError(f"{address} holds no public catalogue")
    exported = urlencode({"recursive": "dcat", "format": "application/rdf+xml"})
    return tuple(
        walk.fetch(f"{store}/{context}/metadata/{entry}?{exported}")
        for context, _, entry in (name.partition("/") for name in sorted(entries))
    )


def look(argument: Mapping[str, Any], step: Step) -> dict[str, Any]:
    """The entries of a page of the search, as context/entry, and how many there are in all."""
    found = read_json(Path(argument["path"]))
    try:
        children = found["resource"]["children"]
        return {
            "count": int(found["results"]),
            "entries": [f"{int(one['contextId'])}/{int(one['entryId'])}" for one in children],
        }
    except (KeyError, TypeError, ValueError) as error:
        raise SourceError(f"it is no answer of an EntryStore's search: {error!r}") from error
