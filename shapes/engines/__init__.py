"""The SHACL engines: one adapter each, all giving the same results.

An adapter is a function `(data, background, shapes) -> list[Result]`.
`data` is an N-Triples file, `background` N-Triples text that is added to it.
"""

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from ontology.errors import CheckError
from shapes.graph import ShapesGraph
from shapes.report import Result

Engine = Callable[[Path, str, ShapesGraph], list[Result]]

NAMES: Final = ("shacl", "pyshacl")


def engine(name: str) -> tuple[str, Engine]:
    """The engine of this name; `shacl` falls back to `pyshacl` where its wheel does not exist.

    Returns:
        The name of the engine that will really run, with its function.

    Raises:
        CheckError: there is no engine of that name.
    """
    if name not in NAMES:
        raise CheckError(f"There is no SHACL engine {name!r}; there are {' and '.join(NAMES)}.")
    # Imported late: each engine takes a while to load, and only one is used.
    if name == "shacl" and find_spec("shacl") is not None:
        from shapes.engines import shacl_rust

        return "shacl", shacl_rust.validate
    from shapes.engines import pyshacl_reference

    return "pyshacl", pyshacl_reference.validate
