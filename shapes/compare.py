"""What changed from one report to the next."""

from collections import Counter
from dataclasses import dataclass

from shapes.report import Report, Result
from shapes.terms import is_nameless

Key = tuple[str, str, str, str, str]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Results that are new, were mended, or stayed; the order is that of the reports."""

    new: tuple[Result, ...]
    mended: tuple[Result, ...]
    unchanged: tuple[Result, ...]


def compare(before: Report, now: Report) -> Comparison:
    """Compares two reports of the same data at two times.

    Blank nodes have other labels each time a file is read, so results on them are told apart by everything
    else they say, and counted.
    """
    left = Counter(map(_key, before.results))
    new: list[Result] = []
    unchanged: list[Result] = []
    for result in now.results:
        key = _key(result)
        (unchanged if left[key] > 0 else new).append(result)
        left[key] -= 1
    mended: list[Result] = []
    for result in before.results:
        if left[_key(result)] > 0:
            left[_key(result)] -= 1
            mended.append(result)
    return Comparison(tuple(new), tuple(mended), tuple(unchanged))


def _key(result: Result) -> Key:
    focus, path, value, component, shape = result.key
    return (
        "_:" if is_nameless(focus) else focus,
        path,
        "_:" if is_nameless(value) else value,
        component,
        shape,
    )
