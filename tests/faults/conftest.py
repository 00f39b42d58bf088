"""Disks that run full, servers that can be killed, and regions to build: what faults need."""

import os
import re
import resource
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from tests.conftest import COMMAND, odis
from tests.loaders.region import CATALOGUE, write_region

ALL = "SELECT ?s ?p ?o { ?s ?p ?o } ORDER BY ?s ?p ?o LIMIT 200"


@dataclass(frozen=True, slots=True)
class Disk:
    """A small disk that is mounted on `folder` for processes that begin with `enter`.

    Others see what is on it under `seen`; `say` has a shell do something on it.
    """

    folder: Path
    seen: Path
    enter: Sequence[str]
    say: Callable[[str], None]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """Thirty-two megabytes in memory, in a mount namespace that ends with the test."""
    place = tmp_path / "disk"
    place.mkdir()
    script = (
        'mount -t tmpfs -o size=32m none "$0" && cd "$0" && echo && while read -r a; do eval "$a"; echo; done'
    )
    command = ["unshare", "--map-root-user", "--mount", "sh", "-c", script, str(place)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdin
        assert holder.stdout
        if not holder.stdout.readline():
            pytest.skip("this system lets nobody but its owner mount a disk")

        def say(words: str) -> None:
            assert holder.stdin
            assert holder.stdout
            holder.stdin.write(f"{words}\n")
            holder.stdin.flush()
            assert holder.stdout.readline()

        enter = ["nsenter", "--user", "--preserve-credentials", "--mount", f"--target={holder.pid}"]
        there = ["env", f"--chdir={place}/region"]
        yield Disk(place, Path(f"/proc/{holder.pid}/root{place}"), [*enter, *there], say)
        holder.stdin.close()


@pytest.fixture(scope="session")
def built_region(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small region and two releases of it; copy it, do not change it."""
    folder = tmp_path_factory.mktemp("region")
    write_region(folder)
    odis(folder, "build")
    change(folder, "a2")
    odis(folder, "build")
    return folder


@pytest.fixture
def region(built_region: Path, tmp_path: Path) -> Path:
    """The same, to be changed."""
    return copy(built_region, tmp_path / "region")


def copy(folder: Path, target: Path) -> Path:
    """Copy a folder with its releases; files stay one where they are links to the same."""
    subprocess.run(["cp", "-a", str(folder), str(target)], check=True)
    return target


def change(folder: Path, name: str) -> None:
    """Let the first source of a region have another dataset."""
    (folder / "a.ttl").write_text(CATALOGUE.format(name))


@dataclass(frozen=True, slots=True)
class Running:
    """A server as a process: its address, its process, and the file of what it says."""

    address: str
    process: "subprocess.Popen[str]"
    log: Path

    def ask(self, query: str = "ASK {}") -> httpx2.Response:
        """The answer to a query, over a connection of its own."""
        return httpx2.get(f"{self.address}sparql", params={"query": query, "format": "csv"}, timeout=40)

    def metric(self, name: str) -> float:
        """A present value."""
        found = re.search(rf"^odis_{name} (\S+)$", httpx2.get(f"{self.address}metrics").text, re.MULTILINE)
        assert found, name
        return float(found[1])

    def said(self, words: str) -> list[str]:
        """The lines of its log in which these words are."""
        return [line for line in self.log.read_text().splitlines() if words in line]

    def children(self) -> list[int]:
        """Its processes: those it started, and those that these did."""
        found: list[int] = []
        for status in Path("/proc").glob("[0-9]*/stat"):
            try:
                group = int(status.read_text().rpartition(")")[2].split()[3])
            except OSError:
                continue  # it ended just now
            if group == self.process.pid and int(status.parent.name) != self.process.pid:
                found.append(int(status.parent.name))
        return found


@contextmanager
def running(
    folder: Path,
    *words: str,
    enter: Sequence[str] = (),
    log: Path | None = None,
    limits: Mapping[int, int] | None = None,
) -> Iterator[Running]:
    """Run `odis serve` in a folder, within limits of the system by their numbers; kill what is left of it."""
    log = log or folder / "log"

    def limit() -> None:
        for number, most in (limits or {}).items():
            resource.setrlimit(number, (most, most))

    command = [*enter, *COMMAND, "serve", "--port", "0", "--in-memory-limit", "0", *words]
    with (
        log.open("w") as file,
        subprocess.Popen(
            command,
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=file,
            text=True,
            start_new_session=True,
            preexec_fn=limit,
        ) as process,
    ):
        assert process.stdout
        try:
            line = process.stdout.readline()
            found = re.search(r"http://\S+/", line)
            assert found, log.read_text()
            yield Running(found[0], process, log)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
