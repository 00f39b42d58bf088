"""Files of lines sorted by bytes: sorting and merging them without holding them whole."""

import os
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

SPILL = 256 * 1024 * 1024
"""Bytes of lines that are sorted in memory at once; what is beyond goes through files."""

BLOCK = 64 * 1024 * 1024
"""Bytes that a merge reads at once from all its files together."""


def blocks(path: Path, size: int = SPILL) -> Iterator[list[bytes]]:
    """Read a file as lists of whole lines of about `size` bytes."""
    with path.open("rb") as file:
        while block := file.readlines(size):
            yield block


def write_sorted(parts: Iterable[list[bytes]], target: Path) -> int:
    """Write lines sorted by bytes and each but once; gives their number. The lists are sorted in place."""
    runs: list[Path] = []
    try:
        for part in parts:
            part.sort()
            runs.append(target.with_name(f"{target.name}.run{len(runs)}"))
            with runs[-1].open("wb") as file:
                file.writelines(dict.fromkeys(part))
            part.clear()
        if len(runs) == 1:
            runs[0].replace(target)
            return count(target)
        return merge(runs, target)
    finally:
        for run in runs:
            run.unlink(missing_ok=True)


def merge(paths: Iterable[Path], target: Path) -> int:
    """Merge sorted files into one, each line but once; gives the number of lines written.

    All files advance together: what is certain to come before anything still unread is joined, sorted and
    written. Sorting joined sorted lists is merging for Python's sort, at the speed of C.
    """
    total = 0
    last = b""
    with ExitStack() as stack:
        files = [stack.enter_context(path.open("rb")) for path in paths]
        readers = [_Reader(file, BLOCK // len(files)) for file in files]
        output = stack.enter_context(target.open("wb"))
        while readers := [reader for reader in readers if reader.fill()]:
            # Up to the smallest of the last lines read, no unread line can come before.
            limit = min(reader.lines[-1] for reader in readers)
            ready = [line for reader in readers for line in reader.take(limit)]
            ready.sort()
            unique = list(dict.fromkeys(ready))
            if unique[0] == last:
                del unique[0]
            last = ready[-1]
            output.writelines(unique)
            total += len(unique)
    return total


def differences(old: Path, new: Path) -> Iterator[tuple[list[bytes], list[bytes]]]:
    """What only the old and what only the new of two sorted files has, in parts, each in order of bytes."""
    with old.open("rb") as before, new.open("rb") as after:
        readers = [_Reader(file, BLOCK // 8) for file in (before, after)]
        while unread := [reader for reader in readers if reader.fill()]:
            limit = min(reader.lines[-1] for reader in unread)
            gone, came = (reader.take(limit) for reader in readers)
            if gone != came:
                yield _without(gone, came), _without(came, gone)


def _without(lines: Sequence[bytes], others: Iterable[bytes]) -> list[bytes]:
    known = set(others)
    return [line for line in lines if line not in known]


class _Reader:
    """One file of a merge: a block of its lines, and how many of them were taken."""

    def __init__(self, file: BinaryIO, block: int) -> None:
        self.file = file
        self.block = block
        self.lines: list[bytes] = []
        self.taken = 0

    def fill(self) -> bool:
        if self.taken == len(self.lines):
            self.lines = self.file.readlines(self.block)
            self.taken = 0
        return bool(self.lines)

    def take(self, limit: bytes) -> list[bytes]:
        start, self.taken = self.taken, bisect_right(self.lines, limit, self.taken)
        return self.lines[start : self.taken]


def count(path: Path) -> int:
    """The number of lines of a file."""
    total = 0
    with path.open("rb", buffering=0) as file:
        while block := file.read(1024 * 1024):
            total += block.count(b"\n")
    return total


def link(source: Path, target: Path) -> None:
    """Give a file a second name, or copy it where the file system has no links."""
    try:
        os.link(source, target)
    except OSError:
        target.write_bytes(source.read_bytes())
