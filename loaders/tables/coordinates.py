"""Coordinates of any system met in Sweden to WGS84: declared where declared, guessed where the ranges allow.

The ranges below do not overlap, so a pair of numbers tells its system and the order of its axes. Two things
they do not tell: which of the twelve local SWEREF zones it is, and, in the middle of Stockholm, the order of
the axes of ST74. Every guess is handed back with the result, to be reported.
"""

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, NamedTuple

from pyproj import Transformer
from pyproj.exceptions import ProjError

from loaders.tables.geometries import NUMBER, positions
from loaders.tables.rows import Geometry


class System(NamedTuple):
    """A coordinate system: EPSG code, name, and the range of northings and eastings it has in Sweden."""

    epsg: int
    name: str
    north: tuple[float, float]
    east: tuple[float, float]

    def holds(self, north: float, east: float) -> bool:
        """Whether a pair may be of this system, anywhere in Sweden."""
        return self.north[0] <= north <= self.north[1] and self.east[0] <= east <= self.east[1]


WGS84: Final = System(4326, "WGS84", (54.5, 69.5), (10.0, 25.0))
_ZONES: Final = {
    3007: "12 00",
    3008: "13 30",
    3009: "15 00",
    3010: "16 30",
    3011: "18 00",
    3012: "14 15",
    3013: "15 45",
    3014: "17 15",
    3015: "18 45",
    3016: "20 15",
    3017: "21 45",
    3018: "23 15",
}
_STOCKHOLM_ZONE: Final = 3011

SYSTEMS: Final = (
    WGS84,
    System(3006, "SWEREF 99 TM", (6_090_000, 7_700_000), (260_000, 930_000)),
    System(_STOCKHOLM_ZONE, "SWEREF 99 18 00", (6_090_000, 7_700_000), (40_000, 259_999)),
    System(3021, "RT90 2,5 gon V", (6_090_000, 7_700_000), (1_180_000, 1_930_000)),
    System(3152, "ST74", (50_000, 95_000), (79_000, 125_000)),
    System(3857, "Web Mercator", (7_710_000, 10_900_000), (1_100_000, 2_800_000)),
)
"""The systems that can be guessed. Local SWEREF zones share one range: the county's own zone is taken."""

_SAME_RANGE: Final = {
    **dict.fromkeys(_ZONES, _STOCKHOLM_ZONE),
    **dict.fromkeys((3019, 3020, 3021, 3022, 3023, 3024), 3021),
    **dict.fromkeys((4326, 4258, 4619, 4979), 4326),
    **dict.fromkeys((3006, 5845, 25833, 32633), 3006),
    **dict.fromkeys((3857, 3785, 900913, 102100, 102113), 3857),
    3152: 3152,
}
_BY_CODE: Final = {system.epsg: system for system in SYSTEMS}
_ODD_CODES: Final = {900913: 3857, 102100: 3857, 102113: 3857}


class Placed(NamedTuple):
    """Where something is in WGS84, and what had to be assumed: the system used, whether axes were swapped."""

    longitude: float
    latitude: float
    system: System
    guessed: bool
    swapped: bool


class NowhereError(Exception):
    """A pair of numbers that is no place in any system; says why, in Swedish and English."""

    def __init__(self, sv: str, en: str) -> None:
        super().__init__(en)
        self.reason = (sv, en)


def epsg_code(declared: str | None) -> int | None:
    """The EPSG code in any way of writing a CRS (``EPSG:3011``, URN, URL, ``CRS84``, a bare number)."""
    if not declared:
        return None
    if "CRS84" in declared.upper():
        return 4326
    match = re.search(r"(\d{4,6})\D*$", declared)
    return int(match[1]) if match else None


