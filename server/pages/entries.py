"""Rows of the index as values: datasets, organisations, and the values of facets."""

from dataclasses import dataclass
from typing import Any

from loaders.search.subjects import Text

Bits = int
"""A set of datasets: bit n is set for dataset n."""


@dataclass(frozen=True, slots=True)
class FacetValue:
    """One value of a facet, and the datasets that have it."""

    key: str
    iri: str
    title: Text
    bits: Bits


@dataclass(frozen=True, slots=True)
class Dataset:
    """A row of the catalogue."""

    id: int
    iri: str
    slug: str
    mark: str
    kind: str
    title: Text
    notes: Text
    publisher: str
    formats: tuple[str, ...]
    issued: str
    modified: str
    hvd: bool
    things: int
    violations: int
    warnings: int
    infos: int

    @property
    def page(self) -> str:
        """The path of its page."""
        return f"/datasets/{self.slug}"


DATASET = (
    "id, iri, slug, mark, kind, sv, en, notes_sv, notes_en, publisher, formats, issued, modified, hvd,"
    " things, violations, warnings, infos"
)


def dataset_of(row: tuple[Any, ...]) -> Dataset:
    number, iri, slug, mark, kind, sv, en, notes_sv, notes_en, publisher, formats, *rest = row
    issued, modified, hvd, things, violations, warnings, infos = rest
    return Dataset(
        id=number,
        iri=iri,
        slug=slug,
        mark=mark,
        kind=kind,
        title=Text(sv, en) or Text(iri, iri),
        notes=Text(notes_sv, notes_en),
        publisher=publisher,
        formats=tuple(formats.split()),
        issued=issued,
        modified=modified,
        hvd=bool(hvd),
        things=things,
        violations=violations,
        warnings=warnings,
        infos=infos,
    )


@dataclass(frozen=True, slots=True)
class Organisation:
    """A publisher, or one of the county's organisations."""

    iri: str
    slug: str
    title: Text
    county: bool
    municipality: str
    homepage: str
    datasets: int
    things: int
    violations: int
    warnings: int

    @property
    def page(self) -> str:
        """The path of its page."""
        return f"/publishers/{self.slug}"


ORGANISATION = "iri, slug, sv, en, county, municipality, homepage, datasets, things, violations, warnings"


def organisation_of(row: tuple[Any, ...]) -> Organisation:
    return Organisation(row[0], row[1], Text(row[2], row[3]), bool(row[4]), *row[5:])
