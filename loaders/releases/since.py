"""What is new and what was mended in the reports of a release, against the release before."""

import filecmp
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from shapes.compare import compare
from shapes.report import Report, Result

FILE: Final = "findings.since.json"
"""In the folder of the reports; a first release has none."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One result of a check, in as much as a page needs to tell it; `focus` is a term of N-Triples."""

    id: str
    focus: str
    path: str
    level: str
    sv: str
    en: str


@dataclass(frozen=True, slots=True)
class Since:
    """The changes in the report of one source."""

    source: str
    new: tuple[Finding, ...] = ()
    mended: tuple[Finding, ...] = ()
    unchanged: int = 0


@dataclass(frozen=True, slots=True)
class Changes:
    """The changes of all sources since the release `release`, "" for a first one."""

    release: str = ""
    sources: tuple[Since, ...] = ()

    def summary(self) -> str:
        """The changes in one line: totals, and by name the sources that have any; "" for a first release."""
        if not self.release:
            return ""
        new = sum(len(source.new) for source in self.sources)
        mended = sum(len(source.mended) for source in self.sources)
        named = [s for s in self.sources if s.new or s.mended]
        told = "; ".join(f"{s.source}: {len(s.new)} new, {len(s.mended)} mended" for s in named)
        return f"findings since {self.release}: {new} new, {mended} mended" + (f" ({told})" if told else "")


def write_since(release: str, before: Path, reports: Path, sources: Iterable[str]) -> None:
    """Compare the reports of sources with those of the release before, in the folder `before`."""
    changes = Changes(release, tuple(_since(source, before, reports) for source in sources))
    (reports / FILE).write_text(json.dumps(asdict(changes), ensure_ascii=False, indent=1), encoding="utf-8")


def read_since(reports: Path) -> Changes:
    """What `write_since` wrote; no changes when it never did."""
    if not (reports / FILE).is_file():
        return Changes()
    told = json.loads((reports / FILE).read_bytes())
    return Changes(told["release"], tuple(map(_read, told["sources"])))


def _read(told: dict[str, object]) -> Since:
    new, mended = (tuple(Finding(**one) for one in told.pop(name)) for name in ("new", "mended"))  # type: ignore[attr-defined]
    return Since(new=new, mended=mended, **told)  # type: ignore[arg-type]


def _since(source: str, before: Path, reports: Path) -> Since:
    """A source that was not there before has only new findings."""
    then, now = before / f"{source}.json", reports / f"{source}.json"
    report = Report.from_json(now.read_bytes())
    if then.is_file() and filecmp.cmp(then, now, shallow=False):
        return Since(source, unchanged=len(report.results))
    found = compare(Report.from_json(then.read_bytes()) if then.is_file() else Report(()), report)
    return Since(
        source, tuple(map(_finding, found.new)), tuple(map(_finding, found.mended)), len(found.unchanged)
    )


def _finding(result: Result) -> Finding:
    path = result.path or ""
    sv, en = result.message("sv"), result.message("en")
    return Finding(result.id, result.focus, path, result.level, sv, en)
