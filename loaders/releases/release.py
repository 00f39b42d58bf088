"""Releases: immutable directories of one built version, and the symbolic link that says which is served."""

import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal
from uuid import uuid4

from pydantic import TypeAdapter, ValidationError

from ontology.errors import ReleaseError

FORMAT = 1
"""The version of the layout below; a release of another format is refused, never guessed at."""

State = Literal["new", "unchanged", "last good", "left out"]

_ID = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{8}")
_MANIFEST = "release.json"
_CURRENT = "current"
_UNFINISHED = ".building-"
_REPLACE = "go back to another one with: odis rollback, or build again"


@dataclass(frozen=True, slots=True)
class FileSum:
    """Size and SHA-256 of one file of a release."""

    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class SourceState:
    """What one source gave to a release; `harvested` is a UTC time, `sha256` that of what was harvested."""

    id: str
    kind: str
    title: str
    location: str
    state: State
    harvested: str = ""
    sha256: str = ""
    triples: int = 0
    violations: int = 0
    warnings: int = 0
    infos: int = 0
    repairs: int = 0
    message: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """The contents of `release.json`; `triples` counts the default graph, `quads` all graphs of graph.nq.

    `inputs` is a hash of all that graph.nq was made of: when it is the same, so is the file. `links` is
    a hash of which addresses answered when the points for quality were given. `engine` made the store, in
    which `patched` quads were changed since it was loaded whole.
    """

    base: str
    triples: int
    quads: int
    sources: tuple[SourceState, ...] = ()
    id: str = ""
    created: str = ""
    inputs: str = ""
    links: str = ""
    engine: str = ""
    patched: int = 0
    files: Mapping[str, FileSum] = field(default_factory=dict)
    format: int = FORMAT


@dataclass(frozen=True, slots=True)
class Release:
    """One built version on disk; nothing in it changes after it was published."""

    path: Path
    manifest: Manifest

    @property
    def id(self) -> str:
        """The name of the release: time of the build and the first digits of a hash."""
        return self.manifest.id

    @property
    def graph(self) -> Path:
        """Canonical, sorted N-Quads: the lossless truth."""
        return self.path / "graph.nq"

    @property
    def store(self) -> Path:
        """The Oxigraph store; open it read-only."""
        return self.path / "store"

    @property
    def provenance(self) -> Path:
        """The provenance graph as N-Quads: all that depends on when something was done."""
        return self.path / "provenance.nq"

    @property
    def void(self) -> Path:
        """The statistics of the graph in VoID, as N-Quads."""
        return self.path / "void.nq"

    @property
    def quality(self) -> Path:
        """The points for the quality of metadata, and their history, in DQV as N-Quads."""
        return self.path / "quality.nq"

    @property
    def views(self) -> Path:
        """The folder with what portals, feeds and crawlers read, as static files."""
        return self.path / "views"

    @property
    def reports(self) -> Path:
        """The folder with a SHACL report per source, as JSON and as Turtle."""
        return self.path / "reports"


_ADAPTER = TypeAdapter(Manifest)


def current(data: Path) -> Release:
    """Open the release that is served.

    Raises ReleaseError when there is none or when it is not whole.
    """
    link = data / _CURRENT
    if not link.is_symlink():
        raise ReleaseError(f"{data} has no current release; build one with: odis build")
    return open_release(data / "releases" / link.readlink().name)


def open_release(path: Path) -> Release:
    """Open one release; its format is checked and every file must have its stated size (see `verify`)."""
    manifest = _read_manifest(path)
    for name, expected in manifest.files.items():
        try:
            size = (path / name).stat().st_size
        except OSError as error:
            raise ReleaseError(f"release {path.name} is damaged: {name} is missing; {_REPLACE}") from error
        if size != expected.bytes:
            raise ReleaseError(
                f"release {path.name} is damaged: {name} has {size} bytes, not {expected.bytes}; {_REPLACE}"
            )
    return Release(path, manifest)


def named(data: Path, release_id: str) -> Release:
    """Open a release by its id; ReleaseError lists those that there are."""
    path = data / "releases" / release_id
    if not _ID.fullmatch(release_id) or not path.is_dir():
        known = ", ".join(directory.name for directory in _directories(data)) or "none"
        raise ReleaseError(f"there is no release {release_id!r} in {data}; there are: {known}")
    return open_release(path)


def _read_manifest(path: Path) -> Manifest:
    try:
        text = (path / _MANIFEST).read_bytes()
        version = json.loads(text).get("format")
    except (OSError, ValueError, AttributeError) as error:
        raise ReleaseError(
            f"release {path.name} is damaged: its {_MANIFEST} cannot be read; {_REPLACE}"
        ) from error
    if version != FORMAT:
        raise ReleaseError(
            f"release {path.name} has format {version}, this version of ODIS reads {FORMAT}; build again"
        )
    try:
        manifest = _ADAPTER.validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise ReleaseError(
            f"release {path.name} is damaged: {_MANIFEST}: {place}: {first['msg']}; {_REPLACE}"
        ) from error
    if manifest.id != path.name:
        raise ReleaseError(
            f"release {path.name} is damaged: its {_MANIFEST} belongs to {manifest.id}; {_REPLACE}"
        )
    return manifest


