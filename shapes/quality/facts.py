"""The few facts about datasets and distributions that the metrics look at, read from N-Triples."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ontology import iri
from shapes.terms import iri_term, plain

DATASET_FIELDS: Final = (
    "dcat:keyword",
    "dcat:theme",
    "dcterms:spatial",
    "dcterms:temporal",
    "dcterms:accessRights",
    "dcat:contactPoint",
    "dcterms:publisher",
    "dcterms:issued",
    "dcterms:modified",
)
DISTRIBUTION_FIELDS: Final = (
    "dcat:accessURL",
    "dcat:downloadURL",
    "dcterms:format",
    "dcat:mediaType",
    "dcterms:license",
    "dcterms:rights",
    "dcat:byteSize",
    "dcterms:issued",
    "dcterms:modified",
)

Values = dict[str, list[str]]
"""Prefixed name of a property to its values, as plain text."""


@dataclass(frozen=True, slots=True)
class Distribution:
    """A distribution with the values the metrics look at."""

    node: str
    values: Values = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Dataset:
    """A dataset with its distributions and the catalogue that lists it."""

    node: str
    values: Values = field(default_factory=dict)
    distributions: tuple[Distribution, ...] = ()
    catalogue: str = ""


Row = tuple[str, str, str]
"""Subject, predicate and object as N-Triples terms, without the final dot."""

_FIELDS: Final = {iri_term(iri(name)): name for name in {*DATASET_FIELDS, *DISTRIBUTION_FIELDS}}
_TYPE, _DATASET = iri_term(iri("rdf:type")), iri_term(iri("dcat:Dataset"))
_LISTS, _HAS = iri_term(iri("dcat:dataset")), iri_term(iri("dcat:distribution"))


def rows_of(data: Path, graph: str = "") -> Iterator[Row]:
    """The lines of an N-Triples file, or of N-Quads that are all of one graph, as rows."""
    end = f" <{graph}> ." if graph else "."
    with data.open(encoding="utf-8") as lines:
        for line in lines:
            subject, predicate, value = line.split(" ", 2)
            yield subject, predicate, value.rstrip().removesuffix(end).rstrip()


def read_datasets(rows: Iterable[Row]) -> Iterator[Dataset]:
    """Every `dcat:Dataset`, in the order the rows name them.

    One pass; only what the metrics look at is kept, about 2 kB for each dataset.
    """
    values: dict[str, Values] = {}
    datasets: dict[str, None] = {}
    distributions: dict[str, list[str]] = {}
    catalogues: dict[str, str] = {}
    for subject, predicate, value in rows:
        if name := _FIELDS.get(predicate):
            values.setdefault(subject, {}).setdefault(name, []).append(plain(value))
        elif predicate == _TYPE and value == _DATASET:
            datasets[subject] = None
        elif predicate == _HAS:
            distributions.setdefault(subject, []).append(value)
        elif predicate == _LISTS:
            catalogues.setdefault(value, subject)
    for node in datasets:
        parts = (Distribution(plain(d), values.get(d, {})) for d in distributions.get(node, []))
        yield Dataset(plain(node), values.get(node, {}), tuple(parts), plain(catalogues.get(node, "")))
