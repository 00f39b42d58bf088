"""The store of a new release: the one before, the one before with what is different, or loaded anew."""

import shutil
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Final, NamedTuple

from loaders.isolate import Limits, run
from loaders.lines import differences, link
from loaders.releases.release import Release
from ontology.errors import ReleaseError, SourceError

LIMITS: Final = Limits(memory=None, seconds=6 * 3600)
"""For work on a whole release; the time is a guard against hanging for ever."""

LOADED: Final = ("graph.nq", "provenance.nq", "quality.nq", "usage.nq", "void.nq")
"""The files of N-Quads that a store is loaded from."""

WORN: Final = 4
"""A store is loaded anew when more than one in so many of its quads were changed since it last was."""

Told = Callable[[str], None]


class Made(NamedTuple):
    """What made a store, and how many of its quads were changed since it was loaded whole."""

    engine: str
    patched: int


def make_store(folder: Path, quads: int, before: Release | None, told: Told) -> Made:
    """Make the store of the release in `folder`, whose files hold so many quads. Raises ReleaseError."""
    engine = f"pyoxigraph {version('pyoxigraph')}"
    if before and before.manifest.engine == engine and all((before.path / name).is_file() for name in LOADED):
        changed = _differences(before.path, folder)
        patched = before.manifest.patched + changed
        try:
            if changed == 0:
                told("load")
                _link_folder(before.store, folder / "store")
                return Made(engine, patched)
            if patched * WORN <= quads and _patch(before.store, folder, told):
                return Made(engine, patched)
        finally:
            for name in LOADED:
                for ending in ("gone", "came"):
                    (folder / f"{name}.{ending}").unlink(missing_ok=True)
    _load(folder, told)
    return Made(engine, 0)


def _differences(before: Path, folder: Path) -> int:
    """Write what is different as `.gone` and `.came` beside each file; gives the number of lines in all."""
    return sum(_difference(before / name, folder / name) for name in LOADED)


def _difference(old: Path, new: Path) -> int:
    changed = 0
    with (
        new.with_name(f"{new.name}.gone").open("wb") as gone_file,
        new.with_name(f"{new.name}.came").open("wb") as came_file,
    ):
        for gone, came in differences(old, new):
            gone_file.writelines(gone)
            came_file.writelines(came)
            changed += len(gone) + len(came)
    return changed


def _patch(before: Path, folder: Path, told: Told) -> bool:
    """Whether the store could be made out of the one before; if not, nothing is left of the attempt."""
    files = [str(folder / name) for name in LOADED]
    argument = {"before": str(before), "store": str(folder / "store"), "files": files}
    try:
        run("loaders.releases.storing:patch", argument, LIMITS, told)
    except SourceError:
        shutil.rmtree(folder / "store", ignore_errors=True)
        return False  # the store before is damaged; nothing of it is needed to load a new one
    return True


def _load(folder: Path, told: Told) -> None:
    argument = {"store": str(folder / "store"), "files": [str(folder / name) for name in LOADED]}
    try:
        run("loaders.releases.storing:load", argument, LIMITS, told)
    except SourceError as error:
        raise ReleaseError(f"the store of the new release cannot be loaded: {error}") from error


def _link_folder(source: Path, target: Path) -> None:
    """Give the files of a store second names: a store in a release is only ever read."""
    target.mkdir()
    for file in source.iterdir():
        link(file, target / file.name)
