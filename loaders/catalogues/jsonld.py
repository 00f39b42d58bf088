"""JSON-LD documents: remote contexts are never fetched, so one that is named must be known here."""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from ontology import FOLDER
from ontology.errors import SourceError

DEPTH = 200
"""How deep objects and lists may lie in each other."""


_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def read_json(path: Path) -> Any:
    """The value of a file in UTF-8; SourceError when it is not JSON.

    Half of a pair of UTF-16 (RFC 8259, 8.2) stands for no character: it becomes a question mark.
    """
    text = path.read_bytes()
    try:
        value = json.loads(text)
        if _SURROGATE.search(text):
            value = json.loads(json.dumps(value, ensure_ascii=False).encode(errors="replace"))
        return value
    except ValueError as error:
        raise SourceError(f"it begins like JSON but is not: {error}") from error
    except RecursionError as error:
        raise SourceError("its objects lie too deep in each other") from error


def with_contexts(path: Path, copy: Path) -> Path:
    """Give `path` itself, or `copy` with the context documents of ODIS in place of the remote ones it names.

    Raises SourceError when the text is not JSON, or names a context that would have to be fetched.
    """
    document = read_json(path)
    if not _put(document, 0):
        return path
    copy.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return copy


@cache
def contexts() -> Mapping[str, Any]:
    """The contexts that need not be fetched, by address: documents of our own, see ontology/contexts."""
    folder = FOLDER / "contexts"
    index = tomllib.loads((folder / "index.toml").read_text(encoding="utf-8"))
    return {
        address: read_json(folder / name)["@context"] for name, known in index.items() for address in known
    }


def _put(value: Any, depth: int) -> bool:
    """Put known contexts into all objects, also as scoped contexts; whether there were any."""
    if depth > DEPTH:
        raise SourceError(f"its objects lie more than {DEPTH} deep in each other")
    changed = False
    if isinstance(value, list):
        for item in value:
            changed |= _put(item, depth + 1)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key == "@context":
                value[key] = _local(item)
                changed |= value[key] != item
            changed |= _put(value[key], depth + 1)
    return changed


def _local(context: Any) -> Any:
    """A context without the address of another one."""
    if isinstance(context, list):
        return [_local(item) for item in context]
    for remote in _remote(context):
        if isinstance(context, dict) or remote not in contexts():
            raise SourceError(
                f"it names the remote JSON-LD context {remote}, which is not fetched: whoever answers there "
                "could change what the data means; write the context into the document"
            )
        return contexts()[remote]
    return context


def _remote(context: Any) -> Iterator[str]:
    if isinstance(context, str):
        yield context
    elif isinstance(context, dict) and isinstance(context.get("@import"), str):
        yield context["@import"]
