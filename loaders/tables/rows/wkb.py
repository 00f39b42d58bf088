"""Reads geometries in well-known binary (OGC 06-103r4 clause 8.2), as GeoPackage stores them."""

import struct
from typing import Any, Final

from loaders.tables.rows import Geometry

_TYPES: Final = {
    1: "Point",
    2: "LineString",
    3: "Polygon",
    4: "MultiPoint",
    5: "MultiLineString",
    6: "MultiPolygon",
}
# GeoPackage 1.3 clause 2.1.3: bytes of the envelope by its code in the flags.
_ENVELOPES: Final = (0, 32, 48, 48, 64)
_EWKB_SRID: Final = 0x20000000


def read_geopackage(blob: bytes) -> Geometry | None:
    """A GeoPackage geometry; None for an empty one, ValueError for anything else than a simple feature."""
    if blob[:2] != b"GP":
        raise ValueError("no GeoPackage geometry")
    flags = blob[3]
    if flags & 0b1_0000:
        return None
    return read(blob[8 + _ENVELOPES[(flags >> 1) & 0b111] :])


def read(blob: bytes) -> Geometry:
    """A geometry in WKB, heights and measures dropped; ValueError when it is cut off or of another type."""
    try:
        return _Walk(blob).geometry()
    except (struct.error, IndexError) as error:
        raise ValueError("the geometry is cut off") from error


class _Walk:
    """Goes through the bytes; each part of a collection has its own byte order and type."""

    def __init__(self, blob: bytes) -> None:
        self._blob = blob
        self._at = 0
        self._order = "<"

    def _take(self, form: str) -> tuple[Any, ...]:
        values = struct.unpack_from(self._order + form, self._blob, self._at)
        self._at += struct.calcsize(self._order + form)
        return values

    def geometry(self) -> dict[str, Any]:
        self._order = "<" if self._blob[self._at] else ">"
        self._at += 1
        (code,) = self._take("I")
        kind = _TYPES.get(code % 1000 & 0xFF if code < 0x10000000 else code & 0xFF)
        if kind is None:
            raise ValueError(f"a geometry of type {code}")
        dimensions = 2 + ((code // 1000 in (1, 2)) + 2 * (code // 1000 == 3))
        if code >= 0x10000000:
            dimensions = 2 + bool(code & 0x80000000) + bool(code & 0x40000000)
            self._at += 4 if code & _EWKB_SRID else 0
        return {"type": kind, "coordinates": self._coordinates(kind, dimensions)}

    def _coordinates(self, kind: str, dimensions: int) -> Any:
        if kind == "Point":
            return list(self._take(f"{dimensions}d")[:2])
        if kind == "LineString":
            return self._positions(dimensions)
        (count,) = self._take("I")
        if count > len(self._blob):
            raise ValueError("the geometry is cut off")
        if kind == "Polygon":
            return [self._positions(dimensions) for _ in range(count)]
        return [self.geometry()["coordinates"] for _ in range(count)]

    def _positions(self, dimensions: int) -> list[list[float]]:
        (count,) = self._take("I")
        values = self._take(f"{count * dimensions}d")
        return [list(values[i : i + 2]) for i in range(0, len(values), dimensions)]
