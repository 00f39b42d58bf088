"""The record of repairs as RDF, so that anybody can ask what was changed, how often and by which step."""

from collections.abc import Iterable, Iterator
from typing import Final

from loaders.catalogues.changes import Change
from loaders.views.terms import digest, is_iri, name, quote

_TYPE: Final = name("rdf:type")
_INTEGER: Final = name("xsd:integer")


def change_lines(changes: Iterable[Change], prefix: str) -> Iterator[bytes]:
    """The changes of a source as lines of N-Triples; their nodes are named `prefix` and what they hold.

    A value stands as it does in N-Triples, in a string: before a repair it may be no term at all.
    """
    for change in changes:
        mark = digest(f"{change.step}\0{change.before}\0{change.after}")
        subject = f"<{prefix}c{mark}>"
        for predicate, value in _pairs(change):
            yield f"{subject} {predicate} {value} .\n".encode()


def _pairs(change: Change) -> Iterator[tuple[str, str]]:
    yield _TYPE, name("odis:Repair")
    yield name("odis:repairStep"), quote(change.step)
    yield name("odis:valueBefore"), quote(change.before)
    yield name("odis:valueAfter"), quote(change.after)
    yield name("odis:occurrences"), quote(str(change.count), datatype=_INTEGER)
    if is_iri(change.subject or " "):
        yield name("odis:firstSubject"), change.subject
