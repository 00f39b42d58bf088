"""The rules by which a source is worked on: when they change, what was made by the old ones is made again."""

import hashlib
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from ontology import FOLDER as ONTOLOGY
from shapes.profile import FOLDER as SHAPES

_LIBRARIES = ("pyoxigraph", "rdflib", "shacl", "pyshacl")
_SUFFIXES = (".py", ".ttl", ".json", ".jsonld", ".rq", ".csv", ".toml", ".txt")


def rules(others: Iterable[Path] = ()) -> str:
    """A hash of the code, shapes and vocabularies of ODIS, of its libraries, and of the files given."""
    digest = hashlib.sha256()
    for name, content in (*_libraries(), *_files(sorted(others))):
        digest.update(f"{name}\0{hashlib.sha256(content).hexdigest()}\0".encode())
    for folder in (Path(__file__).parent, ONTOLOGY, SHAPES):
        found = sorted(p for p in folder.rglob("*") if p.suffix in _SUFFIXES and "sample" not in p.parts)
        for name, content in _files(found):
            digest.update(f"{name}\0{hashlib.sha256(content).hexdigest()}\0".encode())
    return digest.hexdigest()


def _libraries() -> Iterator[tuple[str, bytes]]:
    for name in _LIBRARIES:
        try:
            yield name, version(name).encode()
        except PackageNotFoundError:
            yield name, b"none"


def _files(paths: Iterable[Path]) -> Iterator[tuple[str, bytes]]:
    for path in paths:
        yield path.name, path.read_bytes()
