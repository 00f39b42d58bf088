"""Jobs for the tests of isolation: each does to its process what foreign data might do."""

import ctypes
import os
import signal
import sys
import time
from typing import Any

import pyoxigraph as ox

from loaders.isolate import Step
from ontology.errors import SourceError


def double(argument: Any, step: Step) -> Any:
    """Works as it should, tells two steps, and writes where it should not."""
    step("one")
    print("noise on standard output")
    os.write(1, b"more noise\n")
    step("two")
    return argument * 2


def refuse(argument: Any, step: Step) -> Any:
    """Ends in an error with a sentence for people."""
    raise SourceError("åäö is wrong")


def bug(argument: Any, step: Step) -> Any:
    """Has a fault of its own."""
    empty: dict[str, str] = {}
    return empty["missing"]


def memory(argument: Any, step: Step) -> Any:
    """Takes memory in Python."""
    return len(bytearray(4_000_000_000))


def native_memory(argument: Any, step: Step) -> Any:
    """Takes memory in pyoxigraph, which aborts the process where there is no more."""
    literal = ox.Literal("x" * 100_000_000)
    store = ox.Store()
    for number in range(1000):
        name = ox.NamedNode(f"http://example.org/{number}")
        store.add(ox.Quad(name, name, ox.Literal(literal.value + str(number))))


def slow(argument: Any, step: Step) -> Any:
    """Never comes to an end."""
    step("slow")
    while True:
        time.sleep(1)


def deep(argument: Any, step: Step) -> Any:
    """Overflows the stack of the query parser."""
    ox.Store().query("ASK " + "{" * 100_000 + "}" * 100_000)


def crash(argument: Any, step: Step) -> Any:
    """Reads where nothing is."""
    ctypes.string_at(0)


def killed(argument: Any, step: Step) -> Any:
    """Is killed from outside."""
    os.kill(os.getpid(), signal.SIGKILL)


def leave(argument: Any, step: Step) -> Any:
    """Ends without a word."""
    sys.stderr.write("goodbye\n")
    sys.stderr.flush()
    os._exit(3)


def process(argument: Any, step: Step) -> Any:
    """Tells in which process it runs, after taking some memory if asked to."""
    return os.getpid(), len(bytearray(argument))
