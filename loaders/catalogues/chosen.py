"""Of a catalogue only what some publishers publish, such as a region's part of a national dump.

Files of N-Triples are read line by line, several times; only the names of what is wanted are held. A national
dump has some million lines, and a region's part of it some thousand names.
"""

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Final

from loaders.catalogues.organisations import canonical_organisation
from loaders.catalogues.skolem import split
from loaders.lines import blocks
from ontology import iri
from ontology.errors import SourceError

ROUNDS: Final = 6
"""How far what belongs to a dataset may be from it: distribution, service, contact, address and the like."""

_BLOCK: Final = 16 * 1024 * 1024
"""Bytes of a file that are held at once."""
_PUBLISHER: Final = f"<{iri('dcterms:publisher')}>".encode()
_LISTS: Final = frozenset(
    f"<{iri(name)}>".encode()
    for name in ("dcat:dataset", "dcat:service", "dcat:catalog", "dcat:record", "dcterms:hasPart")
)
_TYPE: Final = f"<{iri('rdf:type')}>".encode()


def choose(texts: Collection[Path], publishers: Collection[str]) -> None:
    """Cut files of N-Triples down to what `publishers` publish and all that belongs to it.

    What has another publisher is not followed, and a catalogue of another keeps only what it lists of theirs.
    Raises SourceError when they publish nothing.
    """
    wanted = {_same(f"<{publisher}>".encode()) for publisher in publishers}
    own: set[bytes] = set()
    others: set[bytes] = set()
    for subject, predicate, value in _terms(texts):
        if predicate == _PUBLISHER:
            (own if _same(value) in wanted else others).add(subject)
    others -= own
    if not own:
        raise SourceError(f"none of its publishers is wanted; expected any of: {', '.join(publishers)}")
    lists = {subject for subject, predicate, value in _terms(texts) if predicate in _LISTS and value in own}
    kept = _with_parts(texts, own | lists, others)
    for text in texts:
        _cut(text, kept, lists - own)


def _with_parts(texts: Collection[Path], kept: set[bytes], others: set[bytes]) -> set[bytes]:
    """Some nodes and what they refer to, again and again until there is nothing new."""
    last = kept
    for _ in range(ROUNDS):
        last = {
            value
            for subject, predicate, value in _terms(texts)
            if subject in last
            and predicate not in _LISTS
            and predicate != _TYPE
            and not value.startswith(b'"')
            and value not in kept
            and value not in others
        }
        kept |= last
        if not last:
            break
    return kept


def _cut(text: Path, kept: set[bytes], lists: set[bytes]) -> None:
    part = text.with_name(f"{text.name}.part")
    with part.open("wb") as file:
        for lines in blocks(text, _BLOCK):
            file.writelines(line for line in lines if _stays(split(line), kept, lists))
    part.replace(text)


def _stays(terms: tuple[bytes, bytes, bytes], kept: set[bytes], lists: set[bytes]) -> bool:
    subject, predicate, value = terms
    return subject in kept and (predicate not in _LISTS or subject not in lists or value in kept)


def _same(term: bytes) -> bytes:
    """An organisation in the national spelling, so that http and https, or a hyphen, make no difference."""
    return (canonical_organisation(term.decode()) or term.decode()).encode()


def _terms(texts: Iterable[Path]) -> Iterator[tuple[bytes, bytes, bytes]]:
    for text in texts:
        for lines in blocks(text, _BLOCK):
            yield from map(split, lines)
