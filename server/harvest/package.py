"""A dataset as CKAN describes one: a package with resources."""

from collections.abc import Iterable
from typing import Any, Final

from loaders.views.formats import FORMAT, MEDIA_TYPE, recognise
from loaders.views.ledger import preferred
from loaders.views.read import OpenViews, Row
from loaders.views.records import CONTACT, Entity, Record
from loaders.views.survey import slug
from loaders.views.terms import Pair, digest, name, value, values

_EXTRAS: Final = {
    "identifier": "dcterms:identifier",
    "issued": "dcterms:issued",
    "modified": "dcterms:modified",
    "theme": "dcat:theme",
    "frequency": "dcterms:accrualPeriodicity",
    "access_rights": "dcterms:accessRights",
    "conforms_to": "dcterms:conformsTo",
    "language": "dcterms:language",
    "hvd_category": "dcatap:hvdCategory",
}
"""Key of an extra: the property it is taken from, as ckanext-dcat names them."""


def row_of(views: OpenViews, named: str) -> Row | None:
    """The record that a package's id, name or IRI means."""
    return views.row_by_id(named) or views.row(named)


def package(views: OpenViews, row: Row) -> dict[str, Any]:
    """A record as package_show gives it."""
    record = views.records.record(f"<{row.iri}>")
    pairs = record.root.node.pairs
    resources = [_resource(entity, row, place) for place, entity in enumerate(record.distributions)]
    tags = [value(term) for term in values(pairs, name("dcat:keyword"))]
    licence = _licence(record)
    return {
        "id": row.id,
        "name": row.id,
        "title": preferred(pairs, name("dcterms:title")),
        "notes": preferred(pairs, name("dcterms:description")),
        "url": _first(pairs, "dcat:landingPage"),
        "type": "dataset",
        "state": "active",
        "private": False,
        "isopen": bool(licence),
        "license_id": licence,
        "license_title": licence,
        "license_url": licence,
        "version": _first(pairs, "dcat:version"),
        "metadata_created": row.first.removesuffix("Z"),
        "metadata_modified": row.stamp.removesuffix("Z"),
        **_people(views, row, pairs),
        "tags": [{"name": tag, "display_name": tag, "state": "active"} for tag in tags],
        "num_tags": len(tags),
        "groups": [],
        "resources": resources,
        "num_resources": len(resources),
        "extras": _extras(row, pairs),
    }


def _people(views: OpenViews, row: Row, pairs: Iterable[Pair]) -> dict[str, Any]:
    said = views.records.entity(f"<{row.publisher}>").node.pairs if row.publisher else ()
    short = slug(row.publisher).lower() if row.publisher else ""
    title = preferred(said, name("foaf:name"))
    contact = next((views.records.entity(term).node.pairs for term in values(pairs, CONTACT)), ())
    organization = {"id": short, "name": short, "title": title, "type": "organization", "state": "active"}
    return {
        "owner_org": short or None,
        "organization": organization if short else None,
        "author": title,
        "maintainer": _first(contact, "vcard:fn"),
        "maintainer_email": _first(contact, "vcard:hasEmail").removeprefix("mailto:"),
    }


def _extras(row: Row, pairs: Iterable[Pair]) -> list[dict[str, str]]:
    """What a package has no field for, the dataset's own IRI first: it is what readers recognise it by."""
    said = list(pairs)
    found = {"uri": row.iri, "publisher_uri": row.publisher}
    for key, curie in _EXTRAS.items():
        found[key] = ",".join(value(term) for term in values(said, name(curie)))
    return [{"key": key, "value": text} for key, text in found.items() if text]


def _resource(entity: Entity, row: Row, place: int) -> dict[str, Any]:
    pairs = entity.node.pairs
    download, access = _first(pairs, "dcat:downloadURL"), _first(pairs, "dcat:accessURL")
    stated = [*values(pairs, FORMAT), *values(pairs, MEDIA_TYPE)]
    found = [recognise(term) for term in stated]
    code = next((one.code for one in found if one.code), "") or next((value(term) for term in stated), "")
    size = _first(pairs, "dcat:byteSize")
    iri = value(entity.node.subject)
    return {
        "id": digest(iri),
        "package_id": row.id,
        "uri": iri,
        "name": preferred(pairs, name("dcterms:title")),
        "description": preferred(pairs, name("dcterms:description")),
        "url": download or access,
        "access_url": access,
        "download_url": download,
        "format": code,
        "mimetype": next((one.media_type for one in found if one.media_type), ""),
        "size": int(size) if size.isdigit() else None,
        "license": _first(pairs, "dcterms:license"),
        "position": place,
        "state": "active",
    }


def _licence(record: Record) -> str:
    """The licence of all distributions, when they agree."""
    found = {_first(entity.node.pairs, "dcterms:license") for entity in record.distributions}
    return found.pop() if len(found) == 1 else ""


def _first(pairs: Iterable[Pair], curie: str) -> str:
    return next((value(term) for term in values(pairs, name(curie))), "")
