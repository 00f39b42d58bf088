"""A build: every source aside, then one release out of them, then the switch. The whole flow in one place."""

import errno
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from os import cpu_count
from pathlib import Path
from threading import Lock
from typing import Final, Protocol

from loaders.config import Config
from loaders.discovery.sources import discovered
from loaders.harvest.fetcher import Fetcher
from loaders.isolate import Workers
from loaders.locking import locked
from loaders.releases import release
from loaders.releases.assemble import Plan, assemble
from loaders.releases.release import Release
from loaders.rules import rules
from loaders.sources import CatalogueSource, Source
from loaders.work import SourceOutcome, Workshop
from ontology.errors import ConfigError, ReleaseError
from queries.saved import load_all
from shapes.check import load_profile

STEPS = ("merge", "load", "optimise", "search", "views", "rehearse", "seal")
"""The steps of making the release, after all sources are done."""


AT_ONCE: Final = 16
"""Sources that are harvested at once; how many are worked on at once after that is a setting."""

_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO, errno.EACCES, errno.EPERM)


class Progress(Protocol):
    """Is told how a build goes on; never by two threads at once."""

    def source(self, id: str, step: str) -> None:
        """A source has come to a step: harvest, read, convert or check."""

    def done(self, id: str, outcome: SourceOutcome) -> None:
        """A source that was worked on has ended."""

    def step(self, name: str, done: int, total: int) -> None:
        """The release has come to a step, after `done` of `total`."""


@dataclass(frozen=True, slots=True)
class BuildResult:
    """What a build gave: the release that is served now, and how each source ended."""

    release: Release
    sources: tuple[SourceOutcome, ...]

    @property
    def exit_code(self) -> int:
        """0 when every source is in the release as it is now, 1 when any is not."""
        return 0 if all(outcome.well for outcome in self.sources) else 1


def build(
    config: Config,
    progress: Progress,
    only: Collection[str] = (),
    accept: Collection[str] = (),
    take: Collection[Path] = (),
) -> BuildResult:
    """Build and serve a new release.

    Args:
        config: the sources and settings.
        progress: is told how it goes on.
        only: ids of the sources to harvest, with what is discovered in them; of the others the last good
            version is used. All when empty.
        accept: ids of the sources that may lose any number of datasets this time.
        take: data folders in which `build_parts` kept versions of sources: these are used, and nothing is
            harvested.

    Raises:
        ConfigError: `only` or `accept` names no source, `take` a folder that has none, or there are no such
            shapes.
        QueryError: the folder of one's own saved queries has none.
        ReleaseError: another build is running, no source could be used, or the release could not be made.
    """
    known = _checked(config, only, accept)
    for folder in take:
        if not (folder / "sources").is_dir():
            raise ConfigError(f"{folder} has no sources; expected what odis build --no-release --data wrote")
    with locked(config.data), _told_of_disk():
        release.clean(config.data)
        outcomes = _sources(config, known, progress, only, accept, take)
        if not any(outcome.good for outcome in outcomes):
            first = outcomes[0].entry
            raise ReleaseError(f"no source could be used; the first, {first.id}: {first.message}")
        priorities = {source.id: source.priority for source in config.sources}
        plan = Plan(config.data, config.odis.base, known, outcomes, priorities, config.odis.queries)
        made = assemble(plan, lambda name: progress.step(name, STEPS.index(name), len(STEPS)))
        release.prune(config.data, config.odis.keep_releases)
    return BuildResult(made, outcomes)


def build_parts(
    config: Config, progress: Progress, only: Collection[str] = (), accept: Collection[str] = ()
) -> tuple[SourceOutcome, ...]:
    """Harvest, convert, check and keep sources, and make no release; arguments and errors are as for `build`.

    So many machines can each work on some of the sources; one of them then builds with `take`.
    """
    known = _checked(config, only, accept)
    with locked(config.data), _told_of_disk():
        outcomes = _sources(config, known, progress, only, accept)
    return tuple(outcome for outcome in outcomes if outcome.worked)


