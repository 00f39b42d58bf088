"""DCAT-US: the catalogue in one JSON document, as version 1.1 and version 3 write it."""

from typing import Any

from ontology.errors import SourceError


def catalogue(value: Any, address: str, title: str) -> dict[str, Any]:
    """A document as one object for the mapping; SourceError when it is no data.json."""
    if not isinstance(value, dict) or not isinstance(value.get("dataset"), list):
        raise SourceError("it is no data.json; expected an object with a list named `dataset`")
    return {"title": title, **value, "document": address}
