"""Points on pages: what a page of a dataset or publisher says, and the line of a trend."""

from pathlib import Path

from loaders.releases.release import current
from server.pages.groups import groups_of
from server.pages.points import means, points_of, stars_of
from server.pages.shelf import Shelves
from server.pages.trend import line


def test_pages_know_points_steps_and_stars(sample_region: Path) -> None:
    """A publisher has means, dimensions and steps, dearest for the effort first; a file has stars."""
    shelf = Shelves().of(current(sample_region / "var"))
    everything, nacka = (
        points_of(shelf, ""),
        points_of(shelf, "http://dataportal.se/organisation/SE2120000167"),
    )
    assert everything and nacka
    assert (everything.highest, everything.days[-1][1]) == ((405, 375), everything.eu)
    assert nacka.eu < everything.eu < points_of(shelf, "https://stockholm.example/catalogue").eu  # type: ignore[union-attr]
    assert nacka.band.en == "Bad"
    assert abs(sum(points for _, points, _ in nacka.dimensions) - nacka.eu) < 0.3
    assert nacka.steps[0].advice.sv and nacka.steps[0].datasets <= nacka.datasets == 4
    assert means(shelf)["http://dataportal.se/organisation/SE2120000167"] == nacka.eu
    assert stars_of(shelf, "https://stockholm.example/catalogue/badplatser-csv") == 3
    assert stars_of(shelf, "https://nowhere.example/") is None
    assert points_of(shelf, "https://nowhere.example/") is None


def test_a_trend_needs_two_days() -> None:
    """One day is no line; two are, and end at the last value."""
    assert line([("2026-11-24", 200.0)], 405) is None
    drawn = line([("2026-11-24", 200.0), ("<b>", 210.5)], 405)
    assert drawn
    assert "210.5" in drawn
    assert "<b>" not in drawn


def test_organisations_stand_beside_their_neighbours(sample_region: Path) -> None:
    """Each of the county's 27 organisations is in one group, with its points if it has datasets."""
    shelf = Shelves().of(current(sample_region / "var"))
    groups = groups_of(shelf, [(one, 2) for one in shelf.organisations("WHERE county = 1")])
    assert [group.title.sv for group in groups] == [
        "",
        "Nordost",
        "Nordväst",
        "Ost",
        "Stockholms stad",
        "Södertörn",
    ]
    assert [len(group.members) for group in groups] == [1, 7, 8, 2, 1, 8]
    east = next(group for group in groups if group.title.en == "East")
    nacka = next(one for one in east.members if one.organisation.title.sv.startswith("Nacka"))
    assert (east.points, east.datasets, east.failing) == (nacka.points, 4, 4)
    assert (nacka.change, nacka.since) == (None, "")
