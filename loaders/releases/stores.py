"""The store of a new release: the one before, the one before with what is different, or loaded anew."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Final, NamedTuple

from loaders.isolate import Limits, run
from loaders.lines import differences
from loaders.releases.release import Release
from loaders.releases.storing import copy_store
from ontology.errors import ReleaseError, SourceError

LIMITS: Final = Limits(memory=None, seconds=6 * 3600)
"""For work on a whole release; the time is a guard against hanging for ever."""

LOADED: Final = ("graph.nq", "provenance.nq", "quality.nq", "usage.nq", "void.nq")
"""The files of N-Quads that a store is loaded from."""

RECORDS: Final = "records.nq"
"""The file of catalogue records; it is made beside the store, out of what portals read, and added later."""

WORN: Final = 4
"""A store is loaded anew when more than one in so many of its quads were changed since it last was."""

Told = Callable[[str], None]


class Made(NamedTuple):
    """What made a store, how many of its quads were changed since it was loaded whole, if it just was."""

    engine: str
    patched: int
    anew: bool


def make_store(folder: Path, quads: int, before: Release | None, told: Told) -> Made:
    """Make the store of the release in `folder`, whose files hold so many quads. Raises ReleaseError."""
    engine = f"pyoxigraph {version('pyoxigraph')}"
    if before and before.manifest.engine == engine and all((before.path / name).is_file() for name in LOADED):
        with ExitStack() as stack:
            changed = sum(stack.enter_context(_difference(before.path, folder, name)) for name in LOADED)
            patched = before.manifest.patched + changed
            if patched * WORN <= quads and _patched(before, folder, told):
                return Made(engine, patched, anew=False)
    _run("load", folder, LOADED, told)
    return Made(engine, 0, anew=True)


def add_records(folder: Path, before: Release | None, made: Made, told: Told) -> Made:
    """Put the catalogue records into a store that `make_store` made. Raises ReleaseError."""
    if made.anew or before is None or not (before.path / RECORDS).is_file():
        _run("add", folder, [RECORDS], told)
        return made
    with _difference(before.path, folder, RECORDS) as changed:
        if changed:
            _run("patch", folder, [RECORDS], told)
    return made._replace(patched=made.patched + changed)


@contextmanager
def _difference(before: Path, folder: Path, name: str) -> Iterator[int]:
    """Write what went and what came beside a file, for as long as the block lasts; gives their number."""
    gone_file, came_file = (folder / f"{name}.{ending}" for ending in ("gone", "came"))
    changed = 0
    try:
        with gone_file.open("wb") as gone_lines, came_file.open("wb") as came_lines:
            for gone, came in differences(before / name, folder / name):
                gone_lines.writelines(gone)
                came_lines.writelines(came)
                changed += len(gone) + len(came)
        yield changed
    finally:
        gone_file.unlink()
        came_file.unlink()


def _patched(before: Release, folder: Path, told: Told) -> bool:
    """Whether the store could be made out of the one before; if not, nothing is left of the attempt."""
    try:
        copy_store(before.store, folder / "store")
        _run("patch", folder, LOADED, told)
    except (OSError, ReleaseError):
        shutil.rmtree(folder / "store", ignore_errors=True)
        return False  # the store before is damaged; nothing of it is needed to load a new one
    return True


def _run(function: str, folder: Path, names: Sequence[str], told: Told) -> None:
    argument = {"store": str(folder / "store"), "files": [str(folder / name) for name in names]}
    try:
        run(f"loaders.releases.storing:{function}", argument, LIMITS, told)
    except SourceError as error:
        raise ReleaseError(f"the store of the new release cannot be made: {error}") from error
