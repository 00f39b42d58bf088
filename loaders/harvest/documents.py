"""The documents of a source: where they lie, what they are called, and what tells that they changed."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from ontology.errors import SourceError

_ENDINGS = (".rdf", ".xml", ".owl", ".ttl", ".nt", ".nq", ".trig", ".jsonld", ".json")


@dataclass(frozen=True, slots=True)
class Document:
    """One harvested document.

    `name` tells it from others of its source; `address` is where it lies, for relative IRIs; `hint` its
    ending or media type. `etag` and `modified` are what the server said, for the next conditional request;
    `immutable` is its word that these bytes will never change (RFC 8246).
    """

    path: Path
    name: str
    address: str
    hint: str
    sha256: str
    etag: str = ""
    modified: str = ""
    immutable: bool = False


def fingerprint(documents: tuple[Document, ...]) -> str:
    """The SHA-256 of all that was harvested of a source."""
    return hashlib.sha256("".join(f"{d.name}\0{d.sha256}\0" for d in documents).encode()).hexdigest()


def short(name: str) -> str:
    """The name of a document as messages show it; a query in an address can be very long."""
    return name if len(name) <= 120 else f"{name[:119]}…"


def from_files(path: Path, base: str, size: int, *, every_file: bool = False) -> tuple[Document, ...]:
    """The documents of a file or a folder; `base` is the address of the folder they seem to lie in.

    Of a folder, files with an ending of RDF are taken, or with `every_file` all that are not hidden.
    """
    files = [path] if path.is_file() else [p for p in sorted(path.rglob("*")) if _wanted(p, path, every_file)]
    if not files:
        raise SourceError(f"{path.name}: there is no file to read in it")
    folder = path.parent if path.is_file() else path
    return tuple(_from_file(file, file.relative_to(folder).as_posix(), base, size) for file in files)


def _wanted(file: Path, folder: Path, every_file: bool) -> bool:
    if not file.is_file() or any(part.startswith(".") for part in file.relative_to(folder).parts):
        return False
    return every_file or _ending(file.name) in _ENDINGS


def _ending(name: str) -> str:
    return Path(name.lower().removesuffix(".gz")).suffix


def _from_file(path: Path, name: str, base: str, size: int) -> Document:
    try:
        if path.stat().st_size > size:
            raise SourceError(f"{name}: it has more than the allowed {size:,} bytes")
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise SourceError(f"{name}: it cannot be read: {error.strerror}") from error
    return Document(path, name, base + quote(name), _ending(name), digest)
