"""Datasets as schema.org describes them, for the search engines that read nothing else.

The mapping is a table in docs/harvesting.md; what schema.org has no word for is left out.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from loaders.views.formats import FORMAT, MEDIA_TYPE, recognise
from loaders.views.ledger import preferred
from loaders.views.records import CONTACT, CREATOR, PUBLISHER, Entity, Record, Records
from loaders.views.terms import Pair, is_iri, name, types, value, values

CONTEXT: Final = "https://schema.org/"
SHORTEST: Final = 50
"""Search engines want a description of 50 to 5,000 characters."""
LONGEST: Final = 5000

_BOX = re.compile(r"POLYGON\s*\(\((.+?)\)\)", re.I)
_LANGUAGE = re.compile(r"authority/language/([A-Z]{3})$")
_CODES = {"SWE": "sv", "ENG": "en", "FIN": "fi", "NOR": "no", "DAN": "da", "DEU": "de", "FRA": "fr"}
_PUBLIC = "<http://publications.europa.eu/resource/authority/access-right/PUBLIC>"
_PLAIN: Final = {
    "identifier": "dcterms:identifier",
    "datePublished": "dcterms:issued",
    "dateModified": "dcterms:modified",
    "dateCreated": "dcterms:created",
    "url": "dcat:landingPage",
    "mainEntityOfPage": "foaf:page",
    "version": "dcat:version",
    "isBasedOn": "dcterms:source",
    "mentions": "dcterms:relation",
    "citation": "dcterms:isReferencedBy",
}
"""What is taken over as text, schema.org's word first."""


class SchemaOrg:
    """Makes schema.org objects of records; `language` is preferred for texts."""

    def __init__(self, records: Records, language: str = "sv") -> None:
        self._records = records
        self._language = language

    def dataset(self, record: Record) -> dict[str, Any]:
        """A dataset or series as a `Dataset`, without `@context`."""
        pairs = record.root.node.pairs
        found = {
            "@id": value(record.root.node.subject),
            "@type": "Dataset",
            "name": self._text(pairs, "dcterms:title"),
            "description": self._description(pairs),
            **{word: _several(_plain(pairs, curie)) for word, curie in _PLAIN.items()},
            "keywords": self._keywords(pairs),
            "about": _several([{"@id": iri} for iri in _plain(pairs, "dcat:theme")]),
            "inLanguage": _several(list(_languages(pairs))),
            "publisher": self._agent(pairs, PUBLISHER),
            "creator": self._agent(pairs, CREATOR) or self._agent(pairs, PUBLISHER),
            "contactPoint": self._contact(pairs),
            "spatialCoverage": _several(list(self._places(record))),
            "temporalCoverage": _several(list(_periods(record))),
            "isPartOf": _several([{"@id": iri} for iri in _plain(pairs, "dcat:inSeries")]),
            "distribution": [self._download(entity) for entity in record.distributions],
            "license": _common_licence(record.distributions),
            "isAccessibleForFree": _free(pairs),
        }
        return {key: one for key, one in found.items() if one not in ("", None, [])}

    def service(self, record: Record) -> dict[str, Any]:
        """A data service as a `WebAPI`."""
        pairs = record.root.node.pairs
        found = {
            "@id": value(record.root.node.subject),
            "@type": "WebAPI",
            "name": self._text(pairs, "dcterms:title"),
            "description": self._text(pairs, "dcterms:description"),
            "url": _several(_plain(pairs, "dcat:endpointURL")),
            "documentation": _several(_plain(pairs, "dcat:endpointDescription")),
            "provider": self._agent(pairs, PUBLISHER),
        }
        return {key: one for key, one in found.items() if one not in ("", None, [])}

    def _text(self, pairs: Iterable[Pair], curie: str) -> str:
        return preferred(pairs, name(curie), self._language)

    def _description(self, pairs: Sequence[Pair]) -> str:
        """A description long enough to be read: a short one is led by the title and the keywords."""
        text = self._text(pairs, "dcterms:description")
        if len(text) < SHORTEST:
            parts = (self._text(pairs, "dcterms:title"), text, ", ".join(self._keywords(pairs)))
            text = ". ".join(part.rstrip(".") for part in parts if part)
        return text[:LONGEST]

    def _keywords(self, pairs: Iterable[Pair]) -> list[str]:
        return [value(term) for term in values(pairs, name("dcat:keyword"))]

    def _agent(self, pairs: Iterable[Pair], predicate: str) -> dict[str, Any] | None:
        for term in values(pairs, predicate):
            said = self._records.entity(term).node.pairs if is_iri(term) else ()
            title = preferred(said, name("foaf:name"), self._language)
            home = _several(_plain(said, "foaf:homepage"))
            found = {"@id": value(term), "@type": "Organization", "name": title, "url": home}
            return {key: one for key, one in found.items() if one}
        return None

    def _contact(self, pairs: Iterable[Pair]) -> dict[str, Any] | None:
        for term in values(pairs, CONTACT):
            entity = self._records.entity(term)
            said = entity.node.pairs
            phone = [one for node in entity.inner for one in _plain(node.pairs, "vcard:hasValue")]
            found = {
                "@type": "ContactPoint",
                "name": _several(_plain(said, "vcard:fn")),
                "email": _several([one.removeprefix("mailto:") for one in _plain(said, "vcard:hasEmail")]),
                "telephone": _several([one.removeprefix("tel:") for one in phone]),
                "url": _several(_plain(said, "vcard:hasURL")),
            }
            return {key: one for key, one in found.items() if one}
        return None

    def _places(self, record: Record) -> Iterator[dict[str, Any]]:
        inner = {node.subject: node.pairs for node in record.root.inner}
        for term in values(record.root.node.pairs, name("dcterms:spatial")):
            boxes = [_box(text) for text in _plain(inner.get(term, ()), "dcat:bbox")]
            if box := next((box for box in boxes if box), ""):
                yield {"@type": "Place", "geo": {"@type": "GeoShape", "box": box}}
            elif is_iri(term) and term not in inner:
                yield {"@type": "Place", "@id": value(term)}

    def _download(self, entity: Entity) -> dict[str, Any]:
        pairs = entity.node.pairs
        address = _plain(pairs, "dcat:downloadURL") or _plain(pairs, "dcat:accessURL")
        size = next(iter(_plain(pairs, "dcat:byteSize")), "")
        found = {
            "@id": value(entity.node.subject),
            "@type": "DataDownload",
            "name": self._text(pairs, "dcterms:title"),
            "description": self._text(pairs, "dcterms:description"),
            "contentUrl": next(iter(address), ""),
            "encodingFormat": _encoding(pairs),
            "contentSize": f"{int(size)} B" if size.isdigit() else "",
            "license": _several(_plain(pairs, "dcterms:license")),
        }
        return {key: one for key, one in found.items() if one}


