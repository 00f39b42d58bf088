"""Geometries between the forms they come in (GeoJSON, WKT, pairs in brackets) and WKT, which goes out.

Inside, a geometry is the GeoJSON object of RFC 7946 clause 3.1: easting or longitude first.
"""

import json
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final

from loaders.tables.rows import Geometry

NUMBER: Final = (int, float, Decimal)
"""What a coordinate may be: readers of JSON give exact decimals."""

_PAIR: Final = re.compile(r"\(?\s*(-?\d+(?:\.\d+)?)\s*[,; ]\s*(-?\d+(?:\.\d+)?)\s*\)?")
_PAIR_INSIDE: Final = re.compile(r"\((-?\d+(?:\.\d+)?)\s*,\s*(-?\d+(?:\.\d+)?)\)")
_CRS: Final = re.compile(r"(?:SRID=(\d+);|<[^>]*/(\w+)>)\s*", re.IGNORECASE)
_TOKENS: Final = re.compile(r"[A-Za-z]+|[(),]|[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_TYPES: Final = {
    name.upper(): name
    for name in (
        "Point",
        "LineString",
        "Polygon",
        "MultiPoint",
        "MultiLineString",
        "MultiPolygon",
        "GeometryCollection",
    )
}
_DEPTHS: Final = {
    "Point": 0,
    "LineString": 1,
    "MultiPoint": 1,
    "Polygon": 2,
    "MultiLineString": 2,
    "MultiPolygon": 3,
}


def read_text(text: str) -> tuple[Geometry, str | None]:
    """A geometry written in a cell and its EPSG code when the text says one; ValueError when it is none.

    Understands GeoJSON, WKT, EWKT, GeoSPARQL's WKT with a CRS in front, and ``(lat,lon)`` pairs, which are
    taken as latitude first because that is how everyone writes them; coordinates.py finds the swapped.
    """
    text = text.strip()
    if text.startswith("{"):
        geometry = json.loads(text)
        geometry = geometry.get("geometry", geometry)
        if not isinstance(geometry, dict) or geometry.get("type") not in _TYPES.values():
            raise ValueError("no GeoJSON geometry")
        return geometry, None
    if pair := _PAIR.fullmatch(text) or _PAIR_INSIDE.search(text):
        return {"type": "Point", "coordinates": [float(pair[2]), float(pair[1])]}, None
    crs = _CRS.match(text)
    geometry = _read_wkt(text[crs.end() :] if crs else text)
    return geometry, (f"EPSG:{crs[1] or crs[2]}" if crs and (crs[1] or crs[2]) != "CRS84" else None)


def _read_wkt(text: str) -> dict[str, Any]:
    tokens = _TOKENS.findall(text)
    if not tokens or tokens[0].upper() not in _TYPES:
        raise ValueError("no WKT geometry")
    name = _TYPES[tokens[0].upper()]
    if name == "GeometryCollection":
        raise ValueError("a collection of geometries")
    rest = iter(token for token in tokens[1:] if token.upper() not in ("Z", "M", "ZM"))
    if next(rest, "") != "(":
        raise ValueError("an empty geometry")
    coordinates = _read_level(rest)
    flat = coordinates[0] if name == "Point" else coordinates
    if name == "MultiPoint":
        flat = [point[0] if isinstance(point[0], list) else point for point in coordinates]
    return {"type": name, "coordinates": flat}


def _read_level(tokens: Iterator[str]) -> list[Any]:
    """What stands between two brackets: positions, or further brackets."""
    items: list[Any] = []
    position: list[float] = []
    for part in tokens:
        if part == "(":
            items.append(_read_level(tokens))
        elif part in ",)":
            if position:
                items.append(position)
            if part == ")":
                return items
            position = []
        else:
            position.append(float(part))
    raise ValueError("a bracket that is not closed")


def positions(coordinates: Any) -> Iterator[list[float]]:
    """All positions of a coordinates member, in order."""
    if coordinates and isinstance(coordinates[0], NUMBER):
        yield coordinates
    else:
        for part in coordinates:
            yield from positions(part)


def check(geometry: Geometry) -> None:
    """ValueError unless the coordinates are numbers, nested as deep as the type asks."""
    depth = _DEPTHS.get(str(geometry.get("type")))
    coordinates = geometry.get("coordinates")
    if depth is None:
        raise ValueError(f"geometry of type {geometry.get('type')}")
    for _ in range(depth + 1):
        if not isinstance(coordinates, (list, tuple)) or not coordinates:
            raise ValueError("an empty geometry")
        coordinates = coordinates[0]
    if not isinstance(coordinates, NUMBER):
        raise ValueError("coordinates that are no numbers")


def to_wkt(geometry: Geometry) -> str:
    """OGC WKT, two dimensions, the order of the axes unchanged."""
    return f"{geometry['type'].upper()}{_wkt_level(geometry['coordinates'], geometry['type'] == 'Point')}"


def _wkt_level(coordinates: Any, point: bool = False) -> str:
    if isinstance(coordinates[0], NUMBER):
        text = f"{number(float(coordinates[0]))} {number(float(coordinates[1]))}"
        return f"({text})" if point else text
    return "(" + ", ".join(_wkt_level(part) for part in coordinates) + ")"


def number(value: float) -> str:
    """A coordinate with at most seven decimals (1 cm in degrees), without an exponent."""
    return f"{value:.7f}".rstrip("0").rstrip(".")


def centre(geometry: Geometry) -> tuple[float, float]:
    """A point that stands for the geometry: the centroid of its areas, else the middle of its bounding box.

    The centroid of a bent area may lie outside of it; it is what publishers themselves give.
    """
    polygons = {"Polygon": [geometry["coordinates"]], "MultiPolygon": geometry["coordinates"]}
    moments = [
        _moments(ring, hole=index > 0)
        for polygon in polygons.get(geometry["type"], [])
        for index, ring in enumerate(polygon)
    ]
    area = sum(moment[0] for moment in moments)
    if area > 0:
        return sum(moment[1] for moment in moments) / area, sum(moment[2] for moment in moments) / area
    points = list(positions(geometry["coordinates"]))
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    return (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2


def _moments(ring: Sequence[Sequence[float]], hole: bool) -> tuple[float, float, float]:
    """Area of a ring and its first moments, negative for a hole, whichever way round the ring runs."""
    x0, y0 = ring[0][:2]  # sums near the ring itself keep their digits
    area = x = y = 0.0
    for here, there in pairwise(ring):
        ax, ay, bx, by = here[0] - x0, here[1] - y0, there[0] - x0, there[1] - y0
        cross = ax * by - bx * ay
        area, x, y = area + cross / 2, x + (ax + bx) * cross / 6, y + (ay + by) * cross / 6
    sign = 1 if (area > 0) != hole else -1
    return sign * area, sign * (x + x0 * area), sign * (y + y0 * area)
