"""Charts as SVG, made on the server: bars, and nothing that needs a script or a colour alone to be read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

_WIDTH, _LABEL, _ROW, _BAR = 720, 220, 26, 16


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


def stacked(bars: Sequence[Bar], legend: Mapping[str, str]) -> Markup | None:
    """Horizontal bars of several parts; None when there is nothing to show.

    The picture is for the eye; the same numbers must stand in a table beside it.
    """
    longest = max((bar.total for bar in bars), default=0)
    if longest <= 0:
        return None
    scale = (_WIDTH - _LABEL - 50) / longest
    rows = "".join(_bar(bar, number, scale, legend) for number, bar in enumerate(bars))
    height = len(bars) * _ROW + 6
    return Markup(  # noqa: S704 -- made here of escaped parts
        f'<svg class="chart" viewBox="0 0 {_WIDTH} {height}" role="img" aria-hidden="true" focusable="false">'
        f"{rows}</svg>"
    )


def line(points: Sequence[tuple[str, float]], top: float) -> Markup | None:
    """A line from day to day, between 0 and `top`; None for fewer than two points.

    The picture is for the eye; the same numbers must stand in a table beside it.
    """
    if len(points) < 2:
        return None
    left, right, bottom, height = 40, _WIDTH - 60, 150, 140
    step = (right - left) / (len(points) - 1)
    spots = [(left + step * place, bottom - height * value / top) for place, (_, value) in enumerate(points)]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in spots)
    (first, _), (last, value) = points[0], points[-1]
    return Markup(  # noqa: S704 -- made here of escaped parts
        f'<svg class="chart" viewBox="0 0 {_WIDTH} 175" role="img" aria-hidden="true" focusable="false">'
        f'<line class="axis" x1="{left}" y1="{bottom}" x2="{right}" y2="{bottom}"/>'
        f'<text x="{left - 8}" y="{bottom}" text-anchor="end">0</text>'
        f'<text x="{left - 8}" y="{bottom - height + 10}" text-anchor="end">{top:g}</text>'
        f'<polyline class="trend" points="{path}"/>'
        f'<text x="{left}" y="{bottom + 20}">{escape(first)}</text>'
        f'<text x="{right}" y="{bottom + 20}" text-anchor="end">{escape(last)}</text>'
        f'<text class="amount" x="{right + 6}" y="{spots[-1][1] + 4:.1f}">{value:g}</text></svg>'
    )


def _bar(bar: Bar, number: int, scale: float, legend: Mapping[str, str]) -> str:
    y = number * _ROW + 4
    title = bar.title if len(bar.title) <= 30 else f"{bar.title[:29]}…"
    pieces = [f'<text x="{_LABEL - 8}" y="{y + 13}" text-anchor="end">{escape(title)}</text>']
    x = float(_LABEL)
    for part in bar.parts:
        if part.amount:
            width = max(part.amount * scale, 1.5)
            name = escape(legend.get(part.kind, part.kind))
            pieces.append(
                f'<rect class="part-{part.kind}" x="{x:.1f}" y="{y}" width="{width:.1f}" height="{_BAR}">'
                f"<title>{escape(bar.title)}: {name} {part.amount:g}</title></rect>"
            )
            x += width
    pieces.append(f'<text class="amount" x="{x + 6:.1f}" y="{y + 13}">{bar.total:g}</text>')
    return "".join(pieces)
