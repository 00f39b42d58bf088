"""Rows of JSON documents: lists of records, GeoJSON, EntryScape RowStore, ArcGIS FeatureServer."""

import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain, islice
from typing import Any, Final

from loaders.tables.rows import Geometry, Hints, Note, Row, Table, nobil
from loaders.tables.rows.records import Head, Record, declared_crs, flat, read_head, records

Shape = Callable[[Record], tuple[Record, Geometry | None]]
"""Takes a record apart into the values of its columns and its geometry."""

_LOOK: Final = 100
_VOLATILE_ID: Final = ".fid-"  # GeoServer makes such ids anew for every answer
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def read(body: io.BufferedReader, tail: bytes, name: str, hints: Hints, note: Note) -> Iterator[Table]:
    """The table of a JSON document; ``tail`` holds its last bytes."""
    start = body.peek()
    head = read_head(start)
    if tail.rstrip()[-1:] not in (b"}", b"]", b""):
        note("trailing-garbage", tail.rstrip()[-10:].decode("utf-8", errors="replace"))
    found = records(body, head, note)
    first = list(islice(found, _LOOK))
    if not first:
        return
    everything = chain(first, found)
    if "csmd" in first[0]:
        yield from nobil.tables(everything, head, hints)
        return
    shape = _shape(first[0], head)
    crs = declared_crs(start, tail) or _arcgis_crs(head)
    titles = dict.fromkeys(title for record in first for title in shape(record)[0])
    yield Table(name, tuple(titles), _rows(everything, shape, head, note), crs, typed=True)


def _rows(found: Iterator[Record], shape: Shape, head: Head, note: Note) -> Iterator[Row]:
    number = 0
    for number, record in enumerate(found, 1):
        values, geometry = shape(record)
        yield Row(number, f"{head.pointer}/{number - 1}", values, geometry)
    total = head.number("resultCount") or head.number("totalFeatures") or head.number("numberMatched")
    if total is not None and total > number + (head.number("offset") or 0):
        note("paged", (f"{number} av {total}", f"{number} of {total}"))
    elif head.members.get("exceededTransferLimit") is True:
        note("paged", (f"de första {number}", f"the first {number}"))


def _shape(record: Record, head: Head) -> Shape:
    """How the records of a document are built, told from the first of them."""
    if "attributes" in record and isinstance(record["attributes"], dict):
        return _arcgis(head)
    if record.get("type") == "Feature":
        return _feature
    return lambda record: (flat(record), None)


def _feature(record: Record) -> tuple[Record, Geometry | None]:
    """A GeoJSON feature (RFC 7946 clause 3.2); its own id counts when its properties have none."""
    values = flat(record.get("properties") or {})
    own = record.get("id")
    if own is not None and "id" not in values and _VOLATILE_ID not in str(own):
        values["id"] = own
    return values, record.get("geometry")


# ---- ArcGIS: https://developers.arcgis.com/rest/services-reference/enterprise/query-feature-service-layer/


def _arcgis(head: Head) -> Shape:
    dates = _date_fields(head)

    def shape(record: Record) -> tuple[Record, Geometry | None]:
        values = flat(record["attributes"])
        for name in dates & values.keys():
            if isinstance(values[name], int):
                values[name] = _EPOCH + timedelta(milliseconds=values[name])
        return values, _arcgis_geometry(record.get("geometry"))

    return shape


def _date_fields(head: Head) -> set[str]:
    """Names of the date fields; the answer lists its fields before the features."""
    return {name for name, kind in head.fields.items() if kind == "esriFieldTypeDate"}


def _arcgis_geometry(given: Any) -> Geometry | None:
    if not isinstance(given, dict):
        return None
    if "x" in given:
        return {"type": "Point", "coordinates": [given["x"], given["y"]]}
    for member, kind in (("rings", "Polygon"), ("paths", "MultiLineString"), ("points", "MultiPoint")):
        if member in given:
            return {"type": kind, "coordinates": given[member]}
    return None


def _arcgis_crs(head: Head) -> str | None:
    code = head.number("spatialReference.latestWkid") or head.number("spatialReference.wkid")
    return f"EPSG:{code}" if code else None
