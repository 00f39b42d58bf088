"""A release out of the good versions of all sources: merged, loaded, with its reports and its manifest."""

import json
import shutil
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from loaders.checking import REPORTS
from loaders.convert import write_quads
from loaders.good import Good
from loaders.isolate import run
from loaders.lines import blocks, count, link, merge
from loaders.parts import CHANGES, GRAPH, MERGED, QUALITY, REPAIRS, TABLES
from loaders.quality import history, links
from loaders.quality.summary import write_quality
from loaders.releases import release
from loaders.releases.describing import write_self_description, write_void
from loaders.releases.duplicates import FILE as DUPLICATES
from loaders.releases.duplicates import read_duplicates, take_first, write_duplicates
from loaders.releases.examples import examples_digest, write_examples
from loaders.releases.provenance import write_provenance
from loaders.releases.records import write_records
from loaders.releases.rehearsal import rehearse
from loaders.releases.release import Manifest, Release, SourceState
from loaders.releases.same import SAME, link_places
from loaders.releases.since import write_since
from loaders.releases.stores import LIMITS, RECORDS, Told, add_records, make_store
from loaders.releases.usage import write_usage
from loaders.releases.vocabulary import write_ontology
from loaders.views.write import carry_views, newest, write_views
from loaders.work import SourceOutcome
from ontology.errors import QueryError, ReleaseError, SourceError
from queries.saved import SavedQuery, load_all

_NAMED = (GRAPH, QUALITY, REPAIRS)
"""The named graphs of a source."""
COMPARED = (DUPLICATES, SAME)
"""The reports of what sources have in common."""

_ENDINGS = {REPORTS[0]: ".json", REPORTS[1]: ".ttl"}


@dataclass(frozen=True, slots=True)
class Plan:
    """What a release is made of."""

    data: Path
    base: str
    rules: str
    outcomes: Sequence[SourceOutcome]
    priorities: Mapping[str, int] = field(default_factory=dict)
    """Of sources by id; where it is left out it is 0."""
    queries: Path | None = None
    """The folder of saved queries that are not ours."""

    @property
    def used(self) -> list[tuple[SourceOutcome, Good]]:
        """The sources that have a version to use."""
        return [(outcome, outcome.good) for outcome in self.outcomes if outcome.good is not None]

    @property
    def ranked(self) -> list[tuple[SourceOutcome, Good]]:
        """The same, those first whose word counts most."""
        return sorted(self.used, key=lambda used: -self.priorities.get(used[0].entry.id, 0))

    @property
    def inputs(self) -> str:
        """A hash of all that graph.nq is made of."""
        parts = [(o.entry.id, good.sha256, good.rules) for o, good in self.ranked]
        known = [self.base, self.rules, examples_digest(self.queries), parts]
        return sha256(json.dumps(known).encode()).hexdigest()


def assemble(plan: Plan, told: Told) -> Release:
    """Make the release and serve it, or give the current one when nothing at all is different from it."""
    before = _current(plan.data)
    if before and before.manifest.inputs == plan.inputs and _alike(before.manifest, plan):
        return before
    folder = release.unfinished(plan.data)
    try:
        return _made(plan, folder, before, told)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _current(data: Path) -> Release | None:
    try:
        return release.current(data)
    except ReleaseError:
        return None  # none yet, or a damaged one: either way a new one is made


def _alike(before: Manifest, plan: Plan) -> bool:
    """Whether a manifest says of links and all sources what a new one would say."""
    now = [_settled(outcome.entry) for outcome in plan.outcomes]
    return before.links == links.digest(plan.data) and now == [_settled(entry) for entry in before.sources]


def _settled(entry: SourceState) -> SourceState:
    return replace(entry, state="unchanged") if entry.state == "new" else entry


def _made(plan: Plan, folder: Path, before: Release | None, told: Told) -> Release:
    told("merge")
    faults: list[QueryError] = []
    saved = load_all(plan.queries, faults)
    figures = _write_beside(plan, folder)
    same = before if before and before.manifest.inputs == plan.inputs else None
    triples, quads = _taken_over(same, folder) if same else _write_graph(plan, saved, folder)
    # The views are made from graph.nq alone, beside all that needs the store or is made in other processes.
    with ThreadPoolExecutor(1) as aside:
        views = aside.submit(_write_views, plan, same, folder)
        store = make_store(folder, quads, before, told)
        _add_reports(plan, folder / "reports")
        if before:
            write_since(before.id, before.reports, folder / "reports", (o.entry.id for o, _ in plan.used))
        _index(plan, folder, told)
        told("views")
        views.result()
    write_records(folder / "views", plan.base, read_duplicates(folder / "reports"), folder / RECORDS)
    store = add_records(folder, before, store, told)
    told("rehearse")
    rehearsed = before.reports if before else None
    rehearse(folder / "store", folder / "reports", rehearsed, queries=saved, faults=faults)
    told("seal")
    entries = tuple(outcome.entry for outcome in plan.outcomes)
    manifest = Manifest(
        plan.base,
        triples,
        quads,
        entries,
        inputs=plan.inputs,
        links=links.digest(plan.data),
        engine=store.engine,
        patched=store.patched,
    )
    made = release.publish(plan.data, folder, manifest)
    history.note(plan.data, figures)
    return made


