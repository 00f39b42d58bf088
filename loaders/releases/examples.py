"""The saved queries as a part of a release: in its graph, where editors and agents find them."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from loaders.lines import write_sorted
from queries.export import quads
from queries.saved import FOLDER, SavedQuery


def write_examples(base: str, queries: Mapping[str, SavedQuery], target: Path) -> int:
    """Write the saved queries as sorted N-Quads of the graph `<base>graph/void`; gives their number."""
    return write_sorted([[b"%s .\n" % str(quad).encode() for quad in quads(base, queries)]], target)


def examples_digest(own: Path | None = None) -> str:
    """A hash of all that the saved queries, ours and those of another folder, are made of."""
    digest = hashlib.sha256()
    for folder in (FOLDER, own) if own else (FOLDER,):
        for path in sorted([*folder.rglob("*.rq"), *folder.rglob("*.yaml"), *folder.glob("*.py")]):
            digest.update(f"{path.relative_to(folder).as_posix()}\0".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
