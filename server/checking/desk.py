"""The desk where documents of strangers are checked: few at a time, each in a process of its own."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from loaders.isolate import Limits, run
from ontology.errors import SourceError
from server.checking.submission import Submission
from server.http import problems
from server.http.problems import Problem
from server.http.words import Words
from server.settings import ServerSettings

UPLOADS = 16
"""Requests whose document is on its way here, or being checked."""
CLIENT = 2
"""Of them, those of one client."""


class Desk:
    """Counts who is served, and sends away who comes when all places are taken."""

    def __init__(self, settings: ServerSettings) -> None:
        self._settings = settings
        self._clients: Counter[str] = Counter()
        self._checking = 0

    @contextmanager
    def place(self, client: str) -> Iterator[None]:
        """A place for the whole of a request; Problem when the client, or all together, have too many."""
        if self._clients[client] >= CLIENT:
            raise Problem(
                problems.CLIENT_CAP,
                Words(f"Högst {CLIENT} kontroller åt gången.", f"{CLIENT} checks at a time at most."),
            )
        if self._clients.total() >= UPLOADS:
            raise _full()
        self._clients[client] += 1
        try:
            yield
        finally:
            self._clients[client] -= 1
            self._clients += Counter()  # forgets who has none left

    async def check(self, wanted: Submission, folder: Path) -> tuple[bytes, dict[str, int]]:
        """The written report and its counts; Problem when the document cannot be checked."""
        if self._checking >= self._settings.checks:
            raise _full()
        self._checking += 1
        try:
            return await asyncio.to_thread(self._run, wanted, folder)
        finally:
            self._checking -= 1

    def _run(self, wanted: Submission, folder: Path) -> tuple[bytes, dict[str, int]]:
        from loaders.inspection import OUT, Examination, examine  # all readers: it would slow every start

        settings = self._settings
        given = Examination(
            folder=str(folder),
            profile=wanted.profile,
            language=wanted.language,
            format=wanted.format,
            size=settings.check_bytes,
            seconds=settings.fetch_seconds,
            document=str(wanted.document or ""),
            hint=wanted.hint,
            address=wanted.address,
        )
        limits = Limits(settings.check_memory, settings.check_seconds)
        try:
            counts: dict[str, int] = run(f"{examine.__module__}:{examine.__name__}", asdict(given), limits)
        except SourceError as error:
            raise Problem(problems.DOCUMENT, Words(f"Fel: {error}", f"Fault: {error}")) from error
        return (folder / OUT).read_bytes(), counts


def _full() -> Problem:
    return Problem(
        problems.OVERLOAD,
        Words("Alla platser för kontroller är upptagna.", "All places for checks are taken."),
    )
