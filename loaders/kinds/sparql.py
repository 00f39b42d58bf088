"""SPARQL endpoints: a CONSTRUCT query, page after page until a page is empty.

Pages are counted in whole resources by a sub-query in a fixed order, so that what belongs together comes
together and no blank node is cut in two.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from pyoxigraph import Literal

from loaders.catalogues import rdf
from loaders.harvest.documents import Document
from loaders.harvest.walk import Walk
from loaders.isolate import Step
from ontology.errors import SourceError
from queries.binding import fill, slots

PAGE: Final = 200
"""Resources in a page."""
QUERY: Final = Path(__file__).with_name("sparql.rq")
"""What is asked where a source names no query of its own."""
PLACES: Final = frozenset({"_limit", "_offset"})
"""The variables of a query that is paged, after LIMIT and OFFSET."""
_ACCEPT: Final = "application/n-triples, text/turtle;q=0.9, application/rdf+xml;q=0.5"


def harvest(walk: Walk, address: str, query: Path | None) -> tuple[Document, ...]:
    """All pages of the answer; one where the query has no place for the page."""
    text = (query or QUERY).read_text(encoding="utf-8")
    places = slots(text)
    named = {slot.variable for slot in places}
    if named not in (set(), PLACES):
        raise SourceError("its query has other parameters than LIMIT ?_limit OFFSET ?_offset")
    for start in range(0, 1 << 62, PAGE):
        page = {"_limit": (Literal(PAGE),), "_offset": (Literal(start),)}
        document = walk.fetch(_asked(address, fill(text, places, page)), _ACCEPT)
        if not walk.look("sparql:look", document)["any"]:
            return tuple(walk.documents[:-1])
        if not places:
            break
    return tuple(walk.documents)


def _asked(address: str, query: str) -> str:
    return f"{address}{'&' if '?' in address else '?'}{urlencode({'query': query})}"


def look(argument: Mapping[str, Any], step: Step) -> dict[str, Any]:
    """Whether there is any triple in an answer; an empty document is one without."""
    document = rdf.Input(Path(argument["path"]), argument["address"], argument["hint"])
    return {"any": document.path.stat().st_size > 0 and any(True for _ in rdf.quads(document))}
