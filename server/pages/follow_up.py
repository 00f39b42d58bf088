"""The follow-up: which of the county's organisations have data after which specification."""

from dataclasses import dataclass

from loaders.search.subjects import Text
from server.pages.charts import Bar, Part, stacked
from server.pages.entries import Organisation
from server.pages.frame import addresses, render
from server.pages.groups import groups_of
from server.pages.sending import Page, Reading


@dataclass(frozen=True, slots=True)
class Line:
    """An organisation with its datasets and things for each specification."""

    organisation: Organisation
    cells: tuple[tuple[int, int], ...]

    @property
    def covered(self) -> int:
        """How many of the specifications it follows."""
        return sum(1 for datasets, _ in self.cells if datasets)


def follow_up(reading: Reading) -> Page:
    """`/follow-up`: organisations by specifications."""
    shelf = reading.shelf
    columns = [
        (slug, Text(sv, en))
        for slug, sv, en in shelf.rows("SELECT slug, sv, en FROM specification ORDER BY sv")
    ]
    cells = {
        (organisation, slug): (datasets, things)
        for organisation, slug, datasets, things in shelf.rows("SELECT * FROM coverage")
    }
    organisations = shelf.organisations("WHERE county = 1 ORDER BY sv")
    lines = [
        Line(one, tuple(cells.get((one.iri, slug), (0, 0)) for slug, _ in columns)) for one in organisations
    ]
    others = shelf.organisations("WHERE county = 0 AND datasets > 0 ORDER BY sv LIMIT 100")
    body = render(
        "follow-up.html",
        reading.asked,
        columns=columns,
        lines=lines,
        others=others,
        publishing=sum(1 for line in lines if line.organisation.datasets),
        chart=_chart(reading, columns, lines),
        groups=groups_of(shelf, [(line.organisation, line.covered) for line in lines]),
    )
    return Page(body)


def _chart(reading: Reading, columns: list[tuple[str, Text]], lines: list[Line]) -> object:
    """For each specification how many of the organisations follow it."""
    address = addresses(reading.asked)
    bars = [
        Bar(
            title.sv if reading.language == "sv" else title.en,
            (Part("clean", sum(1 for line in lines if line.cells[number][0])),),
            address(f"/specifications/{slug}"),
        )
        for number, (slug, title) in enumerate(columns)
    ]
    return stacked(sorted(bars, key=lambda bar: -bar.total), {}, reading.language)
