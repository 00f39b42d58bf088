"""The last good version of each source: what is used when a source did not change, or fails."""

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import uuid4

from loaders.convert import Converted
from loaders.harvest.documents import Document

_RECORD = "good.json"
_LINK = "good"


@dataclass(frozen=True, slots=True)
class Good:
    """One good version: where its files are, what it was made of and by which rules, and its numbers."""

    folder: Path
    rules: str
    sha256: str
    harvested: str
    documents: tuple[Document, ...]
    converted: Converted


def read_good(data: Path, source: str) -> Good | None:
    """The last good version of a source; None when there is none, or when another ODIS wrote it."""
    link = data / "sources" / source / _LINK
    try:
        record = json.loads((link / _RECORD).read_bytes())
        folder = link.resolve()
        documents = tuple(Document(**{**d, "path": folder / d["path"]}) for d in record.pop("documents"))
        converted = Converted(**record.pop("converted"))
        return Good(folder=folder, documents=documents, converted=converted, **record)
    except (OSError, ValueError, TypeError, KeyError):
        return None  # worth nothing then: the source is converted again


def new_folder(data: Path, source: str) -> Path:
    """An empty folder for the next version of a source."""
    folder = data / "sources" / source / uuid4().hex
    folder.mkdir(parents=True)
    return folder


def keep(data: Path, source: str, good: Good) -> Good:
    """Make a version the last good one of its source, by one atomic rename, and remove the one before."""
    record = asdict(good)
    del record["folder"]
    for document in record["documents"]:
        # Fetched documents lie in the folder itself, which may be moved.
        if document["path"].is_relative_to(good.folder):
            document["path"] = document["path"].relative_to(good.folder)
    _write_whole(good.folder / _RECORD, json.dumps(record, ensure_ascii=False, indent=1, default=str))
    link = good.folder.parent / f"{_LINK}.{uuid4().hex}"
    link.symlink_to(good.folder.name, target_is_directory=True)
    link.replace(good.folder.parent / _LINK)
    clean_source(data, source)
    return good


def clean_source(data: Path, source: str) -> None:
    """Remove all that is in the folder of a source besides its last good version."""
    folder = data / "sources" / source
    if not folder.is_dir():
        return
    link = folder / _LINK
    kept = {_LINK, link.readlink().name if link.is_symlink() else ""}
    for path in folder.iterdir():
        if path.name in kept:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def _write_whole(path: Path, text: str) -> None:
    """Write a file so that it is there with the whole text, or as it was before."""
    part = path.with_name(f"{path.name}.{uuid4().hex}")
    part.write_text(text, encoding="utf-8")
    part.replace(path)
