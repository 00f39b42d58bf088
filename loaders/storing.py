"""The store of a release: loaded in bulk and optimised, in a process of its own."""

from collections.abc import Mapping, Sequence
from typing import Any

import pyoxigraph as ox

from loaders.isolate import Step


def load(argument: Mapping[str, Any], step: Step) -> None:
    """Load the N-Quads `files` into a new store in the folder `store`."""
    files: Sequence[str] = argument["files"]
    store = ox.Store(argument["store"])
    step("load")
    for file in files:
        # Every line was written by this build from terms that were checked when they were read.
        store.bulk_load(path=file, format=ox.RdfFormat.N_QUADS, lenient=True)
    step("optimise")
    store.optimize()
    store.flush()
