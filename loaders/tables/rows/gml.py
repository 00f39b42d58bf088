"""Rows of a WFS answer in GML (OGC 09-025, 07-036): every feature a row, its properties by local name."""

import io
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final
from xml.etree.ElementTree import Element, ParseError, iterparse

from loaders.tables.rows import Geometry, Row, Table
from ontology.errors import SourceError

_GML: Final = ("http://www.opengis.net/gml", "http://www.opengis.net/gml/3.2")
_MEMBERS: Final = ("member", "featureMember", "featureMembers")
_LOOK: Final = 100


def read(path: Path, body: io.BufferedReader) -> Iterator[Table]:
    """The features of a collection; SourceError for XML of another kind, or with a document type."""
    start = body.peek()
    if b"<!DOCTYPE" in start[:4096] or b"<!ENTITY" in start:
        raise SourceError(f"{path}: XML with a document type (a web page?) is no table")
    features = _features(path, body)
    first = list(islice(features, _LOOK))
    if not first:
        raise SourceError(f"{path}: XML without GML features is no table")
    parsed = [_parse(feature) for feature in first]
    crs = next((crs for _, _, crs in parsed if crs), None)
    titles = dict.fromkeys(title for values, _, _ in parsed for title in values)
    rest = chain(parsed, (_parse(feature) for feature in features))
    rows = (Row(n, f"feature={n}", values, geometry) for n, (values, geometry, _) in enumerate(rest, 1))
    yield Table(path.stem, tuple(titles), rows, crs)


def _features(path: Path, body: io.BufferedReader) -> Iterator[Element]:
    try:
        for _, element in iterparse(body, events=("end",)):  # noqa: S314 - a document type was refused above
            if _local(element) in _MEMBERS:
                yield from list(element)
                element.clear()
    except ParseError as error:
        raise SourceError(f"{path}: the XML is broken: {error}") from error


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _parse(feature: Element) -> tuple[dict[str, Any], Geometry | None, str | None]:
    """Values, geometry, and the name of the geometry's coordinate system."""
    values: dict[str, Any] = {}
    geometry: Geometry | None = None
    crs: str | None = None
    for member in feature:
        inner = next(iter(member), None)
        if inner is not None and inner.tag.startswith("{") and inner.tag[1:].split("}")[0] in _GML:
            if _local(member) != "boundedBy":
                geometry, crs = _geometry(inner), inner.get("srsName")
        else:
            values[_local(member)] = (member.text or "").strip() or None
    return values, geometry, crs


def _geometry(element: Element) -> Geometry:
    """Points, curves, surfaces and collections of them; of another type when it is none of these."""
    name = _local(element).removeprefix("Multi")
    parts = [part for member in element for part in member] if _local(element).startswith("Multi") else []
    if parts:
        inner = [_geometry(part) for part in parts]
        return {"type": "Multi" + inner[0]["type"], "coordinates": [part["coordinates"] for part in inner]}
    runs = [_positions(run) for run in element.iter() if _local(run) in ("pos", "posList", "coordinates")]
    if not runs:
        return {"type": name}
    if name == "Point":
        return {"type": "Point", "coordinates": runs[0][0]}
    if name in ("LineString", "Curve"):
        return {"type": "LineString", "coordinates": [position for run in runs for position in run]}
    return {"type": "Polygon", "coordinates": runs}


def _positions(element: Element) -> list[list[float]]:
    """Pairs of numbers: separated by blanks, or by commas in GML 2's ``coordinates``."""
    text = element.text or ""
    if _local(element) == "coordinates":
        return [[float(number) for number in pair.split(",")[:2]] for pair in text.split()]
    numbers = [float(number) for number in text.split()]
    width = int(element.get("srsDimension", "2"))
    return [numbers[i : i + 2] for i in range(0, len(numbers) - 1, width)]
