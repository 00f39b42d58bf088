"""Writes the change feed (DCAT-AP Feeds on LDES): one activity for each entity that came, changed or went.

Pages are deflate pieces one after the other without the closing text: a page grows by appending, and a full
page is carried from release to release as the same file.
"""

import json
import os
import shutil
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol

from loaders.views.index import ask, put
from loaders.views.pieces import Sum, deflated, sum_of
from loaders.views.syntaxes import JsonLd, Turtle, turtle_pairs
from loaders.views.terms import A, Node, name, quote
from ontology import iri

ACTIVITIES: Final = iri("as:")
PAGE_MEMBERS: Final = 500
"""Activities after which a page is closed."""
STEP: Final = timedelta(milliseconds=1)
SHAPE: Final = "https://semiceu.github.io/LDES-DCAT-AP-feeds/shape.ttl#ActivityShape"


class Activity(NamedTuple):
    """One change; `kind` is Create, Update or Delete, `object` a plain IRI."""

    kind: str
    object: str
    published: str


def milliseconds(moment: datetime) -> str:
    """A moment as the feed writes it: ``2026-11-24T08:00:00.000Z``."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def stream_iri(base: str) -> str:
    """IRI of the event stream."""
    return f"{base}feed#stream"


def page_iri(base: str, page: int) -> str:
    """IRI of a page of the feed."""
    return f"{base}feed/{page:06}"


def activity_iri(base: str, published: str) -> str:
    """IRI of an activity; no two are published in the same millisecond."""
    return f"{base}feed/activity/{published.replace(':', '').replace('-', '')}"


class FeedSyntax(Protocol):
    """One way to write a feed page down."""

    name: str
    ending: str
    media_type: str

    def open(self, head: Sequence[Node]) -> str:
        """The beginning of a page."""

    def activity(self, base: str, activity: Activity, payload: Sequence[Node]) -> str:
        """A member of the stream with its payload."""

    def close(self) -> str:
        """The end of a page."""


class TriG:
    """TriG: the description of the activity in the default graph, the payload in a graph of its name."""

    name, ending, media_type = "trig", "trig", "application/trig"

    def __init__(self) -> None:
        self._turtle = Turtle()

    def open(self, head: Sequence[Node]) -> str:
        return self._turtle.open(head[0]) + "".join(map(self._turtle.node, head[1:]))

    def activity(self, base: str, activity: Activity, payload: Sequence[Node]) -> str:
        nodes = "".join(map(self._turtle.node, activity_nodes(base, activity)))
        inside = "".join(
            f"  {node.subject} {turtle_pairs(node.pairs, '    ')} .\n" for node in payload if node.pairs
        )
        graph = f"<{activity_iri(base, activity.published)}> {{\n{inside}}}\n\n" if inside else ""
        return nodes + graph

    def close(self) -> str:
        return ""


class JsonLdFeed:
    """JSON-LD: the payload is the graph of the activity's node."""

    name, ending, media_type = "jsonld", "jsonld", "application/ld+json"

    def __init__(self) -> None:
        self._jsonld = JsonLd()

    def open(self, head: Sequence[Node]) -> str:
        return self._jsonld.open(head[0]) + "".join(map(self._jsonld.node, head[1:]))

    def activity(self, base: str, activity: Activity, payload: Sequence[Node]) -> str:
        link, about = activity_nodes(base, activity)
        return f"{self._jsonld.node(link)},\n{self._jsonld.object(about, payload)}"

    def close(self) -> str:
        return self._jsonld.close()


FEED_SYNTAXES: Final[tuple[FeedSyntax, ...]] = (TriG(), JsonLdFeed())
"""The two the specification asks for."""


def activity_nodes(base: str, activity: Activity) -> tuple[Node, Node]:
    """The stream with its member, and what the activity is."""
    term = f"<{activity_iri(base, activity.published)}>"
    return Node(f"<{stream_iri(base)}>", ((name("tree:member"), term),)), Node(
        term,
        (
            (A, f"<{ACTIVITIES}{activity.kind}>"),
            (name("as:object"), f"<{activity.object}>"),
            (name("as:published"), quote(activity.published, datatype=name("xsd:dateTime"))),
        ),
    )


def stream_node(base: str) -> Node:
    """The event stream; it is described on every page."""
    return Node(
        f"<{stream_iri(base)}>",
        (
            (A, name("ldes:EventStream")),
            (name("tree:shape"), f"<{SHAPE}>"),
            (name("ldes:timestampPath"), name("as:published")),
            (name("ldes:versionOfPath"), name("as:object")),
            (name("tree:view"), f"<{base}feed>"),
        ),
    )