def _plain(pairs: Iterable[Pair], curie: str) -> list[str]:
    return [value(term) for term in values(pairs, name(curie))]


def _several(found: list[Any]) -> Any:
    """Nothing, the one, or the list."""
    return found if len(found) > 1 else found[0] if found else ""


def _languages(pairs: Iterable[Pair]) -> Iterator[str]:
    for text in _plain(pairs, "dcterms:language"):
        if (match := _LANGUAGE.search(text)) and match[1] in _CODES:
            yield _CODES[match[1]]


def _periods(record: Record) -> Iterator[str]:
    """Periods as ISO 8601 intervals; an open end is ``..``."""
    for node in record.root.inner:
        if name("dcterms:PeriodOfTime") in types(node.pairs):
            start, end = (_plain(node.pairs, curie) for curie in ("dcat:startDate", "dcat:endDate"))
            yield f"{start[0] if start else '..'}/{end[0] if end else '..'}"


def _box(wkt: str) -> str:
    """A WKT polygon, longitude first, as schema.org's box: south west north east."""
    match = _BOX.search(wkt)
    try:
        points = (
            [[float(number) for number in point.split()[:2]] for point in match[1].split(",")]
            if match
            else []
        )
    except ValueError:
        return ""
    if not points or any(len(point) != 2 for point in points):
        return ""
    longitudes, latitudes = zip(*points, strict=True)
    return f"{min(latitudes)} {min(longitudes)} {max(latitudes)} {max(longitudes)}"


def _encoding(pairs: Iterable[Pair]) -> str:
    found = [recognise(term).media_type for key in (MEDIA_TYPE, FORMAT) for term in values(pairs, key)]
    return next((one for one in found if one), "")


def _common_licence(distributions: Sequence[Entity]) -> str:
    """The licence of all distributions, when they agree."""
    found = {tuple(_plain(entity.node.pairs, "dcterms:license")) for entity in distributions}
    licences = found.pop() if len(found) == 1 else ()
    return licences[0] if len(licences) == 1 else ""


def _free(pairs: Iterable[Pair]) -> bool | None:
    said = list(pairs)
    public = _PUBLIC in values(said, name("dcterms:accessRights"))
    return True if public and not values(said, name("schema:offers")) else None


def to_json(found: dict[str, Any]) -> str:
    """An object as one line of JSON."""
    return json.dumps(found, ensure_ascii=False)
