"""Catalogues in RDF: whole, in pages linked with Hydra, and with catalogues that are parts of them."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urljoin

from loaders.catalogues import rdf
from loaders.catalogues.changes import Changes
from loaders.catalogues.skolem import split
from loaders.harvest.documents import Document
from loaders.harvest.walk import Walk
from loaders.isolate import Step
from loaders.lines import blocks
from loaders.views.terms import value
from ontology import iri
from ontology.errors import SourceError

DEPTH: Final = 3
"""How deep catalogues may lie in each other; DCAT-AP-SE allows one level."""

_HYDRA: Final = iri("hydra:").encode()
_PART: Final = f"<{iri('dcterms:hasPart')}>".encode()
_TYPE: Final = f"<{iri('rdf:type')}>".encode()
_CATALOG: Final = f"<{iri('dcat:Catalog')}>".encode()
# The terms of today before those of yesterday.
_NEXT: Final = tuple(f"<{iri(name)}>".encode() for name in ("hydra:next", "hydra:nextPage"))


def harvest(walk: Walk, address: str) -> tuple[Document, ...]:
    """The pages of a catalogue, then those of the catalogues that it only names as its parts."""
    waiting, described = [address], set[str]()
    for _ in range(DEPTH + 1):
        named: set[str] = set()
        for catalogue in waiting:
            for page in pages(walk, catalogue):
                described.update(page["described"])
                named.update(page["bare"])
        fetched = {document.name for document in walk.documents}
        waiting = sorted(named - described - fetched)
        if not waiting:
            return tuple(walk.documents)
    raise SourceError(f"its catalogues lie more than {DEPTH} deep in each other, down to {waiting[0]}")


def pages(walk: Walk, address: str) -> Iterator[dict[str, Any]]:
    """Fetch a document and all that follow it by Hydra; gives what `look` tells of each."""
    following: str | None = address
    while following:
        page = walk.look("dcat:look", walk.fetch(following))
        following = page["next"]
        yield page


def look(argument: Mapping[str, Any], step: Step) -> dict[str, Any]:
    """The page that follows, and the catalogues it names as parts: `bare` only typed, `described` more."""
    path = Path(argument["path"])
    if not _may_lead_on(path):
        return {"next": None, "bare": [], "described": []}
    text = path.with_name(path.name + ".look")
    try:
        rdf.read(rdf.Input(path, argument["address"], argument["hint"]), text, Changes(), 1 << 40)
        return _led(text, argument["address"])
    finally:
        text.unlink(missing_ok=True)


def _may_lead_on(path: Path) -> bool:
    """A cheap look: most catalogues are one document."""
    with path.open("rb") as file:
        before = b""
        while block := file.read(1 << 20):
            if _HYDRA in before + block or b"hasPart" in before + block:
                return True
            before = block[-100:]
    return False


def _led(text: Path, address: str) -> dict[str, Any]:
    links: dict[bytes, set[str]] = {name: set() for name in _NEXT}
    parts: set[bytes] = set()
    catalogues: set[bytes] = set()
    for subject, predicate, target in _terms(text):
        if predicate in links:
            # CKAN writes these addresses as text.
            links[predicate].add(urljoin(address, value(target.decode())))
        elif predicate == _PART:
            parts.add(target)
        elif predicate == _TYPE and target == _CATALOG:
            catalogues.add(subject)
    parts &= catalogues
    described = {subject for subject, predicate, _ in _terms(text) if subject in parts and predicate != _TYPE}
    return {
        "next": next((min(found) for found in links.values() if found), None),
        "bare": _iris(parts - described),
        "described": _iris(described),
    }


def _terms(text: Path) -> Iterator[tuple[bytes, bytes, bytes]]:
    for lines in blocks(text):
        for line in lines:
            yield split(line)


def _iris(terms: Iterable[bytes]) -> list[str]:
    return sorted(term[1:-1].decode() for term in terms if term.startswith(b"<"))