def verify(release: Release) -> None:
    """Read every file of a release and compare its SHA-256; ReleaseError names the first that differs."""
    for name, expected in release.manifest.files.items():
        if _sum(release.path / name) != expected:
            raise ReleaseError(f"release {release.id} is damaged: {name} has changed; {_REPLACE}")


def releases(data: Path) -> list[Release]:
    """All whole releases, newest first; `faults` names the others."""
    found = []
    for path in _directories(data):
        try:
            found.append(open_release(path))
        except ReleaseError:
            continue  # told by faults(); a damaged release must not hide the good ones
    return sorted(found, key=lambda release: (release.manifest.created, release.id), reverse=True)


def previous(data: Path) -> Release:
    """The newest whole release that is older than the current one; ReleaseError when there is none."""
    served = (data / _CURRENT).readlink().name if (data / _CURRENT).is_symlink() else ""
    whole = releases(data)
    ids = [release.id for release in whole]
    # Ids of one second say nothing about their order; a damaged release is not among the whole ones.
    older = whole[ids.index(served) + 1 :] if served in ids else [r for r in whole if r.id < served]
    if not older:
        names = ", ".join(ids) or "none"
        raise ReleaseError(f"{data} has no release older than the current one; there are: {names}")
    return older[0]


def faults(data: Path) -> dict[str, str]:
    """What is wrong with each release that cannot be opened, by release id."""
    found = {}
    for path in _directories(data):
        try:
            open_release(path)
        except ReleaseError as error:
            found[path.name] = str(error)
    return found


def _directories(data: Path) -> list[Path]:
    folder = data / "releases"
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.is_dir() and _ID.fullmatch(path.name))


def unfinished(data: Path) -> Path:
    """Make the empty directory in which a release is put together; `publish` gives it its name."""
    folder = data / "releases" / f"{_UNFINISHED}{uuid4().hex}"
    folder.mkdir(parents=True)
    return folder


def clean(data: Path) -> None:
    """Remove what builds that were killed left behind; call it only while holding the lock."""
    for path in (data / "releases").glob(f"{_UNFINISHED}*"):
        shutil.rmtree(path)
    for path in data.glob(f"{_CURRENT}.*"):
        path.unlink()


def moment(data: Path) -> datetime:
    """Now in UTC; a second after the newest release where the clock has been put back behind that.

    So releases, and what readers of feeds are told, stay in the order in which they were made.
    """
    now = datetime.now(UTC)
    made = (datetime.fromisoformat(release.manifest.created) for release in releases(data))
    newest = max(made, default=now)
    return newest + timedelta(seconds=1) if newest > now else now


def publish(data: Path, folder: Path, manifest: Manifest) -> Release:
    """Seal a directory from `unfinished` as a release, and serve it.

    Files are hashed and flushed to the disk before the directory gets its name, and the link is changed after
    that: whoever looks sees the old release or the whole new one, also after a power cut.
    """
    files = {name: _sum(folder / name) for name in _names(folder)}
    created = moment(data)
    seed = created.isoformat() + json.dumps({name: file.sha256 for name, file in files.items()})
    identity = f"{created:%Y%m%dT%H%M%SZ}-{hashlib.sha256(seed.encode()).hexdigest()[:8]}"
    manifest = replace(manifest, id=identity, created=created.isoformat(), files=files)
    (folder / _MANIFEST).write_bytes(_ADAPTER.dump_json(manifest, indent=1) + b"\n")
    _flush(folder / name for name in [*files, _MANIFEST])
    target = folder.parent / identity
    folder.rename(target)
    _flush([target.parent])
    return switch(data, identity)


def switch(data: Path, release_id: str) -> Release:
    """Make a release the current one by one atomic rename; the release must be whole."""
    release = named(data, release_id)
    link = data / f"{_CURRENT}.{uuid4().hex}"
    link.symlink_to(Path("releases") / release_id, target_is_directory=True)
    link.replace(data / _CURRENT)
    _flush([data])
    return release


def prune(data: Path, keep: int) -> list[str]:
    """Remove all but the newest `keep` releases, never the current one; gives the ids removed."""
    served = (data / _CURRENT).readlink().name if (data / _CURRENT).is_symlink() else ""
    newest = _directories(data)[::-1]
    removed = [path for path in newest[max(keep, 1) :] if path.name != served]
    for path in removed:
        # First out of sight, so that nobody opens a release that is half gone.
        aside = path.with_name(f"{_UNFINISHED}{path.name}")
        path.rename(aside)
        shutil.rmtree(aside)
    return [path.name for path in removed]


def _names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def _sum(path: Path) -> FileSum:
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256")
            return FileSum(bytes=file.tell(), sha256=digest.hexdigest())
    except OSError as error:
        raise ReleaseError(f"{path} cannot be read: {error.strerror}") from error


def _flush(paths: Iterable[Path]) -> None:
    """Force files, and the directories they are in, to the disk."""
    parents = set()
    for path in paths:
        _flush_one(path)
        parents.add(path if path.is_dir() else path.parent)
    for parent in parents:
        _flush_one(parent)


def _flush_one(path: Path) -> None:
    if os.name == "nt" and path.is_dir():
        return  # Windows has no handle of a directory to flush
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
