"""A process of its own: whatever happens in it comes back as a result or as one sentence."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from loaders.isolate import REUSE, Limits, Workers, run
from ontology.errors import SourceError
from tests.conftest import ROOT

LIMITS = Limits(memory=1_000_000_000, seconds=60)


@pytest.fixture(autouse=True)
def jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process must find the jobs, which are no part of what is installed."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


def test_result_and_steps_come_back() -> None:
    """What a library prints is not taken for an answer."""
    steps: list[str] = []
    assert run("tests.loaders.jobs:double", ["å", 1], LIMITS, steps.append) == ["å", 1, "å", 1]
    assert steps == ["one", "two"]


ENDINGS = {
    "refuse": "^åäö is wrong$",
    "bug": r"a fault in ODIS itself, please report it: KeyError: 'missing' \(jobs.py, line \d+\)",
    "memory": "needs more memory than the allowed 1,000 MB",
    "native_memory": "needs more memory than the allowed 1,000 MB",
    "deep": r"the work on it crashed \((SIGABRT|SIGSEGV)\)",
    "crash": r"the work on it crashed \(SIGSEGV\)",
    "killed": "the work on it was killed, perhaps by the system because memory ran out",
    "leave": "the work on it ended with status 3; goodbye",
}


@pytest.mark.parametrize("job", ENDINGS)
def test_every_end_is_a_sentence(job: str) -> None:
    """The function's own errors, faults, and all ways in which a process can die."""
    with pytest.raises(SourceError, match=ENDINGS[job]):
        run(f"tests.loaders.jobs:{job}", None, LIMITS)


def test_the_time_limit_holds() -> None:
    """Work that never ends is stopped."""
    with pytest.raises(SourceError, match=r"longer than the allowed 0\.5 seconds"):
        run("tests.loaders.jobs:slow", None, Limits(None, 0.5))


def test_a_process_in_good_order_takes_the_next_job() -> None:
    """An error of a source does not end it; a crash, much memory and other limits do."""
    large = bytearray(REUSE)  # the size of the parent does not matter
    with Workers() as workers:

        def process(memory: int = 0, limits: Limits = LIMITS) -> int:
            return int(workers.run("tests.loaders.jobs:process", memory, limits)[0])

        first = process()
        with pytest.raises(SourceError):
            workers.run("tests.loaders.jobs:refuse", None, LIMITS)
        assert process() == first
        assert process(limits=Limits(2_000_000_000, 60)) != first
        with pytest.raises(SourceError):
            workers.run("tests.loaders.jobs:crash", None, LIMITS)
        second = process(memory=REUSE)
        assert second != first
        assert process() != second
    assert len(large) == REUSE


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_process_dies_with_its_parent() -> None:
    """A build that is killed leaves nothing running behind."""
    program = (
        "from loaders.isolate import REUSE, Limits, Workers, run; import os;"
        "run('tests.loaders.jobs:slow', None, Limits(None, 600), lambda name: print(name, flush=True))"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, cwd=ROOT)
    assert parent.stdout is not None
    with parent.stdout:
        assert parent.stdout.readline() == b"slow\n"
        children = Path(f"/proc/{parent.pid}/task/{parent.pid}/children").read_text().split()
        assert len(children) == 1
        os.kill(parent.pid, signal.SIGKILL)
        parent.wait()
    deadline = time.monotonic() + 20
    while Path(f"/proc/{children[0]}/stat").exists() and _state(children[0]) != "Z":
        assert time.monotonic() < deadline
        time.sleep(0.01)


def _state(process: str) -> str:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return "Z"
