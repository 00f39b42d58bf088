"""A trend as a line in SVG, made on the server."""

from collections.abc import Sequence
from typing import Final

from markupsafe import Markup, escape

WIDTH: Final = 720


def line(points: Sequence[tuple[str, float]], top: float) -> Markup | None:
    """A line from day to day, between 0 and `top`; None for fewer than two points.

    The picture is for the eye; the same numbers must stand in a table beside it.
    """
    if len(points) < 2:
        return None
    left, right, bottom, height = 40, WIDTH - 60, 150, 140
    step = (right - left) / (len(points) - 1)
    spots = [(left + step * place, bottom - height * value / top) for place, (_, value) in enumerate(points)]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in spots)
    (first, _), (last, value) = points[0], points[-1]
    return Markup(  # noqa: S704 -- made here of escaped parts
        f'<svg class="trend" viewBox="0 0 {WIDTH} 175" role="img" aria-hidden="true" focusable="false">'
        f'<line x1="{left}" y1="{bottom}" x2="{right}" y2="{bottom}"/>'
        f'<text x="{left - 8}" y="{bottom}" text-anchor="end">0</text>'
        f'<text x="{left - 8}" y="{bottom - height + 10}" text-anchor="end">{top:g}</text>'
        f'<polyline points="{path}"/>'
        f'<text x="{left}" y="{bottom + 20}">{escape(first)}</text>'
        f'<text x="{right}" y="{bottom + 20}" text-anchor="end">{escape(last)}</text>'
        f'<text class="amount" x="{right + 6}" y="{spots[-1][1] + 4:.1f}">{value:g}</text></svg>'
    )