def _write_beside(plan: Plan, folder: Path) -> history.Day:
    """Write what is new in each release: provenance, use, and quality, whose figures it gives."""
    named = [(o.entry, _graph_of(good)) for o, good in plan.used]
    write_provenance(named, plan.base, folder / "provenance.nq")
    today = datetime.now(UTC).date()
    write_usage(plan.data, plan.base, today, folder / "usage.nq")
    past = history.read_history(plan.data)
    measured = [good.folder for _, good in plan.used]
    return write_quality(measured, plan.base, past, today.isoformat(), folder)


def _taken_over(same: Release, folder: Path) -> tuple[int, int]:
    """Give the graph of a release that was made of the same a second name; gives its numbers."""
    link(same.graph, folder / "graph.nq")
    link(same.void, folder / "void.nq")
    for name in COMPARED:
        link(same.reports / name, folder / name)
    return same.manifest.triples, same.manifest.quads


def _write_graph(plan: Plan, saved: Mapping[str, SavedQuery], folder: Path) -> tuple[int, int]:
    """Write the graph and its statistics; gives the triples of the default graph, and all quads."""
    numbers = _merge(plan, saved, folder)
    write_void(folder / "graph.nq", plan.base, folder / "void.nq")
    return numbers


def _write_views(plan: Plan, same: Release | None, folder: Path) -> None:
    before = newest(plan.data, plan.base)
    # After a rollback the newest release is another one, and readers were told of it already.
    if same and before and before.folder == same.views:
        carry_views(before, folder / "views")
    else:
        now = release.moment(plan.data)
        write_views(folder / "graph.nq", folder / "views", plan.base, now, previous=before)


def _graph_of(good: Good) -> str:
    """The IRI of the named graph of a source."""
    with (good.folder / GRAPH).open("rb") as file:
        return file.readline().rpartition(b" <")[2].partition(b">")[0].decode()


def _merge(plan: Plan, saved: Mapping[str, SavedQuery], folder: Path) -> tuple[int, int]:
    """Write graph.nq; gives the number of triples in the default graph, and of all quads."""
    work = folder / "work"
    work.mkdir()
    write_ontology(plan.base, work / MERGED)
    write_quads(blocks(work / MERGED), f"{plan.base}graph/ontology", work / GRAPH)
    write_examples(plan.base, saved, work / QUALITY)
    write_self_description(plan.base, (_graph_of(good) for _, good in plan.used), work / "self.nt")
    folders = [work, _same_places(plan, work / "same"), *(good.folder for _, good in plan.used)]
    named = [part / name for part in folders for name in _NAMED if (part / name).is_file()]
    merged = [work / "self.nt", work / MERGED, work / "same" / MERGED, *_taken(plan, work, folder)]
    quads = merge([*merged, *named], folder / "graph.nq")
    # Named graphs are different in each file, so only the default graph can have lost lines in the merge.
    triples = quads - sum(count(path) for path in named)
    (work / "same" / SAME).rename(folder / SAME)
    shutil.rmtree(work)
    return triples, quads


def _taken(plan: Plan, work: Path, folder: Path) -> list[Path]:
    """What of each source goes into the default graph: one description of each dataset."""
    tables = [path for _, path in _tables(plan)]
    catalogues = [(o.entry.id, good.folder / MERGED) for o, good in plan.ranked]
    (work / "taken").mkdir()
    found, files = take_first([c for c in catalogues if c[1] not in tables], plan.base, work / "taken")
    write_duplicates(found, folder / DUPLICATES)
    return [*tables, *files]


def _tables(plan: Plan) -> list[tuple[str, Path]]:
    """The sources that are rows of datasets, with their part of the default graph."""
    rows = f"{plan.base}graph/data/"
    return [(o.entry.id, good.folder / MERGED) for o, good in plan.used if _graph_of(good).startswith(rows)]


def _same_places(plan: Plan, folder: Path) -> Path:
    """A folder with the links between the places of all datasets; catalogues have no places to compare."""
    folder.mkdir()
    link_places(_tables(plan), plan.base, folder, LIMITS)
    return folder


def _index(plan: Plan, folder: Path, told: Told) -> None:
    argument = {"release": str(folder), "base": plan.base, "queries": str(plan.queries or "")}
    try:
        run("loaders.search.write:write_search", argument, LIMITS, told)
    except SourceError as error:
        raise ReleaseError(f"the search index of the new release cannot be made: {error}") from error


def _add_reports(plan: Plan, folder: Path) -> None:
    folder.mkdir()
    for name in COMPARED:
        (folder.parent / name).rename(folder / name)
    for outcome, good in plan.used:
        for name in (*REPORTS, CHANGES, TABLES):
            if (good.folder / name).is_file():
                link(good.folder / name, folder / f"{outcome.entry.id}{_ENDINGS.get(name, f'.{name}')}")
