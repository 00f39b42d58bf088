"""What the checks found, by rule and by the dataset or organisation that has to mend it."""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from loaders.releases.since import read_since
from loaders.views.terms import is_iri, value
from shapes.report import LEVELS, Report, Result

Owner = Callable[[str], str]
"""Gives the IRI of what a node belongs to."""


@dataclass(slots=True)
class Finding:
    """How often a rule was broken in one place, and the first example."""

    count: int
    focus: str
    value: str


@dataclass(slots=True)
class Rule:
    """A number for a rule, and its messages where it was broken first."""

    number: int
    sv: str
    en: str


@dataclass(slots=True)
class Findings:
    """All findings of a release."""

    rules: dict[tuple[str, str, str], Rule] = field(default_factory=dict)
    """By shape, path and level."""
    found: dict[tuple[str, int], Finding] = field(default_factory=dict)
    seen: set[tuple[str, ...]] = field(default_factory=set)

    def add(self, result: Result, owner: Owner) -> None:
        """Note one result; the same one in two sources counts once."""
        if result.key in self.seen:
            return
        self.seen.add(result.key)
        messages = result.messages
        path = (result.path or "")[1:-1] if (result.path or "").startswith("<") else result.path or ""
        new = Rule(len(self.rules) + 1, messages.get("sv", ""), messages.get("en", ""))
        rule = self.rules.setdefault((result.shape, path, result.level), new).number
        focus = value(result.focus) if is_iri(result.focus) else ""
        place = (owner(focus), rule)
        if place in self.found:
            self.found[place].count += 1
        else:
            self.found[place] = Finding(1, focus, _shown(result.value))

    def counts(self, owner: str) -> list[int]:
        """Violations, warnings and infos of one owner."""
        return self._totals().get(owner, [0, 0, 0])

    def _totals(self) -> dict[str, list[int]]:
        if not self._cached:
            levels = {rule.number: LEVELS.index(key[2]) for key, rule in self.rules.items()}
            for (owner, rule), finding in self.found.items():
                self._cached.setdefault(owner, [0, 0, 0])[levels[rule]] += finding.count
        return self._cached

    _cached: dict[str, list[int]] = field(default_factory=dict)


def read_findings(reports: Path, owner: Owner) -> Findings:
    """All findings of the reports of a release."""
    findings = Findings()
    for path in sorted(reports.glob("*.json")):
        if path.name.count(".") > 1:  # changes and tables of a source, which are no reports
            continue
        for result in Report.from_json(path.read_bytes()).results:
            findings.add(result, owner)
    return findings


def write_findings(index: sqlite3.Connection, findings: Findings, datasets: Iterable[str]) -> None:
    """Put rules and findings into the index, with the totals of each rule."""
    index.executemany(
        "INSERT INTO rule (id, shape, path, level, sv, en) VALUES (?, ?, ?, ?, ?, ?)",
        ((rule.number, *key, rule.sv, rule.en) for key, rule in findings.rules.items()),
    )
    index.executemany(
        "INSERT INTO finding VALUES (?, ?, ?, ?, ?)",
        ((owner, rule, one.count, one.focus, one.value) for (owner, rule), one in findings.found.items()),
    )
    known = set(datasets)
    counts: dict[int, list[int]] = {}
    for (owner, rule), one in findings.found.items():
        total = counts.setdefault(rule, [0, 0])
        total[0] += one.count
        total[1] += owner in known
    index.executemany(
        "UPDATE rule SET count = ?, datasets = ? WHERE id = ?",
        ((count, places, rule) for rule, (count, places) in counts.items()),
    )


def write_changes(index: sqlite3.Connection, reports: Path, owner: Owner) -> None:
    """Put into the index what is new and what was mended since the release before, by owner."""
    found: Counter[tuple[str, ...]] = Counter()
    for source in read_since(reports).sources:
        for what, changed in (("new", source.new), ("mended", source.mended)):
            for one in changed:
                place = owner(value(one.focus)) if is_iri(one.focus) else ""
                found[place, what, one.level, one.sv, one.en] += 1
    rows = ((*key, count) for key, count in found.items())
    index.executemany("INSERT INTO change VALUES (?, ?, ?, ?, ?, ?)", rows)


def _shown(term: str | None) -> str:
    """The value that was wrong, as people read it; too long a one is cut."""
    if not term or term.startswith("_:"):
        return ""
    return value(term)[:300]
