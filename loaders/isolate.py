"""Work in a process of its own: whatever foreign data does to it, the build sees one clear sentence.

A process is started fresh, not forked, so it is safe beside threads. It gets a job as a line of JSON, tells
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
from types import TracebackType
from typing import Any, Self

from ontology.errors import OdisError, SourceError

REUSE = 300_000_000
"""A process that ever took more memory than this many bytes does no other job."""

Step = Callable[[str], None]
"""Is told what the work has come to."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a process may use: memory in bytes (None: no limit) and seconds of wall time."""

    memory: int | None
    seconds: float


def run(function: str, argument: Any, limits: Limits, step: Step = lambda name: None) -> Any:
    """Call `module:function` once in a process of its own; see `Workers.run`."""
    with Workers() as workers:
        return workers.run(function, argument, limits, step)


class Workers:
    """Processes for work on foreign data, at most one job in each at a time; `most` of them work at once.

    A process that has ended a job in good order and stayed small takes the next one, because starting Python
    and reading shapes takes longer than most catalogues do. All others are gone after their job.
    """

    def __init__(self, most: int | None = None) -> None:
        self._turns = contextlib.nullcontext() if most is None else threading.Semaphore(most)
        self._idle: list[_Worker] = []
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for worker in self._idle:
            worker.close()

    def run(self, function: str, argument: Any, limits: Limits, step: Step = lambda name: None) -> Any:
        """Call `module:function` in another process with one argument and a `Step`.

        Argument and result are whatever JSON can carry. Raises SourceError when the function does, and when
        the process takes too much memory or time, crashes, or is killed.
        """
        with self._turns:
            worker = self._taken(limits)
            try:
                return worker.run(function, argument, limits, step)
            finally:
                if worker.usable:
                    with self._lock:
                        self._idle.append(worker)
                else:
                    worker.close()

    def _taken(self, limits: Limits) -> "_Worker":
        with self._lock:
            for worker in self._idle:
                if worker.memory == limits.memory:
                    self._idle.remove(worker)
                    return worker
        return _Worker(limits.memory)


class _Worker:
    """One process; `usable` says whether it may take another job."""

    def __init__(self, memory: int | None) -> None:
        self.memory = memory
        self.usable = False
        self._said = tempfile.TemporaryFile()  # noqa: SIM115  (closed in close)
        # The rooms must be found wherever this one was; -P keeps the current folder from being searched.
        rooms = str(Path(__file__).parent.parent)
        path = os.pathsep.join(filter(None, [rooms, os.environ.get("PYTHONPATH")]))
        self._process = subprocess.Popen(  # noqa: S603  (our own interpreter, no shell)
            [sys.executable, "-P", "-m", "loaders.isolate", str(memory or 0)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            env={**os.environ, "PYTHONPATH": path},
        )

    def run(self, function: str, argument: Any, limits: Limits, step: Step) -> Any:
        self.usable = False
        alarm = _Alarm(limits.seconds, self._process)
        alarm.start()
        try:
            result = self._talk({"function": function, "argument": argument}, step)
        finally:
            alarm.cancel()
        if result is None:
            raise SourceError(_why(self._process.wait(), alarm.rang, limits, self._last_words()))
        self.usable = not result["last"] and not alarm.rang
        if "error" in result:
            raise SourceError(result["error"])
        return result["result"]

    def _talk(self, job: Mapping[str, Any], step: Step) -> dict[str, Any] | None:
        """Hand over the job and listen; None when the process ends without a result."""
        assert self._process.stdin and self._process.stdout  # noqa: S101  (both are pipes)
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(job).encode() + b"\n")
            self._process.stdin.flush()
        for line in self._process.stdout:
            message: dict[str, Any] = json.loads(line)
            if "step" not in message:
                return message
            step(message["step"])
        return None

    def _last_words(self) -> str:
        self._said.seek(0, os.SEEK_END)
        self._said.seek(max(0, self._said.tell() - 2000))
        lines = self._said.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else ""

    def close(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()
        with self._process, self._said:
            pass  # closes the pipes and waits


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


def _why(status: int, late: bool, limits: Limits, words: str) -> str:
    """Why a process ended without a result, as a sentence."""
    if late:
        return f"the work on it took longer than the allowed {limits.seconds:g} seconds and was stopped"
    if "memory allocation" in words or "MemoryError" in words:
        return f"the work on it needs more memory than {_allowed(limits.memory)}"
    if status == -signal.SIGKILL:
        return "the work on it was killed, perhaps by the system because memory ran out"
    if status < 0:
        return f"the work on it crashed ({signal.Signals(-status).name}); {words or 'it left no message'}"
    return f"the work on it ended with status {status}; {words or 'it left no message'}"


def _allowed(memory: int | None) -> str:
    return f"the allowed {memory // 1_000_000:,} MB" if memory else "there is"


def main() -> None:
    """Do jobs, one after the other, until there are no more; this is the whole life of the process."""
    _die_with_parent()
    memory = int(sys.argv[1]) or None
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever a library prints must not be taken for an answer
    _limit_memory(memory)

    def tell(**message: Any) -> None:
        answers.write(json.dumps(message) + "\n")
        answers.flush()

    for line in sys.stdin.buffer:
        answer = _do(json.loads(line), memory, lambda name: tell(step=name))
        last = answer.pop("last", False) or _peak() > REUSE
        tell(**answer, last=last)
        if last:
            break
    os._exit(0)  # nothing is left to tidy, and freeing much memory takes long


def _do(job: Mapping[str, Any], memory: int | None, step: Step) -> dict[str, Any]:
    """The answer to a job; `last` when the process had better not go on after it."""
    try:
        return {"result": _call(job["function"])(job["argument"], step)}
    except OdisError as error:
        return {"error": str(error)}
    except MemoryError:
        return {"error": f"the work on it needs more memory than {_allowed(memory)}", "last": True}
    except OSError as error:
        file = f": {error.filename}" if error.filename else ""
        return {"error": f"{error.strerror or error}{file}", "last": True}
    except Exception as error:  # a fault of ours must not end the build either; it is told with its place
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(place.filename).name}, line {place.lineno}"
        message = f"a fault in ODIS itself, please report it: {type(error).__name__}: {error} ({where})"
        return {"error": message, "last": True}


def _call(name: str) -> Callable[[Any, Step], Any]:
    module, _, function = name.partition(":")
    found: Callable[[Any, Step], Any] = getattr(importlib.import_module(module), function)
    return found


def _peak() -> int:
    """The most memory that this process ever had, in bytes."""
    status = Path("/proc/self/status")
    if status.exists():
        # Linux; its ru_maxrss begins with the memory of the parent that started this process.
        return int(status.read_text(errors="replace").partition("VmHWM:")[2].split()[0]) * 1024
    try:
        import resource
    except ImportError:
        return REUSE + 1
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


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
