"""CKAN: packages page by page from its API, each a dataset with the resources as distributions."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from loaders.catalogues.jsonld import read_json
from loaders.harvest.documents import Document
from loaders.harvest.walk import Walk
from loaders.isolate import Step
from ontology.errors import SourceError

ROWS: Final = 100
"""Packages in a page; CKAN's own limit is often 1,000, but answers of that size are slow to come."""

_ACTION: Final = "/api/3/action/"


def site_of(address: str) -> str:
    """The address of a CKAN, without a slash at its end, from any address of its API."""
    return address.partition("/api/")[0].partition("?")[0].rstrip("/")


def harvest(walk: Walk, address: str) -> tuple[Document, ...]:
    """All pages of `package_search`; SourceError when packages were lost or repeated on the way."""
    found: set[str] = set()
    counts: set[int] = set()
    start = 0
    while True:
        # By name: the order must not change while the pages are read.
        asked = urlencode({"rows": ROWS, "start": start, "sort": "name asc"})
        document = walk.fetch(f"{site_of(address)}{_ACTION}package_search?{asked}", "application/json")
        page = walk.look("ckan:look", document)
        found.update(page["ids"])
        counts.add(page["count"])
        start += len(page["ids"])
        if start >= page["count"] or not page["ids"]:
            break
    if counts != {len(found)}:
        raise SourceError(f"it gave {len(found)} packages of {max(counts)}; did it change while it was read?")
    return tuple(walk.documents)


def look(argument: Mapping[str, Any], step: Step) -> dict[str, Any]:
    """The ids of the packages of a page, and how many packages there are in all."""
    result = _result(read_json(Path(argument["path"])))
    if not isinstance(result, dict) or not isinstance(result.get("count"), int):
        raise SourceError("it is no answer of package_search; expected `result` with `count` and `results`")
    return {"count": result["count"], "ids": [str(package.get("id")) for package in _packages(result)]}


def catalogue(value: Any, address: str, title: str) -> dict[str, Any]:
    """The packages of an answer as one object for the mapping; SourceError when there are none."""
    packages = [_flat(package) for package in _packages(_result(value)) if package.get("state") != "deleted"]
    if not packages:
        raise SourceError("there is no package in it")
    return {"site": site_of(address), "title": title, "packages": packages}


def _result(value: Any) -> Any:
    """What an answer of the API holds; a file may hold it without the answer around it."""
    if not isinstance(value, dict) or "success" not in value:
        return value
    if value["success"] is not True:
        raise SourceError(f"the API answered with an error: {value.get('error')}")
    return value.get("result")


def _packages(result: Any) -> list[dict[str, Any]]:
    if isinstance(result, dict) and isinstance(result.get("results"), list):
        result = result["results"]
    found = result if isinstance(result, list) else [result]
    return [one for one in found if isinstance(one, dict) and ("resources" in one or "name" in one)]


def _flat(package: Mapping[str, Any]) -> dict[str, Any]:
    """A package with its extras beside its own fields, which come first as in ckanext-dcat."""
    extras = package.get("extras")
    found: dict[str, Any] = {}
    for extra in extras if isinstance(extras, list) else []:
        if isinstance(extra, dict) and isinstance(extra.get("key"), str):
            found.setdefault(extra["key"], extra.get("value"))
    return {**found, **{key: value for key, value in package.items() if value not in (None, "", [], {})}}
