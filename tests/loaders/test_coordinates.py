"""Coordinates: declared, guessed and swapped systems, against control points and published twins."""

import math

import pytest
from pyproj import Transformer

from loaders.tables.coordinates import SYSTEMS, NowhereError, Projector, System, epsg_code

Point = tuple[float, float]

STORTORGET = (59.3250, 18.0707)  # in Stockholm; latitude, longitude
FARSTA = (59.2433, 18.0933)  # south of it: there a northing in ST74 can be no easting
NATIONAL = [3006, 3011, 3021, 3152, 3857, 4326, 4619]
LOCAL = {  # a zone is used near its own meridian
    3007: (58.0, 12.0),
    3008: (57.7, 13.5),
    3009: (59.3, 15.0),
    3010: (58.6, 16.5),
    3012: (57.8, 14.25),
    3013: (56.2, 15.75),
    3014: (62.4, 17.25),
    3015: (57.6, 18.75),
    3016: (63.8, 20.25),
    3017: (65.6, 21.75),
    3018: (65.8, 23.25),
    3019: (57.7, 11.97),
    3020: (59.4, 13.5),
    3022: (59.3, 18.06),
    3023: (63.8, 20.26),
    3024: (65.8, 24.1),
}


def _metres(found: Point, wanted: Point) -> float:
    """How far apart two places are; both latitude, longitude."""
    north = (found[0] - wanted[0]) * 111_200
    east = (found[1] - wanted[1]) * 111_200 * math.cos(math.radians(wanted[0]))
    return math.hypot(north, east)


def _in(code: int, place: Point = STORTORGET) -> Point:
    """Northing and easting of a place in a system."""
    east, north = Transformer.from_crs(4326, code, always_xy=True).transform(place[1], place[0])
    return north, east


@pytest.mark.parametrize("code", [*NATIONAL, *LOCAL])
@pytest.mark.parametrize("swapped", [False, True])
def test_a_declared_system_is_used(code: int, swapped: bool) -> None:
    """Every Swedish system that a file declares is transformed, whichever way round its axes stand."""
    place = LOCAL.get(code, FARSTA)
    north, east = _in(code, place)
    placed = Projector(code).place(*((east, north) if swapped else (north, east)))
    assert _metres((placed.latitude, placed.longitude), place) < 1.0
    assert (placed.guessed, placed.swapped) == (False, swapped)


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda s: s.name)
@pytest.mark.parametrize("swapped", [False, True])
def test_an_undeclared_system_is_guessed(system: System, swapped: bool) -> None:
    """The values alone tell the system and the order of the axes; all but WGS84 count as a guess."""
    north, east = _in(system.epsg, FARSTA)
    placed = Projector().place(*((east, north) if swapped else (north, east)))
    assert _metres((placed.latitude, placed.longitude), FARSTA) < 1.0
    assert placed.system.epsg == system.epsg
    assert placed.guessed is (system.epsg != 4326)
    assert placed.swapped is swapped


def test_no_two_systems_share_a_place() -> None:
    """The ranges are disjoint, both ways round, so that a guess can never be between two systems."""
    corners = [(s, north, east) for s in SYSTEMS for north in s.north for east in s.east]
    for system, north, east in corners:
        holding = {s.name for s in SYSTEMS if s.holds(north, east) or s.holds(east, north)}
        assert holding == {system.name}
    assert len(corners) == 4 * 6


def test_values_overrule_a_wrong_declaration() -> None:
    """A file that says WGS84 and holds SWEREF 99 TM is read as what it holds, and that is said."""
    placed = Projector(4326).place(*_in(3006))
    assert placed.system.epsg == 3006
    assert placed.guessed


@pytest.mark.parametrize(("north", "east"), [(0.0, 0.0), (1234.0, 99.0), (59.3, 1e9), (float("nan"), 18.0)])
def test_what_is_no_place_is_refused(north: float, east: float) -> None:
    """Zero, zero and numbers that fit no system are no coordinates."""
    with pytest.raises(NowhereError) as caught:
        Projector().place(north, east)
    assert all(caught.value.reason)


def test_places_abroad_are_taken_as_they_stand() -> None:
    """Degrees outside Sweden are WGS84; there is nothing to guess from."""
    placed = Projector().place(44.6189607, 11.6710353)
    assert (placed.latitude, placed.longitude, placed.guessed) == (44.6189607, 11.6710353, False)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("EPSG:3006", 3006),
        ("urn:ogc:def:crs:EPSG::3011", 3011),
        ("urn:ogc:def:crs:OGC:1.3:CRS84", 4326),
        ("http://www.opengis.net/def/crs/EPSG/0/3006", 3006),
        ("http://www.opengis.net/gml/srs/epsg.xml#3021", 3021),
        ("102100", 102100),
        ("4326", 4326),
        ("", None),
        (None, None),
        ("unknown", None),
    ],
)
def test_every_way_of_writing_a_system(written: str | None, code: int | None) -> None:
    """URNs, URLs and numbers name the same EPSG codes."""
    assert epsg_code(written) == code


def test_lines_and_polygons_keep_their_shape() -> None:
    """Every position of a geometry is transformed, in its nesting."""
    north, east = _in(3011)
    ring = [[east, north], [east + 100, north], [east, north + 100], [east, north]]
    geometry, placed = Projector(3011).geometry({"type": "Polygon", "coordinates": [ring]})
    (out,) = geometry["coordinates"]
    assert len(out) == 4
    assert out[0] == out[3]
    assert _metres((out[0][1], out[0][0]), STORTORGET) < 1.0
    assert placed.system.epsg == 3011
