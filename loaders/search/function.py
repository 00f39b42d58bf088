"""Search inside SPARQL: a function over the index that stands beside the store of a release."""

import json
import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from loaders.search import schema
from loaders.search.find import find
from ontology import iri

RANK: Final = NamedNode(iri("odis:searchRank"))
LONGEST: Final = 300
"""Characters of the words that are read."""
_REMEMBERED: Final = 8
"""Searches whose outcome is kept: a query seldom asks for more than one."""
_IRIS: Final = (
    "SELECT entry.iri FROM json_each(?) AS found JOIN entry ON entry.id = found.value ORDER BY found.key"
)

Term = NamedNode | BlankNode | Literal | Triple


class SearchFunction:
    """`odis:searchRank(?thing, "words")`: 1 for what the words find best, 2 …; unbound for what they do not.

    The index is opened at the first call, so that it belongs to the process that asks. An engine takes an
    error of a function for an unbound value; so it is kept, and `check` raises it after the answer:
    MemoryError, or RuntimeError as the engine does for what it cannot evaluate.
    """

    def __init__(self, release: Path) -> None:
        self._file = release / schema.FOLDER / schema.FILE
        self._index: sqlite3.Connection | None = None
        self._ranks: dict[str, dict[str, int]] = {}
        self._failure: Exception | None = None

    @property
    def functions(self) -> Mapping[NamedNode, Callable[..., Term | None]]:
        """What an engine takes as its `custom_functions`; none in a release without an index."""
        return {RANK: self._rank} if self._file.is_file() else {}

    def check(self) -> None:
        """Raise what went wrong in a call, once."""
        failure, self._failure = self._failure, None
        if failure is not None:
            raise failure

    def _rank(self, *arguments: Term) -> Term | None:
        match arguments:
            case (NamedNode() as thing, Literal() as words):
                rank = self._found(words.value[:LONGEST]).get(thing.value)
                return None if rank is None else Literal(rank)
        return None

    def _found(self, words: str) -> dict[str, int]:
        """The rank of each IRI that the words find."""
        try:
            if words not in self._ranks:
                if len(self._ranks) == _REMEMBERED:
                    self._ranks.clear()
                self._ranks[words] = self._search(words)
            return self._ranks[words]
        except MemoryError as error:
            self._failure = error
            raise
        except sqlite3.Error as error:
            self._failure = RuntimeError(f"the search index cannot be read: {error}")
            raise

    def _search(self, words: str) -> dict[str, int]:
        if self._index is None:
            self._index = schema.open_index(self._file)
        ids = find(self._index, words).ids
        named = [name for (name,) in self._index.execute(_IRIS, (json.dumps(ids),)) if name]
        return {name: rank for rank, name in enumerate(named, 1)}
