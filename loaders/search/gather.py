"""Gathers from the graph what the index is made of: datasets, organisations, things and their names."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from loaders.search.subjects import Pairs, Text, first, iris, label, objects, text
from loaders.views.formats import FORMAT, MEDIA_TYPE, recognise
from loaders.views.terms import A, is_iri, literal, name, value

DATASET: Final = name("dcat:Dataset")
SERIES: Final = name("dcat:DatasetSeries")
DISTRIBUTION: Final = name("dcat:distribution")
_PART_OF = name("dcterms:isPartOf")
_WKT = name("geo:asWKT")
_GEOMETRY = name("geo:hasGeometry")
_LAW = name("dcatap:applicableLegislation")
_HVD = "<http://data.europa.eu/eli/reg_impl/2023/138/oj>"
_AREA = name("schema:AdministrativeArea")
_ORGANISATION = name("org:FormalOrganization")
_AGENTS = frozenset(
    map(name, ("foaf:Agent", "foaf:Organization", "org:Organization", "org:FormalOrganization"))
)
_LICENCE = name("dcterms:LicenseDocument")
_ALT = name("skos:altLabel")
_DATE = re.compile(r"(?P<year>\d{4})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d))?)?", re.ASCII)
_PLACES = name("schema:containsPlace")
_GENERAL = frozenset(map(name, ("geo:Feature", "schema:Place")))

Labels = Callable[[str, Text], None]


@dataclass(slots=True)
class Dataset:
    """What the catalogue shows and finds of a dataset or series; IRIs without brackets."""

    iri: str
    kind: str
    title: Text
    notes: Text
    keywords: list[tuple[str, str]]
    """Language and word."""
    publisher: str
    themes: list[str]
    conforms: list[str]
    series: list[str]
    distributions: list[str]
    licences: list[str]
    spatial: list[str]
    issued: str
    modified: str
    hvd: bool


@dataclass(slots=True)
class Distribution:
    """Formats and licences of a distribution."""

    formats: list[str]
    licences: list[str]
    title: Text


@dataclass(slots=True)
class Organisation:
    """An agent that publishes, or one of the county's organisations."""

    iri: str
    title: Text
    other: list[str]
    county: bool
    area: str
    homepage: str


@dataclass(slots=True)
class Area:
    """A municipality or county: code and name."""

    code: str
    title: Text
    other: list[str]


@dataclass(slots=True)
class Thing:
    """One row of a converted dataset."""

    iri: str
    kind: str
    title: Text
    area: str
    dataset: str
    wkt: str
    geometry: str


@dataclass(slots=True)
class Gathered:
    """All of it, by IRI."""

    datasets: dict[str, Dataset] = field(default_factory=dict)
    distributions: dict[str, Distribution] = field(default_factory=dict)
    organisations: dict[str, Organisation] = field(default_factory=dict)
    areas: dict[str, Area] = field(default_factory=dict)
    parts: dict[str, Text] = field(default_factory=dict)
    """A municipality, and the part of the county that it lies in."""
    things: list[Thing] = field(default_factory=list)
    wkt: dict[str, str] = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)
    """The node that something which exists only inside another hangs on."""
    same: dict[str, str] = field(default_factory=dict)
    """A licence of another list, and the one it is the same as."""
    synonyms: list[list[str]] = field(default_factory=list)


