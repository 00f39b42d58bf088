"""Points, lines and rings for maps, read from WKT."""

import re
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Dot:
    """A point in WGS84 with a name."""

    longitude: float
    latitude: float
    title: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """The points of a line, or of the ring of an area when it is closed."""

    points: tuple[tuple[float, float], ...]
    closed: bool
    title: str = ""


_TYPE = re.compile(r"\s*(?:<[^>]*>\s*)?(?:MULTI)?(POINT|LINESTRING|POLYGON)\s*Z?", re.I)
_PART = re.compile(r"\(([^()]+)\)")


def shapes_of(wkt: str, title: str) -> Iterable[Dot | Line]:
    """The points, lines and rings of a WKT geometry in CRS84; nothing of what cannot be read."""
    match = _TYPE.match(wkt)
    if match is None:
        return
    kind = match[1].upper()
    for part in _PART.findall(wkt[match.end() :]):
        points = tuple(point for piece in part.split(",") if (point := _point(piece)))
        if kind == "POINT":
            yield from (Dot(*point, title) for point in points)
        elif len(points) > 1:
            yield Line(points, kind == "POLYGON", title)


def _point(text: str) -> tuple[float, float] | None:
    numbers = text.split()
    try:
        found = (float(numbers[0]), float(numbers[1]))
    except (ValueError, IndexError):
        return None
    return found if abs(found[0]) <= 180 and abs(found[1]) <= 90 else None