@dataclass
class Projector:
    """Turns the pairs and geometries of one table into WGS84.

    ``declared`` is the code the file names, None when it says nothing. The values overrule it when they can
    only be of another system: then Placed.guessed is set.
    """

    declared: int | None = None
    _transformers: dict[int, Transformer] = field(default_factory=dict)

    @cached_property
    def _stated(self) -> System | None:
        """The declared system, with the ranges of its kind when it is one of the known kinds."""
        code = self.declared
        if code is None:
            return None
        like = _BY_CODE.get(_SAME_RANGE.get(code, 0))
        code = _ODD_CODES.get(code, code)
        if like is None:
            return System(code, f"EPSG:{code}", (-1e9, 1e9), (-1e9, 1e9))
        name = (
            f"SWEREF 99 {_ZONES[code]}"
            if code in _ZONES
            else like.name
            if code == like.epsg
            else f"EPSG:{code}"
        )
        return System(code, name, like.north, like.east)

    def place(self, north: float, east: float) -> Placed:
        """A northing or latitude and an easting or longitude in WGS84; NowhereError if neither."""
        system, guessed, swapped = self._decide(north, east)
        if swapped:
            north, east = east, north
        longitude, latitude = self._transformed(system, [east], [north])
        return Placed(longitude[0], latitude[0], system, guessed, swapped)

    def geometry(self, geometry: Geometry) -> tuple[Geometry, Placed]:
        """A whole geometry in WGS84, longitude first; its first position decides about system and axes."""
        points = list(positions(geometry["coordinates"]))
        first, second = [float(p[0]) for p in points], [float(p[1]) for p in points]
        system, guessed, swapped = self._decide(second[0], first[0])
        if swapped:
            first, second = second, first
        xs, ys = self._transformed(system, first, second)
        pairs = iter(zip(xs, ys, strict=True))
        coordinates = _rebuilt(geometry["coordinates"], pairs)
        placed = Placed(xs[0], ys[0], system, guessed, swapped)
        return {"type": geometry["type"], "coordinates": coordinates}, placed

    def _decide(self, north: float, east: float) -> tuple[System, bool, bool]:
        """Which system, whether that is a guess, whether the axes are swapped."""
        stated = self._stated
        for system in (stated,) if stated else ():
            if system.holds(north, east):
                return system, False, False
            if system.holds(east, north):
                return system, False, True
        for system in SYSTEMS:
            if system.holds(north, east):
                return system, system is not WGS84 or stated is not None, False
            if system.holds(east, north):
                return system, system is not WGS84 or stated is not None, True
        return self._abroad(north, east), False, False

    def _abroad(self, north: float, east: float) -> System:
        if north == 0 and east == 0:
            raise NowhereError("noll, noll", "zero, zero")
        if abs(north) <= 90 and abs(east) <= 180:
            return WGS84
        if self._stated and self._stated.epsg != WGS84.epsg and self._stated.north[0] < -1e8:
            return self._stated
        raise NowhereError(
            "stämmer inte med något koordinatsystem i Sverige", "fits no coordinate system of Sweden"
        )

    def _transformed(
        self, system: System, xs: list[float], ys: list[float]
    ) -> tuple[list[float], list[float]]:
        if system.epsg in (4326, 4619, 4258):
            # SWEREF 99 and WGS84 differ by 7–8 dm, less than any visitor's map shows; see docs/datasets.md.
            return xs, ys
        transformer = self._transformers.get(system.epsg)
        try:
            if transformer is None:
                transformer = Transformer.from_crs(system.epsg, WGS84.epsg, always_xy=True)
                self._transformers[system.epsg] = transformer
            longitudes, latitudes = transformer.transform(xs, ys, errcheck=True)
        except ProjError as error:
            raise NowhereError(
                f"går inte att räkna om från EPSG:{system.epsg}",
                f"cannot be transformed from EPSG:{system.epsg}",
            ) from error
        return list(longitudes), list(latitudes)


def in_sweden(placed: Placed) -> bool:
    """Whether a place is within the ranges of Sweden."""
    return WGS84.holds(placed.latitude, placed.longitude)


def _rebuilt(coordinates: Any, pairs: Any) -> Any:
    if isinstance(coordinates[0], NUMBER):
        return list(next(pairs))
    return [_rebuilt(part, pairs) for part in coordinates]
