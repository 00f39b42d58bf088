"""The county's organisations by part of the county: quality, trend, and what neighbours have."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from loaders.search.subjects import Text
from server.pages.entries import Organisation
from server.pages.shelf import Shelf


@dataclass(frozen=True, slots=True)
class Member:
    """An organisation: specifications it follows, mean points of 405 and their change since a day."""

    organisation: Organisation
    covered: int
    points: float | None
    failing: int
    change: float | None
    since: str


@dataclass(frozen=True, slots=True)
class Group:
    """A part of the county; the one of organisations that lie in none has no title."""

    title: Text
    members: tuple[Member, ...]

    @property
    def datasets(self) -> int:
        """Datasets of all members together."""
        return sum(one.organisation.datasets for one in self.members)

    @property
    def failing(self) -> int:
        """Datasets with violations of all members together."""
        return sum(one.failing for one in self.members)

    @property
    def covered(self) -> int:
        """The most specifications that a member follows."""
        return max(one.covered for one in self.members)

    @property
    def points(self) -> float | None:
        """The mean over the members that have points; None when none has."""
        known = [one.points for one in self.members if one.points is not None]
        return round(sum(known) / len(known), 1) if known else None


def groups_of(shelf: Shelf, organisations: Iterable[tuple[Organisation, int]]) -> list[Group]:
    """Organisations, each with the number of specifications it follows, by part of the county."""
    parts = {iri: Text(sv, en) for iri, sv, en in shelf.rows("SELECT * FROM part")}
    now = {iri: (eu, failing) for iri, eu, failing in shelf.rows(_NOW)}
    then = {iri: (eu, day) for iri, eu, day in shelf.rows(_FIRST)}
    found: dict[Text, list[Member]] = defaultdict(list)
    for one, covered in organisations:
        points, failing = now.get(one.iri, (None, 0))
        first, day = then.get(one.iri, (None, ""))
        change = round(points - first, 1) if points is not None and first is not None else None
        member = Member(one, covered, points, failing, change, day)
        found[parts.get(one.municipality, Text())].append(member)
    return [Group(title, tuple(found[title])) for title in sorted(found, key=lambda title: title.sv)]


_NOW = "SELECT iri, eu, failing FROM score WHERE kind = 'publisher'"
_FIRST = (
    "SELECT history.iri, eu, first FROM history"
    " JOIN (SELECT iri, min(day) AS first, max(day) AS last FROM history GROUP BY iri) AS span"
    " ON span.iri = history.iri AND day = first WHERE first < last"
)
