"""The answer of a query as a map or a chart, where it can be one."""

from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from server.http.words import Language
from server.pages.charts import Bar, Part, stacked
from server.pages.maps import map_of
from server.pages.results import Cell, Shown
from server.pages.shapes import Dot, Line, shapes_of

LONGEST_CHART: Final = 40


@dataclass(frozen=True, slots=True)
class Picture:
    """The answer as a map or a chart, where it can be one."""

    map: Markup | None = None
    chart: Markup | None = None


def picture_of(shown: Shown, language: Language) -> Picture:
    """A map when a column holds geometries, a chart when there are few rows with a number each."""
    places: list[Dot] = []
    lines: list[Line] = []
    for row in shown.rows:
        title = next((cell.text for cell in row if cell.text and not cell.number and not cell.wkt), "")
        for cell in row:
            if cell.wkt:
                for shape in shapes_of(cell.text, title):
                    (places if isinstance(shape, Dot) else lines).append(shape)  # type: ignore[arg-type]
    found = map_of(places, lines)
    return Picture(found, None if found else _chart(shown, language))


def _chart(shown: Shown, language: Language) -> Markup | None:
    numbers = [place for place, _ in enumerate(shown.variables) if _is_number(shown, place)]
    words = [place for place, _ in enumerate(shown.variables) if _is_text(shown, place)]
    if not numbers or not words or not 1 < len(shown.rows) <= LONGEST_CHART:
        return None
    at, of = numbers[0], words[0]
    bars = [Bar(row[of].text, (Part("clean", _amount(row[at])),)) for row in shown.rows]
    return stacked(bars, {"clean": shown.variables[at]}, language)


def _is_number(shown: Shown, place: int) -> bool:
    return all(row[place].number and _amount(row[place]) >= 0 for row in shown.rows)


def _is_text(shown: Shown, place: int) -> bool:
    return all(row[place].text and not row[place].number for row in shown.rows)


def _amount(cell: Cell) -> float:
    try:
        return float(cell.text)
    except ValueError:
        return -1
