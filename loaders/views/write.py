"""Writes all views of a release from its `graph.nq`: the one call the build makes."""

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import astuple, dataclass
from datetime import datetime
from pathlib import Path

from loaders.lines import link
from loaders.releases.release import releases
from loaders.views import reuse as taking
from loaders.views.catalogues import Catalogues
from loaders.views.dumps import Dump, checksum_nodes, write_dumps
from loaders.views.entities import Payloads
from loaders.views.feed import Activity, Feed
from loaders.views.graph import Graph
from loaders.views.history import History, Previous, note_publication, timestamp
from loaders.views.index import FILE, VERSION, attach, create, finish, put
from loaders.views.ledger import Ledger
from loaders.views.records import CATALOG, Records
from loaders.views.reuse import Reuse
from loaders.views.schema_shelf import SchemaShelf
from loaders.views.shelves import Shelves
from loaders.views.survey import survey
from loaders.views.sweep import Progress, Sweep
from loaders.views.terms import Node, types


@dataclass(frozen=True, slots=True)
class Views:
    """What was written, compared with the release before."""

    folder: Path
    records: int
    added: int
    changed: int
    removed: int
    activities: int
    """Activities the feed got."""


def newest(data: Path, base: str) -> Previous | None:
    """The views that history goes on from: those of the newest release, also after a rollback.

    Readers of the feed and of OAI-PMH have seen the newest; what they were told is not taken back. With
    another base history begins anew: every address of the feed is another.
    """
    for release in releases(data):
        folder = release.path / "views"
        if release.manifest.base == base and (folder / FILE).is_file():
            return Previous(folder, datetime.fromisoformat(release.manifest.created))
    return None


def carry_views(before: Previous, target: Path) -> None:
    """Give the views of a release to the next one, whose graph is the same; nothing counts as changed."""
    shutil.copytree(before.folder, target, copy_function=lambda source, to: link(Path(source), Path(to)))
    index = target / FILE
    index.unlink()
    shutil.copyfile(before.folder / FILE, index)
    with closing(sqlite3.connect(index)) as connection, connection:
        note_publication(connection, "main", timestamp(before.published))


def quiet(step: str, done: int, total: int) -> None:
    """Progress that nobody looks at."""


def write_views(
    graph_nq: Path,
    target: Path,
    base: str,
    created: datetime,
    *,
    previous: Previous | None = None,
    progress: Progress = quiet,
) -> Views:
    """Write the folder `target`, which must not exist yet, from a sorted N-Quads file.

    The same graph, `created` and `previous` give the same bytes, the index aside. Without `previous` history
    begins now: every record is new and the feed starts.
    """
    target.mkdir(parents=True)
    progress("dumps", 0, 1)
    dumps = write_dumps(graph_nq, target / "dumps")
    additions = {nodes[0].subject: nodes for nodes in (checksum_nodes(base, dump) for dump in dumps)}
    with closing(create(target / FILE)) as index, Graph(graph_nq) as graph, Shelves(target, base) as shelves:
        progress("survey", 0, 1)
        found = survey(graph, index)
        attach(index, previous.folder if previous else None)
        history = History(index, timestamp(created), timestamp(previous.published) if previous else "")
        records = Records(graph, base, found.agents)
        catalogues = Catalogues(graph, records, index, base, found.catalogues)
        reuse = Reuse(index, previous.folder if previous else None, graph_nq, additions)
        ledger = Ledger(index, records, history, reuse, base)
        with SchemaShelf(target, records, catalogues) as schema:
            sweep = Sweep(
                base, index, records, catalogues, ledger, shelves, schema, history, reuse, additions
            )
            sweep.run(found, progress)
        history.bury()
        feed = Feed(index, base, target / "feed", previous.folder if previous else None)
        payload = _payloads(records, catalogues, base)
        activities = feed.write((change, payload(change)) for change in feed.changes(created))
        _note_facts(index, base, created, dumps)
        finish(index)
    return Views(target, found.records, history.added, history.changed, history.removed, activities)


def _note_facts(index: sqlite3.Connection, base: str, created: datetime, dumps: Sequence[Dump]) -> None:
    facts = {
        "base": base,
        "created": timestamp(created),
        "format": str(VERSION),
        "code": taking.code_version(),
        "dumps": json.dumps([astuple(dump) for dump in dumps]),
    }
    put(index, "facts", facts.items(), "name, value")


def _payloads(records: Records, catalogues: Catalogues, base: str) -> Callable[[Activity], list[Node]]:
    """Gives the payload of an activity; a Delete has none."""
    payloads = Payloads(records, base)

    def payload(change: Activity) -> list[Node]:
        if change.kind == "Delete":
            return []
        subject = f"<{change.object}>"
        entity = records.entity(subject) if subject != catalogues.main else catalogues.about(subject)
        if CATALOG in types(entity.node.pairs):
            return payloads.around(catalogues.about(subject), _nodes(catalogues, subject))
        return payloads.of(entity)

    return payload


def _nodes(catalogues: Catalogues, subject: str) -> Iterator[Node]:
    return catalogues.one(subject, with_records=False)
