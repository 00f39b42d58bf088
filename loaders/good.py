"""The last good version of each source: what is used when a source did not change, or fails."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

from loaders.convert import Converted
from loaders.harvest.documents import Document
from loaders.whole import whole

_RECORD = "good.json"
_LINK = "good"
_UNFINISHED = "unfinished"


@dataclass(frozen=True, slots=True)
class Good:
    """One good version: where its files are, what it was made of and by which rules, and its numbers."""

    folder: Path
    rules: str
    sha256: str
    harvested: str
    documents: tuple[Document, ...]
    converted: Converted

    def moved(self, folder: Path) -> "Good":
        """The same version with its files in another folder."""
        inside = _read_documents(_documents(self.documents, self.folder), folder)
        return replace(self, folder=folder, documents=inside)


def read_good(data: Path, source: str) -> Good | None:
    """The last good version of a source; None when there is none, or when another ODIS wrote it."""
    link = data / "sources" / source / _LINK
    try:
        record = json.loads((link / _RECORD).read_bytes())
        folder = link.resolve()
        documents = _read_documents(record.pop("documents"), folder)
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
    record = {**asdict(good), "documents": _documents(good.documents, good.folder)}
    del record["folder"]
    _write_whole(good.folder / _RECORD, json.dumps(record, ensure_ascii=False, indent=1, default=str))
    _name(good.folder, _LINK)
    clean_source(data, source)
    return good


def keep_unfinished(folder: Path, documents: Sequence[Document]) -> None:
    """Leave the documents of a harvest that broke off to the next one."""
    if documents:
        _write_whole(folder / _RECORD, json.dumps(_documents(documents, folder), default=str))
        _name(folder, _UNFINISHED)


def read_unfinished(data: Path, source: str) -> tuple[Document, ...]:
    """The documents of a harvest of a source that broke off."""
    link = data / "sources" / source / _UNFINISHED
    try:
        return _read_documents(json.loads((link / _RECORD).read_bytes()), link.resolve())
    except (OSError, ValueError, TypeError, KeyError):
        return ()


def drop_unfinished(data: Path, source: str) -> None:
    """Forget a harvest that broke off, because a later one did not."""
    (data / "sources" / source / _UNFINISHED).unlink(missing_ok=True)


def _documents(documents: Sequence[Document], folder: Path) -> list[dict[str, Any]]:
    """Documents as JSON; fetched ones lie in the folder itself, which may be moved."""
    return [
        {
            **asdict(one),
            "path": one.path.relative_to(folder) if one.path.is_relative_to(folder) else one.path,
        }
        for one in documents
    ]


def _read_documents(found: Sequence[dict[str, Any]], folder: Path) -> tuple[Document, ...]:
    return tuple(Document(**{**one, "path": folder / one["path"]}) for one in found)


def _name(folder: Path, name: str) -> None:
    """Let the link `name` beside a folder lead to it, by one atomic rename."""
    link = folder.parent / f"{name}.{uuid4().hex}"
    link.symlink_to(folder.name, target_is_directory=True)
    link.replace(folder.parent / name)


def clean_source(data: Path, source: str) -> None:
    """Remove all in the folder of a source but its last good version and its unfinished harvest."""
    folder = data / "sources" / source
    if not folder.is_dir():
        return
    links = [link for link in (folder / _LINK, folder / _UNFINISHED) if link.is_symlink()]
    kept = {name for link in links for name in (link.name, link.readlink().name)}
    for path in folder.iterdir():
        if path.name in kept:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def _write_whole(path: Path, text: str) -> None:
    """Write a file so that it is there with the whole text, or as it was before."""
    with whole(path) as part:
        part.write_text(text, encoding="utf-8")
