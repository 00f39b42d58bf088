"""The record of repairs: which step changed what into what, how often, and where for the first time."""

from collections.abc import Iterable
from dataclasses import dataclass

KINDS = 1000
"""Different changes that are kept of one step; all beyond are counted together."""

LENGTH = 300
"""Characters kept of a value that was changed."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change: the step that made it, the value before and after, its number, and the first subject."""

    step: str
    before: str
    after: str
    count: int
    subject: str = ""


class Changes:
    """Gathers the changes of one source while it is converted."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str, str], tuple[int, str]] = {}
        self._kinds: dict[str, int] = {}

    def add(self, step: str, before: str, after: str, subject: str = "") -> None:
        """Record that `step` made `after` out of `before`, at `subject` (in N-Triples form)."""
        key = (step, _short(before), _short(after))
        if key not in self._found:
            kinds = self._kinds[step] = self._kinds.get(step, 0) + 1
            if kinds > KINDS:
                key = (step, "(other values)", "(other values)")
        count, first = self._found.get(key, (0, subject))
        # The smallest subject, not the first: the order of the file must not show.
        self._found[key] = (count + 1, min(first, subject))

    def all(self) -> tuple[Change, ...]:
        """All changes, in a fixed order."""
        return tuple(Change(*key, *value) for key, value in sorted(self._found.items()))


def total(changes: Iterable[Change]) -> int:
    """How many values were changed."""
    return sum(change.count for change in changes)


def _short(value: str) -> str:
    return value if len(value) <= LENGTH else value[: LENGTH - 1] + "…"