def _checked(config: Config, only: Collection[str], accept: Collection[str]) -> str:
    """The hash of the rules, after a look at whatever else may be wrong from the outset."""
    _check_names(config, [*only, *accept])
    load_all(config.odis.queries, [])
    return _rules(config)


def _sources(
    config: Config,
    known: str,
    progress: Progress,
    only: Collection[str],
    accept: Collection[str],
    take: Collection[Path] = (),
) -> tuple[SourceOutcome, ...]:
    """Work on all sources, then on those that are discovered in them."""
    # The threads outlast both rounds: a worker process ends with the thread that started it.
    # Most of them wait for a server; those that are done with that take turns with the processes.
    most = config.odis.workers or cpu_count() or 1
    with Fetcher(config.odis.contact) as fetcher, Workers(most) as workers, _threads(AT_ONCE) as pool:
        shop = Workshop(config.odis, known, fetcher, workers, accept)
        outcomes = _work(config.sources, shop, pool, progress, only, take)
        found = discovered(config)
        wanted = [*only, *(source.id for source, catalogue in found if catalogue in only)]
        return outcomes + _work([source for source, _ in found], shop, pool, progress, wanted, take)


def renew(config: Config, source_id: str) -> SourceOutcome:
    """Harvest one source and keep it as its last good version, without a release; raises as `build` does."""
    _check_names(config, [source_id])
    source = next(source for source in config.sources if source.id == source_id)
    known = _rules(config)
    with locked(config.data), _told_of_disk(), Fetcher(config.odis.contact) as fetcher, Workers() as workers:
        return Workshop(config.odis, known, fetcher, workers).work(source, lambda step: None)


def _rules(config: Config) -> str:
    profiles = {_profile(config, source) for source in config.sources}
    return rules(file for name in profiles if name for file in load_profile(name).files)


def _check_names(config: Config, only: Collection[str]) -> None:
    known = [source.id for source in config.sources]
    if any(name not in known for name in only):
        known += [source.id for source, _ in discovered(config)]
    for name in only:
        if name not in known:
            raise ConfigError(f"there is no source {name!r}; there are: {', '.join(known)}")


def _profile(config: Config, source: Source) -> str:
    if not isinstance(source, CatalogueSource):
        return ""
    return source.profile or config.odis.profile


@contextmanager
def _threads(most: int) -> Iterator[ThreadPoolExecutor]:
    """Threads that are waited for, unless the block is left by an error or by Ctrl-C."""
    pool = ThreadPoolExecutor(most)
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    pool.shutdown()


@contextmanager
def _told_of_disk() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in _DISK:
            raise
        place = f" ({error.filename})" if error.filename else ""
        raise ReleaseError(
            f"the build ended early: {error.strerror or error}{place}; what is served was not changed"
        ) from error


def _work(
    sources: Sequence[Source],
    workshop: Workshop,
    pool: ThreadPoolExecutor,
    progress: Progress,
    only: Collection[str],
    take: Collection[Path],
) -> tuple[SourceOutcome, ...]:
    """Work on sources, several at a time; outcomes are in their order."""
    turn = Lock()

    def step(source: Source, name: str) -> None:
        with turn:
            progress.source(source.id, name)

    def one(source: Source) -> SourceOutcome:
        if only and source.id not in only:
            outcome = workshop.rest(source)
        elif take:
            outcome = workshop.take(source, take, lambda name: step(source, name))
        else:
            outcome = workshop.work(source, lambda name: step(source, name))
        if outcome.worked:
            with turn:
                progress.done(source.id, outcome)
        return outcome

    # The large ones first, so that none of them is left alone at the end.
    started = {source.id: pool.submit(one, source) for source in sorted(sources, key=_size, reverse=True)}
    return tuple(started[source.id].result() for source in sources)


def _size(source: Source) -> int:
    path = source.location.path
    return path.stat().st_size if path is not None and path.is_file() else 0
