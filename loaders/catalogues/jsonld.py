"""JSON-LD documents: remote contexts are never fetched, so one that is named must be known here."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ontology.errors import SourceError

DEPTH = 200
"""How deep objects and lists may lie in each other."""


def check_contexts(path: Path) -> None:
    """Raise SourceError when the text is not JSON, or names a context that would have to be fetched."""
    try:
        document = json.loads(path.read_bytes())
    except ValueError as error:
        raise SourceError(f"it begins like JSON but is not: {error}") from error
    except RecursionError as error:
        raise SourceError("its objects lie too deep in each other") from error
    for context in _contexts(document, 0):
        for remote in _remote(context):
            raise SourceError(
                f"it names the remote JSON-LD context {remote}, which is not fetched: whoever answers there "
                "could change what the data means; write the context into the document"
            )


def _contexts(value: Any, depth: int) -> Iterator[Any]:
    """All values of @context, also those of scoped contexts."""
    if depth > DEPTH:
        raise SourceError(f"its objects lie more than {DEPTH} deep in each other")
    if isinstance(value, list):
        for item in value:
            yield from _contexts(item, depth + 1)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key == "@context":
                yield item
            yield from _contexts(item, depth + 1)


def _remote(context: Any) -> Iterator[str]:
    if isinstance(context, str):
        yield context
    elif isinstance(context, list):
        for item in context:
            yield from _remote(item)
    elif isinstance(context, dict) and isinstance(context.get("@import"), str):
        yield context["@import"]
