"""A release out of the good versions of all sources: merged, loaded, with its reports and its manifest."""

import filecmp
import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from loaders.checking import REPORTS
from loaders.convert import CHANGES, GRAPH, MERGED, QUALITY, TABLES, write_quads
from loaders.good import Good
from loaders.isolate import Limits, run
from loaders.lines import blocks, count, link, merge
from loaders.quality import history, links
from loaders.quality.summary import write_quality
from loaders.releases import release
from loaders.releases.describing import write_self_description, write_void
from loaders.releases.examples import examples_digest, write_examples
from loaders.releases.provenance import write_provenance
from loaders.releases.rehearsal import rehearse
from loaders.releases.release import Manifest, Release, SourceState
from loaders.releases.since import write_since
from loaders.releases.usage import write_usage
from loaders.releases.vocabulary import write_ontology
from loaders.views.write import carry_views, newest, write_views
from loaders.work import SourceOutcome
from ontology.errors import ReleaseError, SourceError
from queries.saved import SavedQuery, load

LIMITS = Limits(memory=None, seconds=6 * 3600)
"""For loading the store; the time is a guard against hanging for ever."""

LOADED = ("graph", "provenance", "quality", "usage", "void")
"""The files of N-Quads that a store is loaded from."""

_ENDINGS = {REPORTS[0]: ".json", REPORTS[1]: ".ttl"}

Told = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a release is made of."""

    data: Path
    base: str
    rules: str
    outcomes: Sequence[SourceOutcome]

    @property
    def used(self) -> list[tuple[SourceOutcome, Good]]:
        """The sources that have a version to use."""
        return [(outcome, outcome.good) for outcome in self.outcomes if outcome.good is not None]

    @property
    def inputs(self) -> str:
        """A hash of all that graph.nq is made of."""
        parts = [(o.entry.id, good.sha256, good.rules) for o, good in self.used]
        return sha256(
            json.dumps([self.base, self.rules, examples_digest(), sorted(parts)]).encode()
        ).hexdigest()


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
    saved = load()
    named = [(o.entry, _graph_of(good)) for o, good in plan.used]
    write_provenance(named, plan.base, folder / "provenance.nq")
    today = datetime.now(UTC).date()
    write_usage(plan.data, plan.base, today, folder / "usage.nq")
    past = history.read_history(plan.data)
    measured = [good.folder for _, good in plan.used]
    figures = write_quality(measured, plan.base, past, today.isoformat(), folder)
    same = before if before and before.manifest.inputs == plan.inputs else None
    if same:
        link(same.graph, folder / "graph.nq")
        link(same.void, folder / "void.nq")
        triples, quads = same.manifest.triples, same.manifest.quads
    else:
        triples, quads = _merge(plan, saved, folder)
        write_void(folder / "graph.nq", plan.base, folder / "void.nq")
    # The views are made from graph.nq alone, beside all that needs the store or is made in other processes.
    with ThreadPoolExecutor(1) as aside:
        views = aside.submit(_write_views, plan, same, folder)
        _store(same, folder, told)
        _add_reports(plan, folder / "reports")
        if before:
            write_since(before.id, before.reports, folder / "reports", (o.entry.id for o, _ in plan.used))
        told("rehearse")
        rehearse(folder / "store", folder / "reports", before.reports if before else None, queries=saved)
        _index(plan, folder, told)
        told("views")
        views.result()
    told("seal")
    entries = tuple(outcome.entry for outcome in plan.outcomes)
    answering = links.digest(plan.data)
    made = release.publish(
        plan.data, folder, Manifest(plan.base, triples, quads, entries, inputs=plan.inputs, links=answering)
    )
    history.note(plan.data, figures)
    return made


def _store(same: Release | None, folder: Path, told: Told) -> None:
    if same and all(_equal(same.path / f"{name}.nq", folder / f"{name}.nq") for name in LOADED):
        _link_folder(same.store, folder / "store")
    else:
        _load(folder, told)


def _write_views(plan: Plan, same: Release | None, folder: Path) -> None:
    before = newest(plan.data, plan.base)
    # After a rollback the newest release is another one, and readers were told of it already.
    if same and before and before.folder == same.views:
        carry_views(before, folder / "views")
    else:
        now = datetime.now(UTC)
        write_views(folder / "graph.nq", folder / "views", plan.base, now, previous=before)


def _equal(one: Path, other: Path) -> bool:
    return one.is_file() and filecmp.cmp(one, other, shallow=False)


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
    folders = [work, *(good.folder for _, good in plan.used)]
    named = [part / name for part in folders for name in (GRAPH, QUALITY) if (part / name).is_file()]
    quads = merge([work / "self.nt", *(part / MERGED for part in folders), *named], folder / "graph.nq")
    # Named graphs are different in each file, so only the default graph can have lost lines in the merge.
    triples = quads - sum(count(path) for path in named)
    shutil.rmtree(work)
    return triples, quads


def _load(folder: Path, told: Told) -> None:
    files = [str(folder / f"{name}.nq") for name in LOADED]
    try:
        run("loaders.releases.storing:load", {"store": str(folder / "store"), "files": files}, LIMITS, told)
    except SourceError as error:
        raise ReleaseError(f"the store of the new release cannot be loaded: {error}") from error


def _index(plan: Plan, folder: Path, told: Told) -> None:
    argument = {"release": str(folder), "base": plan.base}
    try:
        run("loaders.search.write:write_search", argument, LIMITS, told)
    except SourceError as error:
        raise ReleaseError(f"the search index of the new release cannot be made: {error}") from error


def _link_folder(source: Path, target: Path) -> None:
    """Give the files of a store second names: a store in a release is only ever read."""
    target.mkdir()
    for file in source.iterdir():
        link(file, target / file.name)


def _add_reports(plan: Plan, folder: Path) -> None:
    folder.mkdir()
    for outcome, good in plan.used:
        for name in (*REPORTS, CHANGES, TABLES):
            if (good.folder / name).is_file():
                link(good.folder / name, folder / f"{outcome.entry.id}{_ENDINGS.get(name, f'.{name}')}")
