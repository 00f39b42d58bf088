"""/sparql/completion.json: what the editor completes, as the build wrote it; no query is asked for it."""

import asyncio

from loaders.search.completion import FILE
from loaders.search.schema import FOLDER
from server.http import problems
from server.http.documents import send_document
from server.http.endpoint import Call
from server.http.problems import Problem
from server.http.words import Words


async def completion(call: Call) -> None:
    """Send prefixes, classes, properties, what the shapes demand, and examples, of the served release."""
    path = call.service.current.release.path / FOLDER / FILE
    try:
        body = await asyncio.to_thread(path.read_bytes)
    except FileNotFoundError as error:
        detail = Words(
            "Utgåvan byggdes utan sökindex; bygg en ny.",
            "The release was built without a search index; build a new one.",
        )
        raise Problem(problems.NOT_FOUND, detail) from error
    await send_document(call, "application/json", body)
