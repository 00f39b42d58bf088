"""Charts as lists of bars, made on the server: the words are text, and only the bars are pictures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from server.http.words import Language
from server.pages.frame import grouped

_ROOM = 86.0
"""Per cent of the width that the longest bar takes; its amount stands behind it."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a bar: the class that colours it, and how much."""

    kind: str
    amount: float


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar with its name, its parts, and where it leads."""

    title: str
    parts: tuple[Part, ...]
    link: str = ""

    @property
    def total(self) -> float:
        """The length of the bar."""
        return sum(part.amount for part in self.parts)


def stacked(bars: Sequence[Bar], legend: Mapping[str, str], language: Language) -> Markup | None:
    """Horizontal bars of several parts; None when there is nothing to show.

    The length is told in words; the parts of a bar must stand in a table beside the chart.
    """
    longest = max((bar.total for bar in bars), default=0)
    if longest <= 0:
        return None
    rows = "".join(_bar(bar, _ROOM / longest, legend, language) for bar in bars)
    return Markup(f'<ul class="bars">{rows}</ul>')  # noqa: S704 -- made here of escaped parts


def _bar(bar: Bar, scale: float, legend: Mapping[str, str], language: Language) -> str:
    x, pieces = 0.0, []
    for part in bar.parts:
        if part.amount:
            width = max(part.amount * scale, 0.3)
            named = escape(legend.get(part.kind, part.kind))
            pieces.append(
                f'<rect class="part-{part.kind}" x="{x:.2f}%" width="{width:.2f}%" height="100%">'
                f"<title>{named}: {_amount(part.amount, language)}</title></rect>"
            )
            x += width
    amount = _amount(bar.total, language)
    title = escape(bar.title)
    name = f'<a href="{escape(bar.link)}">{title}</a>' if bar.link else title
    return (
        f'<li><span class="name">{name}</span><span class="hidden"> {amount}</span>'
        f'<svg aria-hidden="true" focusable="false">{"".join(pieces)}'
        f'<text x="{x:.2f}%" dx="6" dy="0.1em" y="50%">{amount}</text></svg></li>'
    )


def _amount(amount: float, language: Language) -> Markup:
    return grouped(int(amount) if amount == int(amount) else amount, language)
