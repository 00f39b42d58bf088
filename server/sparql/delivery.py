"""Answers one query: from the cache, as "not modified", whole, or as a stream that cannot hide a cut."""

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from server.http import problems
from server.http.coding import coder, whole
from server.http.endpoint import Broken, Call
from server.http.negotiation import Choice, content_type
from server.http.problems import Problem
from server.http.watch import Watch
from server.http.words import Words
from server.sparql import keeping
from server.sparql.cache import Key
from server.sparql.failures import problem_of
from server.sparql.gate import Passed
from server.sparql.keeping import Gathering
from server.workers.answer import Answer
from server.workers.query import Failure, Query

THREAD_FROM = 32 * 1024  # bytes; coding less than this takes less time than handing it to a thread


@dataclass(slots=True)
class Delivery:
    """One query on its way to one client in one format; `name` begins the file name of a download."""

    call: Call
    passed: Passed
    choice: Choice
    name: str = "odis"
    digest: str = field(init=False)
    seconds: float = field(init=False)
    """How long the query may take."""

    def __post_init__(self) -> None:
        passed = self.passed
        parts = (passed.text, *passed.default_graphs, "\0", *passed.named_graphs)
        self.digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()
        self.seconds = deadline(self.call)
        exchange = self.call.exchange
        exchange.digest, exchange.text = self.digest, passed.text
        exchange.kind, exchange.media_type = passed.kind, self.choice.media_type

    async def deliver(self) -> None:
        """Answer; raises Problem before anything was sent, Broken or Gone after that."""
        release = self.call.service.current.release.id
        if not self.passed.volatile:
            if tag := self._known_to_client(release):
                await self.call.reply.whole(304, self._headers(release) | {"ETag": tag})
                return
            if await self._from_cache(release):
                return
        await self.call.service.federation.admit(self.passed.services)
        try:
            await self._run()
        except Failure as failure:
            if self.call.reply.started:
                raise Broken(failure.cause) from failure
            raise problem_of(failure, self.passed.text) from failure

    # ------------------------------------------------------------------ what the client has already

    def _known_to_client(self, release: str) -> str:
        """The tag of the client that names the present answer, coded or not; "" if it has none."""
        given = self.call.asked.headers.get("if-none-match", "")
        if not given:
            return ""
        present = {self.tag(release, self.call.asked.coding), self.tag(release, "")}
        listed = [tag.strip() for tag in given.split(",")]
        weak = {tag.removeprefix("W/") for tag in listed}
        return next((tag for tag in present if tag.removeprefix("W/") in weak), "")

    def tag(self, release: str, coding: str) -> str:
        """The ETag of the answer; weak where each run makes other blank nodes."""
        label = ".".join(
            part for part in (release, self.digest[:24], self.choice.format.ending, coding) if part
        )
        return f'W/"{label}"' if self.passed.fresh_blanks else f'"{label}"'

    # ------------------------------------------------------------------ cache

    def _key(self, release: str, coding: str) -> Key:
        return Key(release, self.digest, self.choice.media_type, coding)

    async def _from_cache(self, release: str) -> bool:
        coding = self.call.asked.coding
        wanted = dict.fromkeys((coding, "", keeping.CODING))
        found = self.call.service.cache.find(self._key(release, name) for name in wanted)
        if found is None or (found[0].coding not in (coding, "") and self.call.asked.old_http):
            self.call.exchange.cache = "miss"
            return False
        self.call.exchange.cache = "hit"
        key, body = found
        if key.coding == coding and coding:
            await self._send_whole(release, body, coding)
        elif key.coding:
            await self._send_parts(release, keeping.unpacked(body))
        else:
            await self._whole(release, body)
        return True

    async def _coded(self, plain: bytes, coding: str, release: str) -> bytes:
        """A body in a coding; what was coded once is kept when the answer may be."""
        if not coding:
            return plain
        body = (
            await asyncio.to_thread(whole, coding, plain)
            if len(plain) > THREAD_FROM
            else whole(coding, plain)
        )
        if not self.passed.volatile:
            self.call.service.cache.put(self._key(release, coding), body)
        return body

    def _coding_for(self, plain: bytes) -> str:
        return self.call.asked.coding if len(plain) >= self.call.service.settings.compress_from else ""

    def _keep(self, release: str, plain: bytes) -> None:
        if not self.passed.volatile:
            self.call.service.cache.put(self._key(release, ""), plain)

    # ------------------------------------------------------------------ running

    def query(self, media_type: str) -> Query:
        """The query as the pool takes it."""
        service, asked = self.call.service, self.call.asked
        prefixes: tuple[tuple[str, str], ...] = ()
        if self.passed.kind == "graph":
            prefixes = tuple((dict(service.prefixes) | dict(self.passed.prefixes)).items())
        return Query(
            text=self.passed.text,
            media_type=media_type,
            default_graphs=self.passed.default_graphs,
            named_graphs=self.passed.named_graphs,
            deadline=self.seconds,
            client=asked.client,
            row_cap=service.settings.row_cap,
            prefixes=prefixes,
            network=bool(self.passed.services),
            base=service.current.release.manifest.base,
        )

    async def _run(self) -> None:
        exchange = self.call.exchange
        began = time.perf_counter()
        with Watch(self.call.receive):
            async with self.call.service.current.pool.run(
                self.query(self.choice.format.media_type)
            ) as answer:
                exchange.mark("engine", began)
                try:
                    if answer.whole is not None:
                        self._keep(answer.release, answer.whole)
                        await self._whole(answer.release, answer.whole)
                    elif self.call.asked.old_http:
                        await self._gathered(answer)
                    else:
                        await self._stream(answer)
                finally:
                    exchange.cpu = answer.cpu

    async def _whole(self, release: str, plain: bytes) -> None:
        coding = self._coding_for(plain)
        await self._send_whole(release, await self._coded(plain, coding, release), coding)

    async def _send_whole(self, release: str, body: bytes, coding: str) -> None:
        await self.call.reply.whole(200, self._headers(release, coding), body)

    async def _gathered(self, answer: Answer) -> None:
        """Send a long answer with its length: HTTP/1.0 has no other way to show that it is whole."""
        limit = self.call.service.settings.cache_entry_bytes
        parts: list[bytes] = []
        size = 0
        async for part in answer.parts():
            size += len(part)
            if size > limit:
                detail = Words(f"Svaret är längre än {limit} byte.", f"The answer exceeds {limit} bytes.")
                raise Problem(problems.HTTP_VERSION, detail)
            parts.append(part)
        await self._whole(answer.release, b"".join(parts))

    async def _stream(self, answer: Answer) -> None:
        """Send a long answer while it is made."""
        cache = self.call.service.cache
        gathering = None if self.passed.volatile else Gathering(cache, self._key(answer.release, ""))
        await self._send_parts(answer.release, answer.parts(), gathering)
        if gathering is not None and self.call.asked.method != "HEAD":
            gathering.keep()

    async def _send_parts(
        self, release: str, parts: AsyncIterator[bytes], gathering: Gathering | None = None
    ) -> None:
        reply, coding = self.call.reply, self.call.asked.coding
        one = coder(coding)
        await reply.begin(200, self._headers(release, coding))
        if self.call.asked.method == "HEAD":
            await reply.end()
            return
        first = True
        async for part in parts:
            if gathering is not None:
                gathering.take(part)
            if one is None:
                await reply.part(part)
            elif len(part) < THREAD_FROM:
                await reply.part(one.part(part, flush=first))
            else:
                await reply.part(await asyncio.to_thread(one.part, part, flush=first))
            first = False
        await reply.end(one.finish() if one else b"")

    # ------------------------------------------------------------------ headers

    def _headers(self, release: str, coding: str = "") -> dict[str, str]:
        settings, asked = self.call.service.settings, self.call.asked
        self.call.exchange.release = release
        headers = {
            "Content-Type": content_type(self.choice.media_type),
            "Vary": "Accept, Accept-Encoding",
            "ODIS-Release": release,
            "Server-Timing": self.call.exchange.timing(),
        }
        if self.passed.volatile:
            headers["Cache-Control"] = "no-store"
        else:
            headers["ETag"] = self.tag(release, coding)
            headers["Cache-Control"] = cache_control(settings.max_age)
        if coding:
            headers["Content-Encoding"] = coding
        if settings.row_cap is not None:
            headers["ODIS-Row-Cap"] = str(settings.row_cap)
        if asked.all("format") or asked.all("download"):
            kind = "attachment" if asked.all("download") else "inline"
            name = f"{self.name}-{self.digest[:8]}.{self.choice.format.ending}"
            headers["Content-Disposition"] = f'{kind}; filename="{name}"'
        return headers


def cache_control(max_age: int) -> str:
    """How long others may reuse an answer; never beyond its release without asking, unless set so."""
    return f"public, max-age={max_age}, must-revalidate"


def deadline(call: Call) -> float:
    """The seconds a query may take: what the settings say, or less if the request asks for less."""
    given = call.asked.one("timeout")
    longest = call.service.settings.deadline
    if not given:
        return longest
    try:
        seconds = float(given)
    except ValueError:
        seconds = 0.0
    if not seconds > 0:  # also for nan
        detail = Words(
            f"timeout={given}: ange sekunder, större än 0.", f"timeout={given}: give seconds, above 0."
        )
        raise Problem(problems.BAD_REQUEST, detail)
    return min(seconds, longest)
