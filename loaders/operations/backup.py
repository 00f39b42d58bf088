"""Backup and restore: all that cannot be made again, in one archive that other tools read too."""

import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

from loaders.locking import locked
from loaders.releases.release import Release, current, verify
from loaders.whole import whole
from ontology.errors import ReleaseError

_LEFT_OUT = ("lock", "releases", "current")
"""What is not copied as it lies: of the releases only the one that is served is, and the link to it last."""


def backup(data: Path, archive: Path) -> Release:
    """Write the served release, the last good version of each source and all counts into an archive.

    The archive is a gzipped tar; it gets its name only when it is whole. A build cannot run meanwhile.

    Raises:
        ReleaseError: there is no release, its files have changed, a build is running, or the archive exists.
    """
    if archive.exists():
        raise ReleaseError(f"{archive} exists already; choose another name")
    with locked(data):
        release = current(data)
        verify(release)
        with whole(archive) as part, tarfile.open(part, "w:gz", compresslevel=1) as tar:
            for path in _kept(data, release):
                tar.add(path, arcname=path.relative_to(data))
    return release


def _kept(data: Path, release: Release) -> Iterator[Path]:
    yield release.path
    yield from sorted(path for path in data.iterdir() if path.name not in _LEFT_OUT)
    yield data / "current"


def restore(archive: Path, data: Path) -> Release:
    """Unpack an archive of `backup` into a folder that is not there yet, and verify every file.

    Raises:
        ReleaseError: the folder exists, the archive is none or was cut off, or a file is not what it was.
    """
    if data.exists():
        raise ReleaseError(f"{data} exists already; restore into a new folder and put it in place of the old")
    aside = data.with_name(f"{data.name}.{uuid4().hex}.part")
    try:
        with tarfile.open(archive, "r:gz") as tar:
            tar.extractall(aside, filter="data")  # no path leaves the folder, no device, no foreign owner
        verify(current(aside))
    except (tarfile.TarError, EOFError, OSError) as error:
        raise ReleaseError(f"{archive} cannot be restored: {error}") from error
    else:
        aside.rename(data)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return current(data)
