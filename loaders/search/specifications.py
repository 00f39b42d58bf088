"""The dataset specifications of ODIS as pages and facets name them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from loaders.search.subjects import Text
from ontology import FOLDER

_COMMON = "place"  # what the others extend; no dataset conforms to it alone


@dataclass(frozen=True, slots=True)
class Specification:
    """A kind of dataset: `addresses` are the IRIs that datasets name it by, `kind` the class of its rows."""

    slug: str
    title: Text
    notes: Text
    addresses: tuple[str, ...]
    kind: str
    words: tuple[tuple[str, str], ...]


def specifications() -> list[Specification]:
    """All of them, by name."""
    paths = sorted(FOLDER.glob("specifications/*/metadata.json"))
    return [_read(path.parent.name, path.read_text("utf-8")) for path in paths if path.parent.name != _COMMON]


def _read(slug: str, content: str) -> Specification:
    about: Mapping[str, Any] = json.loads(content)
    return Specification(
        slug=slug,
        title=_text(about, "dcterms:title"),
        notes=_text(about, "dcterms:description"),
        addresses=tuple(one["@id"] for one in about.get("dcterms:conformsTo", [])),
        kind=next(_classes(about), ""),
        words=tuple((one.get("@language", ""), one["@value"]) for one in about.get("dcat:keyword", [])),
    )


def _text(about: Mapping[str, Any], key: str) -> Text:
    found = {one.get("@language", "sv"): one["@value"] for one in about.get(key, [])}
    return Text(found.get("sv", ""), found.get("en", ""))


def _classes(about: Mapping[str, Any]) -> Iterator[str]:
    for column in about["tableSchema"]["columns"]:
        if column.get("propertyUrl") == "rdf:type" and "aboutUrl" not in column:
            yield column["valueUrl"]
