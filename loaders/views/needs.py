"""What a part of the documents was made from, so that a later build knows whether it must make it again."""

import hashlib
import sqlite3
from collections.abc import Iterable, Set
from pathlib import Path
from typing import Final

from loaders.lines import differences
from loaders.views.index import ask
from loaders.views.records import Records
from loaders.views.terms import Node, is_iri

_SIZE: Final = 8
_MOST: Final = 200_000
"""Subjects that differ at most; beyond, most of the documents have to be made anew anyway."""
_OTHER_AGENTS: Final = (
    "SELECT iri FROM (SELECT iri FROM main.agents EXCEPT SELECT iri FROM old.agents) "
    "UNION ALL SELECT iri FROM (SELECT iri FROM old.agents EXCEPT SELECT iri FROM main.agents)"
)


def needs(records: Records, nodes: Iterable[Node]) -> bytes:
    """The marks of all subjects that decide what is written of nodes: they themselves and what they name."""
    terms = set[str]()
    for node in nodes:
        terms.update((node.subject, records.behind(node.subject)))
        terms.update(term for _, term in node.pairs if is_iri(term))
    return b"".join(sorted(_mark(term.encode()) for term in terms))


def touched(marks: bytes, changed: Set[bytes]) -> bool:
    """Whether any of the subjects that marks stand for has changed."""
    return any(marks[place : place + _SIZE] in changed for place in range(0, len(marks), _SIZE))


def changed_subjects(
    old: Path, new: Path, index: sqlite3.Connection, more: Iterable[str]
) -> Set[bytes] | None:
    """The marks of all subjects of which two graphs say other things; None when they are too many.

    Args:
        old: the sorted N-Quads of the release before.
        new: those of this one.
        index: has the agents of both: being one changes what is written of a contact.
        more: terms that count as changed too.
    """
    found = {_mark(term.encode()) for term in more}
    found.update(_mark(term.encode()) for (term,) in ask(index, _OTHER_AGENTS))
    for lines in differences(old, new):
        for part in lines:
            found.update(_mark(subject) for subject in {line.partition(b" ")[0] for line in part})
        if len(found) > _MOST:
            return None
    return found


def _mark(term: bytes) -> bytes:
    return hashlib.blake2b(term, digest_size=_SIZE).digest()
