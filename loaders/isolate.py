"""Work in a process of its own: whatever foreign data does to it, the build sees one clear sentence.

A process is started fresh, not forked, so it is safe beside threads. It gets one job as a line of JSON, tells
its steps and its result as lines of JSON, and dies with its parent.
"""

import contextlib
import ctypes
import importlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from ontology.errors import OdisError, SourceError

Step = Callable[[str], None]
"""Is told what the work has come to."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a process may use: memory in bytes (None: no limit) and seconds of wall time."""

    memory: int | None
    seconds: float


def run(function: str, argument: Any, limits: Limits, step: Step = lambda name: None) -> Any:
    """Call `module:function` in a process of its own with one argument and a `Step`.

    Argument and result are whatever JSON can carry. Raises SourceError when the function does, and when the
    process takes too much memory or time, crashes, or is killed.
    """
    job = {"function": function, "argument": argument, "memory": limits.memory}
    with tempfile.TemporaryFile() as said, _child(said) as child:
        alarm = _Alarm(limits.seconds, child)
        alarm.start()
        try:
            result = _talk(child, job, step)
        finally:
            alarm.cancel()
            child.kill()
        if result is None:
            raise SourceError(_why(child.wait(), alarm.rang, limits, _last_words(said)))
    if "error" in result:
        raise SourceError(result["error"])
    return result["result"]


class _Alarm(threading.Timer):
    """Kills a process after some seconds and remembers that it did."""

    def __init__(self, seconds: float, child: subprocess.Popen[bytes]) -> None:
        super().__init__(seconds, self._ring)
        self.daemon = True
        self.rang = False
        self._child = child

    def _ring(self) -> None:
        self.rang = True
        self._child.kill()


def _child(said: IO[bytes]) -> subprocess.Popen[bytes]:
    # The rooms must be found wherever this one was; -P keeps the current folder from being searched.
    rooms = str(Path(__file__).parent.parent)
    path = os.pathsep.join(filter(None, [rooms, os.environ.get("PYTHONPATH")]))
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "loaders.isolate"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=said,
        env={**os.environ, "PYTHONPATH": path},
    )


def _talk(child: subprocess.Popen[bytes], job: Mapping[str, Any], step: Step) -> dict[str, Any] | None:
    """Hand over the job and listen; None when the process ends without a result."""
    assert child.stdin and child.stdout  # noqa: S101  (both are pipes)
    with contextlib.suppress(BrokenPipeError):
        child.stdin.write(json.dumps(job).encode() + b"\n")
        child.stdin.flush()
    for line in child.stdout:
        message: dict[str, Any] = json.loads(line)
        if "step" not in message:
            return message
        step(message["step"])
    return None


def _why(status: int, late: bool, limits: Limits, words: str) -> str:
    """Why a process ended without a result, as a sentence."""
    if late:
        return f"the work on it took longer than the allowed {limits.seconds:g} seconds and was stopped"
    memory = f"the allowed {limits.memory // 1_000_000:,} MB" if limits.memory else "there is"
    if "memory allocation" in words or "MemoryError" in words:
        return f"the work on it needs more memory than {memory}"
    if status == -signal.SIGKILL:
        return "the work on it was killed, perhaps by the system because memory ran out"
    if status < 0:
        return f"the work on it crashed ({signal.Signals(-status).name}); {words or 'it left no message'}"
    return f"the work on it ended with status {status}; {words or 'it left no message'}"


def _last_words(said: IO[bytes]) -> str:
    said.seek(0, os.SEEK_END)
    said.seek(max(0, said.tell() - 2000))
    lines = said.read().decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else ""


def main() -> None:
    """Do one job; this is the whole life of the process."""
    _die_with_parent()
    job = json.loads(sys.stdin.buffer.readline() or sys.exit(1))
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever a library prints must not be taken for an answer
    _limit_memory(job["memory"])

    def tell(**message: Any) -> None:
        answers.write(json.dumps(message) + "\n")
        answers.flush()

    try:
        tell(result=_call(job["function"])(job["argument"], lambda name: tell(step=name)))
    except OdisError as error:
        tell(error=str(error))
    except MemoryError:
        tell(error=f"the work on it needs more memory than the allowed {job['memory'] // 1_000_000:,} MB")
    except OSError as error:
        tell(error=f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}")
    except Exception as error:  # a fault of ours must not end the build either; it is told with its place
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(place.filename).name}, line {place.lineno}"
        tell(error=f"a fault in ODIS itself, please report it: {type(error).__name__}: {error} ({where})")
    os._exit(0)  # nothing is left to tidy, and freeing much memory takes long


def _call(name: str) -> Callable[[Any, Step], Any]:
    module, _, function = name.partition(":")
    found: Callable[[Any, Step], Any] = getattr(importlib.import_module(module), function)
    return found


def _limit_memory(limit: int | None) -> None:
    try:
        import resource
    except ImportError:
        return  # Windows has no such limits; the time limit still holds
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if limit is not None:
        with contextlib.suppress(ValueError, OSError):  # macOS refuses limits below what is mapped already
            resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def _die_with_parent() -> None:
    """End this process when its parent is gone: at once on Linux, elsewhere when Python next gets a turn."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    else:
        threading.Thread(target=_watch, args=(os.getppid(),), daemon=True).start()


def _watch(parent: int) -> None:
    gone = threading.Event()
    while os.getppid() == parent:
        gone.wait(1)
    os._exit(1)


if __name__ == "__main__":
    main()
