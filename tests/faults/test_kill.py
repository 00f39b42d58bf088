"""kill -9, of a server and of any of its processes, while it is asked: no wrong answer, and it comes back."""

import os
import random
import signal
import subprocess
import threading
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import httpx2

from tests.conftest import COMMAND, odis
from tests.faults.conftest import ALL, Running, change, running

MOMENTS = 8


def test_a_server_that_is_killed_comes_back(region: Path) -> None:
    """At random moments under load; the next one answers the same, and finds nothing in its way."""
    answer = ""
    chance = random.Random(4)
    for _ in range(MOMENTS):
        with running(region) as server:
            now = server.ask(ALL)
            assert now.status_code == 200
            answer = answer or now.text
            assert now.text == answer
            asking = threading.Thread(target=_ask_until_it_is_gone, args=(server, answer))
            asking.start()
            time.sleep(chance.uniform(0, 0.5))
            server.process.kill()
            asking.join(30)
            assert not asking.is_alive()
    assert "every checksum is right" in odis(region, "doctor", "--full").stdout


def _ask_until_it_is_gone(server: Running, answer: str) -> None:
    with suppress(httpx2.TransportError):
        while True:
            assert server.ask(ALL).text == answer


def test_processes_of_a_server_are_killed(region: Path) -> None:
    """One of them every tenth of a second: every answer is right, or honestly none, and then all is well."""
    statuses: Counter[int] = Counter()
    chance = random.Random(5)
    with running(region, "--deadline", "5") as server:
        answer = server.ask(ALL).text
        stop = threading.Event()

        def ask() -> None:
            while not stop.is_set():
                got = server.ask(ALL)
                assert got.text == answer if got.status_code == 200 else got.status_code in (502, 503)
                statuses[got.status_code] += 1

        asking = [threading.Thread(target=ask) for _ in range(4)]
        for thread in asking:
            thread.start()
        killed = 0
        for _ in range(60):
            time.sleep(0.1)
            for child in chance.sample(children := server.children(), min(1, len(children))):
                with suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
                    killed += 1
        stop.set()
        for thread in asking:
            thread.join(60)
        assert killed > 10
        assert server.process.poll() is None
        assert statuses[200] > 10
        end = time.monotonic() + 30
        while server.ask().status_code != 200:
            assert time.monotonic() < end
        assert [server.ask(ALL).text for _ in range(10)] == [answer] * 10
        assert not server.said("Traceback")


def test_two_builds_at_once(region: Path) -> None:
    """The second says that the first is running, and ends; the first does not notice."""
    change(region, "a3")
    with subprocess.Popen([*COMMAND, "build"], cwd=region, stderr=subprocess.PIPE) as first:
        while not _is_locked(region):
            assert first.poll() is None
            time.sleep(0.01)
        done = odis(region, "build", code=2)
        assert "another build is running" in done.stderr
        first.communicate(timeout=60)
    assert first.returncode == 0


def _is_locked(region: Path) -> bool:
    lock = region / "var" / "lock"
    return any(str(lock.stat().st_ino) in line for line in Path("/proc/locks").read_text().splitlines())