class Gatherer:
    """Is shown one subject after the other; `labels` is told what each is called.

    `kinds` are the classes of rows; a row of any other class counts when it has a place on the map.
    """

    def __init__(self, base: str, kinds: frozenset[str], labels: Labels) -> None:
        self.found = Gathered()
        self._kinds = kinds
        self._genid = f"{base}.well-known/genid/"
        self._labels = labels

    def take(self, term: str, pairs: Pairs) -> None:
        """Sort one subject in by what it is."""
        subject = value(term)
        kinds = {found for key, found in pairs if key == A}
        title = label(pairs)
        if title:
            self._labels(subject, title)
        if objects(pairs, _ALT):
            self._synonyms(title, pairs)
        if wkt := first(pairs, _WKT):
            self.found.wkt[subject] = wkt
        self.found.parts.update((place, title) for place in iris(pairs, _PLACES))
        self._parents(subject, pairs)
        self._sort(subject, kinds, title, pairs)

    def _sort(self, subject: str, kinds: set[str], title: Text, pairs: Pairs) -> None:
        found = self.found
        if DATASET in kinds or SERIES in kinds:
            found.datasets[subject] = _dataset(subject, SERIES in kinds, pairs)
        elif name("dcat:Distribution") in kinds:
            found.distributions[subject] = _distribution(title, pairs)
        elif _AREA in kinds:
            found.areas[subject] = _area(title, pairs)
        elif kinds & _AGENTS:
            found.organisations[subject] = _organisation(subject, kinds, title, pairs)
        elif parts := iris(pairs, _PART_OF):
            own = sorted(kinds & self._kinds) or (sorted(kinds - _GENERAL) if kinds & _GENERAL else [])
            if own:
                found.things.append(_thing(subject, value(own[0]), title, parts[0], pairs))
        elif _LICENCE in kinds:
            found.same.update((iri, subject) for iri in iris(pairs, name("skos:exactMatch")))

    def _parents(self, subject: str, pairs: Pairs) -> None:
        for key, term in pairs:
            if key == DISTRIBUTION or (is_iri(term) and term.startswith(self._genid, 1)):
                self.found.parents.setdefault(value(term), subject)

    def _synonyms(self, title: Text, pairs: Pairs) -> None:
        names = [one for one in (title.sv, title.en) if one]
        names += [literal(term).text for term in objects(pairs, _ALT) if not is_iri(term)]
        self.found.synonyms.append(names)


def _dataset(subject: str, series: bool, pairs: Pairs) -> Dataset:
    words = [literal(term) for term in objects(pairs, name("dcat:keyword")) if not is_iri(term)]
    return Dataset(
        iri=subject,
        kind="series" if series else "dataset",
        title=text(pairs, name("dcterms:title")),
        notes=text(pairs, name("dcterms:description")),
        keywords=[(word.language[:2], word.text) for word in words],
        publisher=next(iter(iris(pairs, name("dcterms:publisher"))), ""),
        themes=iris(pairs, name("dcat:theme")),
        conforms=iris(pairs, name("dcterms:conformsTo")),
        series=iris(pairs, name("dcat:inSeries")),
        distributions=iris(pairs, DISTRIBUTION),
        licences=iris(pairs, name("dcterms:license")),
        spatial=iris(pairs, name("dcterms:spatial")),
        issued=_day(first(pairs, name("dcterms:issued"))),
        modified=_day(first(pairs, name("dcterms:modified"))),
        hvd=_HVD in objects(pairs, _LAW),
    )


def _day(text: str) -> str:
    """A year, month or day as it is written; "" for a day that no calendar has, or anything else."""
    found = _DATE.match(text)
    if not found:
        return ""
    try:
        date(int(found["year"]), int(found["month"] or 1), int(found["day"] or 1))
    except ValueError:
        return ""
    return found[0]


def _distribution(title: Text, pairs: Pairs) -> Distribution:
    stated = objects(pairs, FORMAT) + objects(pairs, MEDIA_TYPE)
    known = [recognise(term) for term in stated]
    codes = [one.code or one.media_type for one in known if one.code or one.media_type]
    if not codes:
        codes = [value(term).rpartition("/")[2] for term in stated[:1]]
    return Distribution(codes[:1], iris(pairs, name("dcterms:license")), title)


def _area(title: Text, pairs: Pairs) -> Area:
    code = first(pairs, name("wdt:P525")) or first(pairs, name("skos:notation"))
    return Area(code, title, [value(term) for term in objects(pairs, _ALT)])


def _organisation(subject: str, kinds: set[str], title: Text, pairs: Pairs) -> Organisation:
    return Organisation(
        iri=subject,
        title=title,
        other=[value(term) for term in objects(pairs, _ALT)],
        county=_ORGANISATION in kinds and bool(first(pairs, name("dcterms:identifier"))),
        area=first(pairs, name("schema:areaServed")),
        homepage=first(pairs, name("foaf:homepage")),
    )


def _thing(subject: str, kind: str, title: Text, dataset: str, pairs: Pairs) -> Thing:
    return Thing(
        iri=subject,
        kind=kind,
        title=title,
        area=first(pairs, name("schema:containedInPlace")),
        dataset=dataset,
        wkt=first(pairs, _WKT),
        geometry=first(pairs, _GEOMETRY),
    )
