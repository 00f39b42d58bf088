"""Tells how much the data are used: for a page, and at /usage.json for everybody."""

import asyncio
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from loaders.releases.release import Release
from loaders.releases.usage import KINDS, Count, counts
from loaders.search import schema
from server.http import problems
from server.http.documents import send_json
from server.http.endpoint import Call
from server.http.problems import Problem
from server.http.words import Words
from server.usage import QUERY, SERVICE, SPECIFICATION, data_of

RECENT: Final = 30
"""Days that count as recent."""
MOST: Final = 50
"""Subjects of each sort in the list of the most used."""

Sums = Mapping[str, int]
"""Numbers by kind: query, call, download, view."""


@dataclass(frozen=True, slots=True)
class Used:
    """How much something was used: in the last days, in all, and month by month."""

    recent: Sums
    total: Sums
    months: tuple[tuple[str, Sums], ...]

    def told(self) -> dict[str, Any]:
        """The numbers as JSON tells them."""
        months = [{"month": month, **sums} for month, sums in self.months]
        return {"recent": dict(self.recent), "total": dict(self.total), "months": months}


def used(release: Release, *subjects: str, today: date | None = None) -> Used:
    """The use of the subjects together: IRIs of datasets or publishers, or `query/NAME`.

    Reads a file: call it in a thread, as pages are made.
    """
    return _used(counts(data_of(release), subjects) if subjects else [], today)


def used_of_publisher(release: Release, publisher: str, today: date | None = None) -> Used:
    """The use of a publisher's catalogue, page and datasets together."""
    return used(release, publisher, *_index(release).datasets_of(publisher), today=today)


def _used(found: Iterable[Count], today: date | None = None) -> Used:
    found = list(found)
    since = ((today or datetime.now(UTC).date()) - timedelta(days=RECENT)).isoformat()
    months: dict[str, list[Count]] = defaultdict(list)
    for count in found:
        months[count.period[:7]].append(count)
    return Used(
        recent=_sums(count for count in found if len(count.period) == 10 and count.period >= since),
        total=_sums(found),
        months=tuple((month, _sums(part)) for month, part in sorted(months.items())),
    )


def _sums(found: Iterable[Count]) -> dict[str, int]:
    sums: dict[str, int] = dict.fromkeys(KINDS, 0)
    for count in found:
        sums[count.kind] += count.number
    return sums


# ---------------------------------------------------------------------- /usage.json


async def usage(call: Call) -> None:
    """Send the use of everything, or with `?about=` of one dataset, publisher or saved query."""
    about = call.asked.one("about")
    release = call.service.current.release
    await send_json(call, await asyncio.to_thread(_about if about else _whole, release, about))


def _about(release: Release, about: str) -> dict[str, Any]:
    name = about.removeprefix(QUERY)
    subject = about if "://" in about else QUERY + name
    index = _index(release)
    title = index.titles([subject]).get(subject)
    if title is None and not subject.startswith(QUERY):
        detail = Words(f"{about[:200]} räknas inte.", f"{about[:200]} is not counted.")
        raise Problem(problems.NOT_FOUND, detail, members={"parameter": "about"})
    found = used(release, subject, *index.datasets_of(subject))
    return {"about": about, "title": title, "recentDays": RECENT, **found.told()}


def _whole(release: Release, about: str) -> dict[str, Any]:
    found = counts(data_of(release))
    index = _index(release)
    by_subject: dict[str, list[Count]] = defaultdict(list)
    by_publisher: dict[str, list[Count]] = defaultdict(list)
    for count in found:
        by_subject[count.subject].append(count)
        if publisher := index.publishers.get(count.subject):
            by_publisher[publisher].append(count)
    own = {word: _of(by_subject, word) for word in (QUERY, SPECIFICATION, SERVICE)}
    sorts = {
        "datasets": {name: part for name, part in by_subject.items() if index.is_dataset(name)},
        "publishers": by_publisher,
        "queries": own[QUERY],
        "specifications": own[SPECIFICATION],
        "services": own[SERVICE],
    }
    whole = [count for part in own.values() for several in part.values() for count in several]
    return {
        "since": found[0].period if found else None,
        "recentDays": RECENT,
        **_used(whole).told(),
        **{name: _most(index, sort) for name, sort in sorts.items()},
    }


def _of(by_subject: Mapping[str, list[Count]], word: str) -> dict[str, list[Count]]:
    return {name.removeprefix(word): part for name, part in by_subject.items() if name.startswith(word)}


def _most(index: "_Index", found: Mapping[str, list[Count]]) -> list[dict[str, Any]]:
    """The most used of one sort, first those used most of late."""
    told = {subject: _used(part) for subject, part in found.items()}
    order = sorted(
        told, key=lambda one: (-sum(told[one].recent.values()), -sum(told[one].total.values()), one)
    )
    titles = index.titles(order[:MOST])
    return [
        {
            "about": subject,
            "title": titles.get(subject),
            "recent": dict(told[subject].recent),
            "total": dict(told[subject].total),
        }
        for subject in order[:MOST]
    ]


@dataclass(frozen=True, slots=True)
class _Index:
    """What the index of a release says of publishers and titles; nothing when it has none."""

    publishers: Mapping[str, str]
    """The publisher of each dataset, and each publisher as its own."""
    names: Mapping[str, dict[str, str]]

    def is_dataset(self, subject: str) -> bool:
        """Whether a subject is a dataset."""
        return self.publishers.get(subject, subject) != subject

    def datasets_of(self, publisher: str) -> list[str]:
        """The datasets of a publisher, none when it is none."""
        return [one for one, owner in self.publishers.items() if owner == publisher and one != publisher]

    def titles(self, subjects: Iterable[str]) -> dict[str, dict[str, str]]:
        """The titles by language of those that are known."""
        return {subject: self.names[subject] for subject in subjects if subject in self.names}


def _index(release: Release) -> _Index:
    file = release.path / schema.FOLDER / schema.FILE
    if not file.is_file():
        return _Index({}, {})
    with closing(schema.open_index(file)) as index:
        return _read(index)


def _read(index: sqlite3.Connection) -> _Index:
    datasets = index.execute("SELECT iri, publisher, sv, en FROM dataset").fetchall()
    organisations = index.execute("SELECT iri, sv, en FROM organisation").fetchall()
    publishers = {iri: publisher for iri, publisher, _, _ in datasets}
    publishers |= {iri: iri for iri, _, _ in organisations}
    named = [(iri, sv, en) for iri, _, sv, en in datasets] + organisations
    return _Index(publishers, {iri: _title(sv, en) for iri, sv, en in named})


def _title(sv: str, en: str) -> dict[str, str]:
    return {language: text for language, text in (("sv", sv), ("en", en)) if text}
