"""Maps as SVG, made on the server: points, lines and areas over a grid with the names of towns, no tiles."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from markupsafe import Markup, escape

from server.pages.shapes import Dot, Line

WIDTH: Final = 720
_LOWEST, _HIGHEST, _MARGIN = 260, 620, 26
_LEAST: Final = 0.08  # degrees of latitude across a map: some nine kilometres, to see where one is
MOST: Final = 600
"""Points that are drawn one by one; more are gathered into cells of a grid."""
NAMED: Final = 30
"""With so many points or fewer, each has its name beside it where there is room."""
_CELLS = 60
_METRE_STEPS = (50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000)
_DEGREE = 111_320.0  # metres of latitude
_LETTER, _LINE = 7.0, 14.0  # width of a letter and height of a line of names, in pixels of the picture


class Town(NamedTuple):
    """A name on the map, to see where one is."""

    name: str
    longitude: float
    latitude: float


TOWNS: Final = (
    Town("Stockholm", 18.068, 59.329),
    Town("Södertälje", 17.626, 59.196),
    Town("Norrtälje", 18.705, 59.758),
    Town("Nynäshamn", 17.948, 58.903),
    Town("Märsta", 17.855, 59.622),
    Town("Vaxholm", 18.352, 59.402),
    Town("Gustavsberg", 18.39, 59.326),
    Town("Åkersberga", 18.3, 59.479),
    Town("Tumba", 17.834, 59.2),
    Town("Handen", 18.137, 59.168),
    Town("Huddinge", 17.981, 59.237),
    Town("Nacka", 18.163, 59.311),
    Town("Täby", 18.069, 59.444),
    Town("Sollentuna", 17.951, 59.428),
    Town("Upplands Väsby", 17.912, 59.518),
    Town("Kungsängen", 17.752, 59.478),
    Town("Ekerö", 17.811, 59.29),
    Town("Lidingö", 18.133, 59.367),
    Town("Solna", 18.0, 59.36),
    Town("Tyresö", 18.229, 59.244),
    Town("Nykvarn", 17.43, 59.178),
    Town("Vallentuna", 18.078, 59.534),
    Town("Jakobsberg", 17.835, 59.423),
    Town("Hallstavik", 18.593, 60.05),
    Town("Rimbo", 18.365, 59.747),
)
"""The towns of the county, the largest first: a name that would stand on another is left out."""


@dataclass(frozen=True, slots=True)
class _Frame:
    """Turns degrees into places on the picture, around its middle."""

    longitude: float
    latitude: float
    scale: float  # pixels for a degree of latitude
    height: int

    @property
    def squeeze(self) -> float:
        """How much shorter a degree of longitude is."""
        return max(math.cos(math.radians(self.latitude)), 0.01)

    def x(self, longitude: float) -> float:
        return WIDTH / 2 + (longitude - self.longitude) * self.squeeze * self.scale

    def y(self, latitude: float) -> float:
        return self.height / 2 - (latitude - self.latitude) * self.scale

    @property
    def west(self) -> float:
        return self.longitude - WIDTH / 2 / self.scale / self.squeeze

    @property
    def north(self) -> float:
        return self.latitude + self.height / 2 / self.scale


def map_of(dots: Sequence[Dot], lines: Sequence[Line] = ()) -> Markup | None:
    """A map of points and lines; None when there is nothing to show.

    The picture is for the eye; the same things must stand in a list beside it.
    """
    places = [(dot.longitude, dot.latitude) for dot in dots]
    places += [point for line in lines for point in line.points]
    if not places:
        return None
    frame = _frame(places)
    names = _Names(frame)
    titles = _titles(dots, names) if len(dots) <= NAMED else ""
    body = _grid(frame) + _towns(names) + "".join(_line(line, frame) for line in lines) + _dots(dots, frame)
    return Markup(  # noqa: S704 -- made here of escaped parts
        f'<svg class="map" viewBox="0 0 {WIDTH} {frame.height}" aria-hidden="true" focusable="false">'
        f'<rect class="ground" width="{WIDTH}" height="{frame.height}"/>{body}{titles}{_measure(frame)}</svg>'
    )


def _frame(places: Sequence[tuple[float, float]]) -> _Frame:
    longitudes, latitudes = zip(*places, strict=True)
    middle = ((min(longitudes) + max(longitudes)) / 2, (min(latitudes) + max(latitudes)) / 2)
    squeeze = max(math.cos(math.radians(middle[1])), 0.01)
    wide = max((max(longitudes) - min(longitudes)) * squeeze, _LEAST)
    tall = max(latitudes) - min(latitudes)
    scale = min((WIDTH - 2 * _MARGIN) / wide, (_HIGHEST - 2 * _MARGIN) / max(tall, _LEAST / 2))
    return _Frame(*middle, scale, round(max(_LOWEST, tall * scale + 2 * _MARGIN)))


def _dots(dots: Sequence[Dot], frame: _Frame) -> str:
    if len(dots) <= MOST:
        return "".join(
            f'<circle class="dot" cx="{frame.x(dot.longitude):.1f}" cy="{frame.y(dot.latitude):.1f}" r="4.5">'
            f"<title>{escape(dot.title)}</title></circle>"
            for dot in dots
        )
    cells: dict[tuple[int, int], int] = {}
    size = WIDTH / _CELLS
    for dot in dots:
        place = (int(frame.x(dot.longitude) / size), int(frame.y(dot.latitude) / size))
        cells[place] = cells.get(place, 0) + 1
    most = max(cells.values())
    return "".join(
        f'<circle class="dot" cx="{(x + 0.5) * size:.1f}" cy="{(y + 0.5) * size:.1f}"'
        f' r="{2 + 6 * math.sqrt(count / most):.1f}"><title>{count}</title></circle>'
        for (x, y), count in sorted(cells.items())
    )


def _line(line: Line, frame: _Frame) -> str:
    step = max(1, len(line.points) // 400)
    points = " ".join(f"{frame.x(x):.1f},{frame.y(y):.1f}" for x, y in line.points[::step])
    tag = "polygon" if line.closed else "polyline"
    return f'<{tag} class="{"area" if line.closed else "line"}" points="{points}"><title>{escape(line.title)}</title></{tag}>'  # noqa: E501


def _grid(frame: _Frame) -> str:
    span = (WIDTH - 2 * _MARGIN) / frame.scale
    step = next((one for one in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0) if span / one <= 6), 10.0)
    pieces = []
    latitude = math.floor(frame.north / step + 1) * step
    while (y := frame.y(latitude)) < frame.height:
        if y > 0:
            pieces.append(f'<path class="grid" d="M0 {y:.1f}H{WIDTH}"/>')
        latitude -= step
    longitude = math.floor(frame.west / step - 1) * step
    while (x := frame.x(longitude)) < WIDTH:
        if x > 0:
            pieces.append(f'<path class="grid" d="M{x:.1f} 0V{frame.height}"/>')
        longitude += step * 2
    return "".join(pieces)


class _Names:
    """Puts names beside points so that none stands on another or outside the picture."""

    def __init__(self, frame: _Frame) -> None:
        self.frame = frame
        self._taken: list[tuple[float, float, float]] = []  # left, right and baseline

    def put(self, longitude: float, latitude: float, name: str) -> tuple[float, float] | None:
        """Where the name begins; None when there is no room."""
        x, y = self.frame.x(longitude) + 8, self.frame.y(latitude) + 4
        right = x + len(name) * _LETTER
        free = all(x > end or right < start or abs(y - line) > _LINE for start, end, line in self._taken)
        if not free or x < 0 or right > WIDTH or not _LINE < y < self.frame.height - 24:
            return None
        self._taken.append((x, right, y))
        return x, y


def _titles(dots: Sequence[Dot], names: _Names) -> str:
    placed = ((dot.title, names.put(dot.longitude, dot.latitude, dot.title)) for dot in dots if dot.title)
    return "".join(
        f'<text class="name" x="{at[0]:.1f}" y="{at[1]:.1f}">{escape(title)}</text>'
        for title, at in placed
        if at is not None
    )


def _towns(names: _Names) -> str:
    """Towns by size; those that would crowd a narrow screen are marked `minor`."""
    frame, roomy, pieces = names.frame, _Names(names.frame), []
    for town in TOWNS:
        if names.put(town.longitude, town.latitude, town.name) is None:
            continue
        major = roomy.put(town.longitude, town.latitude, town.name * 2)
        x, y = frame.x(town.longitude), frame.y(town.latitude)
        pieces.append(
            f'<g class="town{"" if major else " minor"}"><circle cx="{x:.1f}" cy="{y:.1f}" r="2"/>'
            f'<text x="{x + 6:.1f}" y="{y + 4:.1f}">{town.name}</text></g>'
        )
    return "".join(pieces)


def _measure(frame: _Frame) -> str:
    """A bar that says how long so many kilometres are."""
    pixel = _DEGREE / frame.scale
    metres = next((one for one in reversed(_METRE_STEPS) if one / pixel <= WIDTH / 4), _METRE_STEPS[0])
    length = metres / pixel
    text = f"{metres // 1000} km" if metres >= 1000 else f"{metres} m"
    y = frame.height - 12
    return (
        f'<path class="measure" d="M12 {y - 5}v5h{length:.1f}v-5"/>'
        f'<text class="measure" x="{18 + length:.1f}" y="{y}">{text}</text>'
    )
