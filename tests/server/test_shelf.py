"""The index of a release is let go of as soon as nobody reads it: its files may be gone already."""

import gc
from pathlib import Path
from weakref import ref

from loaders.releases.release import current
from loaders.search import schema
from server.pages.shelf import Shelf


def test_nothing_is_kept_open(sample_region: Path) -> None:
    """Without waiting for a sweep, which an idle server makes seldom."""
    release = current(sample_region / "var")
    gc.disable()
    try:
        shelf = Shelf(release.path / schema.FOLDER, release.graph, release.manifest)
        assert shelf.label("http://dataportal.se/organisation/SE2120000167").sv
        gone = ref(shelf)
        del shelf
        assert gone() is None
    finally:
        gc.enable()
