"""One source from harvest to its last good version; the others never notice how it ends."""

import json
import shutil
import time
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from loaders.checking import REPORTS
from loaders.config import Settings
from loaders.convert import Converted, Job
from loaders.gate import Gate
from loaders.good import Good, clean_source, keep, new_folder, read_good
from loaders.harvest.documents import Document, fingerprint
from loaders.harvest.fetcher import Fetcher
from loaders.harvest.harvesting import MEGABYTE, harvest
from loaders.isolate import Limits, Workers
from loaders.lines import link
from loaders.parts import GRAPH, MERGED
from loaders.quality.links import digest
from loaders.quality.measure import Measuring
from loaders.releases.release import SourceState, State
from loaders.sources import CatalogueSource, RdfSource, Source
from ontology.errors import SourceError

_MEASURED = "measured"
"""The file that says with which results of the link check the points of a version were given."""


@dataclass(frozen=True, slots=True)
class SourceOutcome:
    """How a source ended: its entry in the manifest, what is used of it, and the seconds it took."""

    entry: SourceState
    good: Good | None
    seconds: float

    @property
    def well(self) -> bool:
        """Whether the source is in the release as it is now."""
        return self.entry.state in ("new", "unchanged")

    @property
    def worked(self) -> bool:
        """Whether anything was done for it, rather than its last good version used unseen."""
        return self.seconds > 0


