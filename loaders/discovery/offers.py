"""What catalogues offer: distributions that follow a specification of ODIS, or may do so."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from loaders.search.specifications import specifications
from loaders.search.subjects import Pairs, iris, objects, subjects, text
from loaders.views.formats import FORMAT, MEDIA_TYPE, recognise
from loaders.views.terms import name

_CONFORMS: Final = name("dcterms:conformsTo")
_DISTRIBUTION: Final = name("dcat:distribution")
_DOWNLOAD, _ACCESS = name("dcat:downloadURL"), name("dcat:accessURL")
_PUBLISHER, _TITLE = name("dcterms:publisher"), name("dcterms:title")
_READABLE: Final = ("CSV", "TSV", "GEOJSON", "JSON", "XLSX", "ODS", "XLS", "GPKG", "GML")
"""File types with rows that can be read, the best first: where a dataset has several, one is enough."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A distribution that can become rows: its dataset, where it lies, which specification and why."""

    source: str
    dataset: str
    title: str
    publisher: str
    distribution: str
    address: str
    format: str
    specification: str
    why: str

    @property
    def id(self) -> str:
        """The id of the source that it becomes: the same as long as its dataset has the same IRI."""
        mark = hashlib.sha256(self.dataset.encode()).hexdigest()[:8]
        return f"{self.source[:24].strip('-')}-{self.specification[:24].strip('-')}-{mark}"


class _Distribution(NamedTuple):
    """What matters of a distribution."""

    addresses: tuple[str, ...]
    format: str
    conforms: str


class _Dataset(NamedTuple):
    """What matters of a dataset that has distributions."""

    title: str
    publisher: str
    conforms: str
    distributions: tuple[str, ...]


def offers(catalogues: Iterable[tuple[str, Path]]) -> list[Offer]:
    """What catalogues offer by their own word, one distribution for each dataset, sorted by dataset.

    Catalogues are sources with their sorted N-Triples; a dataset that several describe is offered once.
    """
    found: dict[str, Offer] = {}
    for source, path in catalogues:
        if _names_a_specification(path):
            for offer in _offers(source, path):
                if offer.specification:
                    found.setdefault(offer.dataset, offer)
    return [found[dataset] for dataset in sorted(found)]


def unstated(catalogues: Iterable[tuple[str, Path]]) -> list[Offer]:
    """Readable distributions of datasets that name no specification: their headers may tell."""
    found: dict[str, Offer] = {}
    for source, path in catalogues:
        for offer in _offers(source, path):
            if not offer.specification:
                found.setdefault(offer.dataset, offer)
    return [found[dataset] for dataset in sorted(found)]


@cache
def _known() -> Mapping[str, str]:
    """The specifications by the terms of all their IRIs."""
    return {f"<{address}>": one.slug for one in specifications() for address in one.addresses}


def _names_a_specification(path: Path) -> bool:
    """Whether it is worth a closer look: most catalogues conform to nothing that we know."""
    wanted = _CONFORMS.encode()
    with path.open("rb") as lines:
        return any(wanted in line and line.split(b" ", 2)[2][:-3].decode() in _known() for line in lines)


def _offers(source: str, path: Path) -> Iterator[Offer]:
    """The best readable distribution of each dataset; without a specification where none is named."""
    datasets, distributions = _read(path)
    for iri, dataset in datasets.items():
        parts = [(part, distributions[part]) for part in dataset.distributions if part in distributions]
        if not parts:
            continue
        conforming = [part for part in parts if part[1].conforms]
        distribution, best = min(conforming or parts, key=lambda part: _READABLE.index(part[1].format))
        stated = best.conforms or dataset.conforms
        yield Offer(
            source=source,
            dataset=iri,
            title=dataset.title or iri,
            publisher=dataset.publisher,
            distribution=distribution,
            address=best.addresses[0],
            format=best.format,
            specification=stated,
            why=f"conformsTo of the {'distribution' if best.conforms else 'dataset'}" if stated else "",
        )


def _read(path: Path) -> tuple[dict[str, _Dataset], dict[str, _Distribution]]:
    datasets: dict[str, _Dataset] = {}
    distributions: dict[str, _Distribution] = {}
    for term, pairs in subjects(path):
        if found := _distribution(pairs):
            distributions[term[1:-1]] = found
        if parts := iris(pairs, _DISTRIBUTION):
            said = text(pairs, _TITLE)
            publisher = next((one for one in iris(pairs, _PUBLISHER) if one.startswith("http")), "")
            datasets[term[1:-1]] = _Dataset(said.sv or said.en, publisher, _conforms(pairs), tuple(parts))
    return datasets, distributions


def _distribution(pairs: Pairs) -> _Distribution | None:
    """What a subject says as a distribution, if rows can be read from it."""
    addresses = [one for key in (_DOWNLOAD, _ACCESS) for one in iris(pairs, key)]
    usable = tuple(dict.fromkeys(one for one in addresses if _holds_rows(one)))
    stated = [recognise(term) for key in (MEDIA_TYPE, FORMAT) for term in objects(pairs, key)]
    kind = next((one.code for one in stated if one.code in _READABLE and not one.zipped), "")
    return _Distribution(usable, kind, _conforms(pairs)) if usable and kind else None


def _holds_rows(address: str) -> bool:
    """Whether an address can be fetched and is not that of a service's description of itself."""
    parts = urlsplit(address)
    known = parts.scheme in ("http", "https") and bool(parts.hostname)
    return known and "getcapabilities" not in parts.query.lower()


def _conforms(pairs: Pairs) -> str:
    return next((_known()[term] for term in objects(pairs, _CONFORMS) if term in _known()), "")
