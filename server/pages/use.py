"""How much something is used, as pages show it."""

from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from loaders.releases.usage import Kind
from server.pages.charts import Bar, Part, stacked
from server.pages.sending import Reading
from server.used import Used, used

_WORDS: Final[dict[Kind, tuple[str, str]]] = {
    "query": ("Frågor i SPARQL", "Queries in SPARQL"),
    "call": ("Anrop av färdiga frågor", "Calls of ready questions"),
    "download": ("Hämtningar av beskrivning eller katalog", "Downloads of description or catalogue"),
    "view": ("Visningar av sidan", "Views of the page"),
}


@dataclass(frozen=True, slots=True)
class Use:
    """Counts for each kind of use: in the last days and in all; and a chart by month once there are two."""

    rows: tuple[tuple[str, int, int], ...]
    months: Markup | None

    @property
    def any(self) -> bool:
        """Whether anything was counted."""
        return any(total for _, _, total in self.rows)


def used_of(reading: Reading, *subjects: str) -> Use:
    """The use of datasets or publishers together, in the language of the page."""
    place = 0 if reading.language == "sv" else 1
    found = used(reading.release, *subjects)
    rows = ((words[place], found.recent[kind], found.total[kind]) for kind, words in _WORDS.items())
    return Use(tuple(rows), _months(found, reading))


def _months(found: Used, reading: Reading) -> Markup | None:
    if len(found.months) < 2:
        return None
    bars = [Bar(month, (Part("clean", sum(sums.values())),)) for month, sums in found.months[-12:]]
    return stacked(bars, {}, reading.language)