class _Page:
    """The page that is being written, in every syntax."""

    def __init__(self, folder: Path, base: str, number: int) -> None:
        self.number = number
        self.members = 0
        self.first = self.last = ""
        self.sums = [Sum() for _ in FEED_SYNTAXES]
        self._base = base
        self._paths = [folder / f"{number:06}.{syntax.ending}.deflate" for syntax in FEED_SYNTAXES]

    def open(self) -> None:
        """Write the beginning."""
        node = Node(f"<{page_iri(self._base, self.number)}>", ((A, name("tree:Node")),))
        self._append([syntax.open((stream_node(self._base), node)) for syntax in FEED_SYNTAXES])

    def add(self, changes: Sequence[tuple[Activity, Sequence[Node]]]) -> None:
        """Append activities."""
        self._append(
            "".join(syntax.activity(self._base, activity, payload) for activity, payload in changes)
            for syntax in FEED_SYNTAXES
        )
        self.first = self.first or changes[0][0].published
        self.last = changes[-1][0].published
        self.members += len(changes)

    def _append(self, texts: Iterable[str]) -> None:
        for number, (path, text) in enumerate(zip(self._paths, texts, strict=True)):
            plain = text.encode()
            with path.open("ab") as file:
                file.write(deflated(plain))
            self.sums[number] = self.sums[number].plus(sum_of(plain))

    def row(self) -> tuple[object, ...]:
        """What the index keeps of the page."""
        sums = {syntax.name: sum_ for syntax, sum_ in zip(FEED_SYNTAXES, self.sums, strict=True)}
        closed = int(self.members >= PAGE_MEMBERS)
        return (self.number, self.first, self.last, self.members, closed, json.dumps(sums))


@dataclass(frozen=True, slots=True)
class Feed:
    """Writes the feed of a release from the entities in its index and those of the release before."""

    index: sqlite3.Connection
    base: str
    folder: Path
    previous: Path | None

    def changes(self, created: datetime) -> Iterator[Activity]:
        """What changed, things before those that refer to them, removals last and the other way round.

        Activities are a millisecond apart, the finest that all readers tell apart, and end at `created`.
        """
        count = sum(next(ask(self.index, f"SELECT count(*) FROM ({query})"))[0] for query in _CHANGES)  # noqa: S608
        last = next(ask(self.index, "SELECT max(last) FROM old.feed"))[0]
        moment = created.astimezone(UTC) - STEP * count
        if last:
            moment = max(moment, datetime.fromisoformat(last))
        for query in _CHANGES:
            for kind, changed in ask(self.index, query):
                moment += STEP
                yield Activity(kind, changed, milliseconds(moment))

    def write(self, changes: Iterable[tuple[Activity, Sequence[Node]]]) -> int:
        """Append the changes, keep the closed pages; gives the number of activities."""
        self.folder.mkdir()
        page = self._carry_on()
        count = 0
        block: list[tuple[Activity, Sequence[Node]]] = []
        for change in changes:
            block.append(change)
            count += 1
            if page.members + len(block) >= PAGE_MEMBERS:
                page = self._close(page, block)
                block = []
        if block:
            page.add(block)
        if page.members:
            self._note(page)
        return count

    def _close(self, page: _Page, block: Sequence[tuple[Activity, Sequence[Node]]]) -> _Page:
        page.add(block)
        self._note(page)
        return self._begin(page.number + 1)

    def _begin(self, number: int) -> _Page:
        page = _Page(self.folder, self.base, number)
        page.open()
        return page

    def _note(self, page: _Page) -> None:
        put(self.index, "feed", [page.row()], "page, first, last, members, closed, sums")

    def _carry_on(self) -> _Page:
        """Take over the pages of the release before; the open one goes on."""
        columns = "page, first, last, members, closed, sums"
        number = 0
        for row in list(ask(self.index, f"SELECT {columns} FROM old.feed ORDER BY page")):  # noqa: S608
            number = int(row[0])
            if not row[4]:
                return self._reopen(row)
            for syntax in FEED_SYNTAXES:
                self._take(f"{number:06}.{syntax.ending}.deflate", link=True)
            put(self.index, "feed", [row], columns)
        return self._begin(number + 1)

    def _reopen(self, row: tuple[Any, ...]) -> _Page:
        page = _Page(self.folder, self.base, row[0])
        for syntax in FEED_SYNTAXES:
            self._take(f"{row[0]:06}.{syntax.ending}.deflate", link=False)
        page.first, page.last, page.members = row[1:4]
        page.sums = [Sum(*json.loads(row[5])[syntax.name]) for syntax in FEED_SYNTAXES]
        return page

    def _take(self, file: str, *, link: bool) -> None:
        """A closed page is the same file in both releases; an open one is copied, for it will grow."""
        assert self.previous is not None  # noqa: S101 (old.feed is empty without a previous release)
        source, target = self.previous / self.folder.name / file, self.folder / file
        try:
            if link:
                os.link(source, target)
                return
        except OSError:
            pass  # a file system without hard links: a copy does as well
        shutil.copyfile(source, target)


_CHANGES = (
    """
SELECT CASE WHEN old.hash IS NULL THEN 'Create' ELSE 'Update' END, new.iri
FROM main.entities AS new LEFT JOIN old.entities AS old ON old.iri = new.iri
WHERE old.hash IS NULL OR old.hash <> new.hash
ORDER BY new.rank, new.iri
""",
    """
SELECT 'Delete', old.iri FROM old.entities AS old
WHERE NOT EXISTS (SELECT 1 FROM main.entities AS new WHERE new.iri = old.iri)
ORDER BY old.rank DESC, old.iri
""",
)
