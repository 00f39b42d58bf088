"""The lock of a data folder: one build, backup or repair at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from ontology.errors import ReleaseError


@contextmanager
def locked(data: Path) -> Iterator[None]:
    """Hold the lock of a data folder; ReleaseError when another process has it."""
    data.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(data / "lock", timeout=0):
            yield
    except Timeout as error:
        raise ReleaseError(f"another build is running: it holds {data / 'lock'}") from error
