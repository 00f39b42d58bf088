"""The quality page and what it shares: findings by owner, rules by how often they are broken."""

from dataclasses import dataclass
from typing import Final

from loaders.releases.since import read_since
from loaders.search.subjects import Text
from server.http import problems
from server.http.problems import Problem
from server.http.words import Words
from server.pages.charts import Bar, Part, stacked
from server.pages.frame import addresses, render
from server.pages.points import means, points_of
from server.pages.sending import Page, Reading
from server.pages.shelf import Shelf
from server.pages.terms import Teller

LEVELS: Final = ("Violation", "Warning", "Info")
WORST: Final = 15
RULES: Final = 25
OWNERS: Final = 200


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that is broken, how often, and an example."""

    rule: int
    level: str
    path: str
    message: Text
    count: int
    focus: str
    value: str


def findings_of(shelf: Shelf, owner: str) -> dict[str, list[Finding]]:
    """What has to be mended in a dataset or at an organisation, by level."""
    rows = shelf.rows(
        "SELECT rule.id, level, path, sv, en, finding.count, focus, value FROM finding"
        " JOIN rule ON rule.id = finding.rule WHERE owner = ? ORDER BY finding.count DESC, rule.shape",
        owner,
    )
    found = [Finding(row[0], row[1], row[2], Text(row[3], row[4]), *row[5:]) for row in rows]
    return {level: [one for one in found if one.level == level] for level in LEVELS}


@dataclass(frozen=True, slots=True)
class Change:
    """A finding that is new, or was mended, since the release before, and how often."""

    what: str
    level: str
    message: Text
    count: int


def changes_of(shelf: Shelf, owner: str) -> list[Change]:
    """What came and went in a dataset or at an organisation, the new first."""
    rows = shelf.rows(
        "SELECT what, level, sv, en, count FROM change WHERE owner = ?"
        " ORDER BY what DESC, level DESC, count DESC",
        owner,
    )
    return [Change(what, level, Text(sv, en), count) for what, level, sv, en, count in rows]


def quality(reading: Reading) -> Page:
    """`/quality`: how the region's metadata are, the worst datasets, the rules most often broken."""
    shelf = reading.shelf
    totals = shelf.one("SELECT sum(violations), sum(warnings), sum(infos) FROM dataset")
    parts = {value.key: value.bits.bit_count() for value in shelf.facets.get("quality", ())}
    organisations = shelf.organisations(
        "WHERE datasets > 0 ORDER BY violations DESC, warnings DESC, sv LIMIT 40"
    )
    body = render(
        "quality.html",
        reading.asked,
        totals=totals,
        parts=parts,
        size=shelf.size,
        organisations=organisations,
        chart=_chart(reading),
        points=points_of(shelf, ""),
        means=means(shelf),
        worst=shelf.selected(
            "WHERE violations > 0 ORDER BY violations DESC, warnings DESC, id LIMIT ?", WORST
        ),
        rules=_rules(shelf),
        sources=reading.release.manifest.sources,
        since=read_since(reading.release.reports),
    )
    return Page(body)


def _rules(shelf: Shelf) -> list[Finding]:
    rows = shelf.rows(
        "SELECT id, level, path, sv, en, count, shape, datasets FROM rule"
        " ORDER BY level = 'Violation' DESC, level = 'Warning' DESC, count DESC LIMIT ?",
        RULES,
    )
    return [Finding(row[0], row[1], row[2], Text(row[3], row[4]), *row[5:]) for row in rows]


def _chart(reading: Reading) -> object:
    """Datasets of each publisher by quality, as bars."""
    shelf, swedish = reading.shelf, reading.language == "sv"
    address = addresses(reading.asked)
    levels = {value.key: value.bits for value in shelf.facets.get("quality", ())}
    words = {
        "clean": ("Utan anmärkning", "Nothing to remark on"),
        "warnings": ("Bara varningar", "Only warnings"),
        "violations": ("Fel som måste rättas", "Faults that must be mended"),
    }
    bars = [
        Bar(
            publisher.title.sv if swedish or not publisher.title.en else publisher.title.en,
            tuple(Part(key, (levels.get(key, 0) & publisher.bits).bit_count()) for key in words),
            address("/datasets", publisher=publisher.key),
        )
        for publisher in shelf.facets.get("publisher", ())[:30]
    ]
    legend = {key: pair[0 if swedish else 1] for key, pair in words.items()}
    return stacked(bars, legend, reading.language)


def rule(reading: Reading) -> Page:
    """`/quality/rules/<number>`: one rule, and where it is broken."""
    number = reading.asked.path.rpartition("/")[2]
    row = (
        reading.shelf.one(
            "SELECT id, level, path, sv, en, count, shape, datasets FROM rule WHERE id = ?", number
        )
        if number.isdigit()
        else ()
    )
    if not row:
        raise Problem(problems.NOT_FOUND, Words("Det finns ingen sådan regel.", "There is no such rule."))
    owners = reading.shelf.rows(
        "SELECT owner, count, focus, value FROM finding WHERE rule = ? ORDER BY count DESC, owner LIMIT ?",
        row[0],
        OWNERS,
    )
    found = Finding(row[0], row[1], row[2], Text(row[3], row[4]), *row[5:])
    body = render(
        "rule.html", reading.asked, rule=found, owners=owners, teller=Teller(reading.shelf, reading.language)
    )
    return Page(body)
