"""Triples per second of a build beside the bare `oxigraph load` of the same files, and where the time goes.

    python -m benchmarks.build --sizes 100000,1000000,5000000

Both run on the same files, one after the other, in the same run; on a busy machine judge by their ratio.
A build holds every triple twice (as harvested, and merged), checks it, and writes sorted dumps; the command
only loads. The third figure is a second build in which one source in a hundred has changed.
"""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from argparse import ArgumentParser
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from benchmarks.generate import Region, write_region
from loaders.build import build
from loaders.config import load_config
from loaders.work import SourceOutcome

HEADER = (
    "Triples",
    "Catalogues",
    "Quads",
    "Build s (wall / CPU)",
    "Triples/s",
    "Peak MB",
    "oxigraph load s (wall / CPU)",
    "Ratio (wall / CPU)",
    "Second build",
    "Release MB",
    "Seconds by step",
)


@dataclass
class Watch:
    """Wall time, CPU time of all child processes and this one, and the highest memory of all together."""

    wall: float = 0.0
    cpu: float = 0.0
    memory: int = 0
    _stop: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        self._start, self._used = time.perf_counter(), _cpu()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.wall, self.cpu = time.perf_counter() - self._start, _cpu() - self._used
        self._stop.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._stop.wait(0.1):
            self.memory = max(self.memory, _memory(os.getpid()))


def _cpu() -> float:
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum((used.ru_utime + used.ru_stime for used in both), 0.0)


def _memory(process: int) -> int:
    """Resident bytes of a process and all below it; pages of files that are only mapped are not counted."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
        below = [
            p
            for task in Path(f"/proc/{process}/task").iterdir()
            for p in (task / "children").read_text().split()
        ]
    except OSError:
        return 0  # it has just ended
    own = next((int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("RssAnon")), 0)
    return own + sum(_memory(int(child)) for child in below)


class Steps:
    """Adds up the seconds of each step; those of sources that run side by side are added."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self._since: dict[str, tuple[str, float]] = {}

    def source(self, id: str, step: str) -> None:
        """A step of a source begins."""
        self._end(id)
        self._since[id] = (step, time.perf_counter())

    def done(self, id: str, outcome: SourceOutcome) -> None:
        """A source has ended."""
        self._end(id)

    def step(self, name: str, done: int, total: int) -> None:
        """A step of the release begins."""
        self.source("", name)

    def end(self) -> None:
        """Everything has ended."""
        self._end("")

    def _end(self, id: str) -> None:
        if id in self._since:
            name, start = self._since.pop(id)
            self.seconds[name] += time.perf_counter() - start


def measure(triples: int, folder: Path) -> str:
    """One row of the table."""
    region = write_region(folder, triples)
    bare = _bare(region, folder / "bare")
    steps = Steps()
    config = load_config(region.config)
    with Watch() as first:
        result = build(config, steps)
    steps.end()
    for file in region.files[:: max(1, min(100, len(region.files)))]:
        file.write_text(file.read_text().replace("Datamängd 0", "Datamängd noll"))
    with Watch() as second:
        build(config, Steps())
    size = sum(file.stat().st_size for file in result.release.path.rglob("*") if file.is_file())
    cells = (
        f"{region.triples:,}",
        str(len(region.files)),
        f"{result.release.manifest.quads:,}",
        f"{first.wall:.1f} / {first.cpu:.1f}",
        f"{region.triples / first.wall:,.0f}",
        f"{first.memory / 1e6:,.0f}",
        f"{bare.wall:.1f} / {bare.cpu:.1f}",
        f"{first.wall / bare.wall:.1f} / {first.cpu / bare.cpu:.1f}",
        f"{second.wall / first.wall:.0%}",
        f"{size / 1e6:,.0f}",
        ", ".join(f"{name} {seconds:.1f}" for name, seconds in steps.seconds.items()),
    )
    return f"| {' | '.join(cells)} |"


def _bare(region: Region, store: Path) -> Watch:
    """The command of the engine itself, on the same files."""
    command = [str(Path(sys.executable).parent / "oxigraph"), "load", "--location", str(store), "--file"]
    with Watch() as watch:
        subprocess.run([*command, *map(str, region.files)], check=True, capture_output=True)
    shutil.rmtree(store)
    return watch


def main() -> None:
    """The command line."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="100000,1000000", help="triples, separated by commas")
    parser.add_argument("--folder", type=Path, help="where to work, with room for 1 GB per million triples")
    options = parser.parse_args()
    print(f"| {' | '.join(HEADER)} |\n{'|---' * len(HEADER)}|")
    for size in options.sizes.split(","):
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            print(measure(int(size), Path(folder)), flush=True)


if __name__ == "__main__":
    main()