@dataclass(frozen=True, slots=True)
class Workshop:
    """What the work on every source needs."""

    settings: Settings
    rules: str
    fetcher: Fetcher
    workers: Workers
    accepted: Collection[str] = ()
    """Sources that may lose any number of datasets this time."""

    def work(self, source: Source, step: Callable[[str], None]) -> SourceOutcome:
        """Harvest and convert a source; when that fails its last good version is used."""
        return self._outcome(source, lambda good: self._made(source, good, step))

    def take(self, source: Source, folders: Collection[Path], step: Callable[[str], None]) -> SourceOutcome:
        """Use the newest version of a source that builds kept in other data folders, after the same gate."""
        parts = [part for folder in folders if (part := read_good(folder, source.id))]
        if not parts:
            return self.rest(source)
        newest = max(parts, key=lambda part: part.harvested)
        return self._outcome(source, lambda good: self._taken(source, good, newest, step))

    def _outcome(self, source: Source, make: Callable[[Good | None], Good]) -> SourceOutcome:
        """How a source ends of which `make` makes a good version, given the last one."""
        start = time.monotonic()
        used = good = read_good(self.settings.data, source.id)
        try:
            used = make(good)
            entry = _entry(source, used, "unchanged" if good and used.folder == good.folder else "new")
        except SourceError as error:
            entry = _failed(source, good, str(error))
        clean_source(self.settings.data, source.id)
        return SourceOutcome(entry, used, time.monotonic() - start)

    def rest(self, source: Source) -> SourceOutcome:
        """Use the last good version without looking whether there is a newer one."""
        good = read_good(self.settings.data, source.id)
        if good is None:
            return SourceOutcome(_failed(source, None, "it was not asked for in this build"), None, 0.0)
        return SourceOutcome(_entry(source, good, "unchanged"), good, 0.0)

    def _made(self, source: Source, good: Good | None, step: Callable[[str], None]) -> Good:
        folder = new_folder(self.settings.data, source.id)
        step("harvest")
        documents = self._harvest(source, folder, good)
        job = self._job(source, documents, folder)
        content, rules = fingerprint(documents), self._rules(job)
        if good and (good.sha256, good.rules) == (content, rules):
            self._measure(job, good.folder, step)
            return self._refreshed(source, good, documents)
        converted = Converted(**self._aside("loaders.convert:convert", asdict(job), step))
        if not source.location.remote and fingerprint(self._harvest(source, folder, None)) != content:
            raise SourceError("it changed while it was read; build again")
        self._gate(source).examine(source.id, folder, converted, good.folder if good else None)
        self._measure(job, folder, step)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        return keep(self.settings.data, source.id, Good(folder, rules, content, now, documents, converted))

    def _taken(self, source: Source, good: Good | None, part: Good, step: Callable[[str], None]) -> Good:
        if good and (
            good.harvested > part.harvested or (good.sha256, good.rules) == (part.sha256, part.rules)
        ):
            return good
        if self._rules(self._job(source, part.documents, part.folder)) != part.rules:
            raise SourceError(
                "what was kept of it was made by another version of ODIS, or with other settings"
            )
        step("take")
        folder = new_folder(self.settings.data, source.id)
        shutil.copytree(
            part.folder, folder, copy_function=lambda one, to: link(Path(one), Path(to)), dirs_exist_ok=True
        )
        moved = part.moved(folder)
        self._gate(source).examine(source.id, folder, moved.converted, good.folder if good else None)
        self._measure(self._job(source, moved.documents, folder), folder, step)
        return keep(self.settings.data, source.id, moved)

    def _harvest(self, source: Source, folder: Path, good: Good | None) -> tuple[Document, ...]:
        def look(function: str, argument: Any) -> Any:
            return self._aside(function, argument, lambda name: None)

        return harvest(source, folder, good, self.settings, self.fetcher, look)

    def _job(self, source: Source, documents: tuple[Document, ...], folder: Path) -> Job:
        base = self.settings.base
        job = Job(
            source=source.id,
            documents=[[str(d.path), d.name, d.address, d.hint] for d in documents],
            folder=str(folder),
            base=base,
            graph=f"{base}graph/source/{source.id}",
            limit=self.settings.max_mb * MEGABYTE,
            publisher=source.publisher,
        )
        if not isinstance(source, CatalogueSource):
            metadata = source.specification
            name = metadata.parent.name if metadata.name == "metadata.json" else metadata.stem
            graph = f"{base}graph/data/{name}/{source.id}"
            query = source.map if isinstance(source, RdfSource) else None
            return replace(
                job,
                kind=source.kind,
                graph=graph,
                specification=str(metadata),
                dataset=source.dataset,
                map=str(query) if query else "",
            )
        if source.base:
            job = replace(
                job, documents=[[path, name, source.base, hint] for path, name, _, hint in job.documents]
            )
        return replace(
            job,
            kind=source.kind,
            title=source.title,
            publishers=list(source.publishers),
            profile=source.profile or self.settings.profile,
        )

    def _aside(self, function: str, argument: Any, step: Callable[[str], None]) -> Any:
        limits = Limits(self.settings.memory_mb * MEGABYTE, self.settings.seconds)
        return self.workers.run(function, argument, limits, step)

    def _measure(self, job: Job, folder: Path, step: Callable[[str], None]) -> None:
        """Give points to the datasets of a catalogue, unless that was done with the same links as now."""
        links, done = digest(self.settings.data) or "none", folder / _MEASURED
        if job.specification or (done.is_file() and done.read_text("utf-8") == links):
            return
        done.unlink(missing_ok=True)
        argument = Measuring(
            source=job.source,
            base=job.base,
            harvested=str(folder / GRAPH),
            graph=job.graph,
            merged=str(folder / MERGED),
            report=str(folder / REPORTS[0]),
            data=str(self.settings.data),
            folder=str(folder),
        )
        self._aside("loaders.quality.measure:measure", asdict(argument), step)
        done.write_text(links, encoding="utf-8")

    def _rules(self, job: Job) -> str:
        """A hash of all but the content of the documents that decides what comes out."""
        known = asdict(replace(job, folder="", documents=[document[1:] for document in job.documents]))
        if job.specification:
            # What the files say counts, and not where this installation has them.
            metadata = _hashes(Path(job.specification), job.map)
            known |= {"specification": "", "map": "", "metadata": metadata}
        return sha256(f"{self.rules}{json.dumps(known, sort_keys=True)}".encode()).hexdigest()

    def _refreshed(self, source: Source, good: Good, documents: tuple[Document, ...]) -> Good:
        """The good version, with what the server now says about the same content."""
        told = tuple(replace(new, path=old.path) for new, old in zip(documents, good.documents, strict=True))
        return (
            good
            if told == good.documents
            else keep(self.settings.data, source.id, replace(good, documents=told))
        )

    def _gate(self, source: Source) -> Gate:
        fall = self.settings.max_fall if source.max_fall is None else source.max_fall
        allowed = 1.0 if source.id in self.accepted else fall
        return Gate(source.gate == "reject", allowed, self.settings.data / "rejected" / source.id)


def _hashes(metadata: Path, query: str) -> list[str]:
    """Of a specification and what lies beside it (its shape, code lists, queries), and of a query."""
    beside = [metadata.with_name("shape.ttl"), metadata.with_name("codes.ttl"), *metadata.parent.glob("*.rq")]
    files = [metadata, *sorted(beside), *([Path(query)] if query else [])]
    return [sha256(file.read_bytes()).hexdigest() for file in files if file.is_file()]


def _entry(source: Source, good: Good, state: State) -> SourceState:
    numbers = good.converted
    return SourceState(
        id=source.id,
        kind=source.kind,
        title=source.title,
        location=source.location.text,
        state=state,
        harvested=good.harvested,
        sha256=good.sha256,
        triples=numbers.triples,
        violations=numbers.violations,
        warnings=numbers.warnings,
        infos=numbers.infos,
        repairs=numbers.repairs,
    )


def _failed(source: Source, good: Good | None, message: str) -> SourceState:
    if good is not None:
        return replace(_entry(source, good, "last good"), message=message)
    return SourceState(
        source.id, source.kind, source.title, source.location.text, "left out", message=message
    )
