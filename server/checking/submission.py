"""Reads what is to be checked: an uploaded file, pasted text, an address, or the body itself."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser

from server.http import problems
from server.http.endpoint import Call
from server.http.problems import Problem
from server.http.request import FORM
from server.http.words import Language, Words
from shapes.check import profiles
from shapes.writers import WRITERS

MULTIPART: Final = "multipart/form-data"
DEFAULT_PROFILE: Final = "dcat-ap-se"
_FIELD_GROWTH = 3  # percent-encoding makes at most three bytes of one
_OVERHEAD = 64 * 1024  # the other fields of a form


@dataclass(frozen=True, slots=True)
class Submission:
    """What to check and how to tell it; either `document`, a file, or `address`."""

    profile: str
    format: str
    language: Language
    document: Path | None = None
    hint: str = ""
    address: str = ""


async def read_submission(call: Call, folder: Path) -> Submission:
    """Read a POST request; what was sent is put into a file in `folder`. Raises Problem."""
    kind = call.asked.headers.get("content-type", "").partition(";")[0].strip().lower()
    fields = dict(call.asked.parameters)
    target, limit = folder / "document", call.service.settings.check_bytes
    hint = kind
    if kind in (MULTIPART, FORM):
        form, hint = await _form(call, kind, target, limit)
        fields |= form
    elif "address" not in fields:
        await _save(_body(call, limit), target)
    return _submission(call, fields, target, hint)


def _submission(call: Call, fields: Mapping[str, str], target: Path, hint: str) -> Submission:
    profile = fields.get("profile") or DEFAULT_PROFILE
    form = fields.get("format") or ("html" if call.asked.wants_html else "json")
    _one_of("profile", profile, tuple(profiles()))
    _one_of("format", form, tuple(WRITERS))
    languages: dict[str, Language] = {"sv": "sv", "en": "en"}
    language = languages.get(fields.get("lang", ""), call.asked.language)
    address = fields.get("address", "").strip()
    if target.is_file() and target.stat().st_size:
        return Submission(profile, form, language, document=target, hint=hint)
    if not address:
        raise _bad(
            "Det finns inget att kontrollera: skicka en fil, text eller address=.",
            "There is nothing to check: send a file, text or address=.",
        )
    _check_address(address)
    return Submission(profile, form, language, address=address)


def _check_address(address: str) -> None:
    try:
        parts = urlsplit(address)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and len(address) < 4000
    except ValueError:
        good = False
    if not good:
        raise _bad(
            "Adressen ska vara en http- eller https-adress.", "The address must be an http or https address."
        )


def _one_of(name: str, given: str, known: tuple[str, ...]) -> None:
    if given not in known:
        listed = ", ".join(known)
        raise _bad(
            f"{name}: {given[:60]!r} finns inte; välj {listed}.",
            f"{name}: there is no {given[:60]!r}; choose {listed}.",
        )


async def _form(call: Call, kind: str, target: Path, limit: int) -> tuple[dict[str, str], str]:
    """The fields of a form, and the ending of the file that was sent."""
    headers = Headers({"content-type": call.asked.headers["content-type"]})
    growth = _FIELD_GROWTH if kind == FORM else 1
    stream = _body(call, limit * growth + _OVERHEAD)
    try:
        if kind == MULTIPART:
            parser = MultiPartParser(headers, stream, max_files=1, max_fields=10, max_part_size=limit)
            form = await parser.parse()
        else:
            form = await FormParser(headers, stream).parse()
    except (MultiPartException, UnicodeDecodeError) as error:
        raise _bad(f"Formuläret går inte att läsa: {error}", f"The form cannot be read: {error}") from error
    fields, hint = {}, ""
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            if value.filename:
                hint = Path(value.filename).suffix.lower()
                await _save(_parts(value), target)
            await value.close()
        else:
            fields[name] = value
    if not hint and fields.get("text", "").strip():
        target.write_text(fields["text"], encoding="utf-8")
    return fields, hint


async def _parts(file: UploadFile) -> AsyncIterator[bytes]:
    while part := await file.read(1024 * 1024):
        yield part


async def _save(parts: AsyncIterator[bytes], target: Path) -> None:
    with target.open("wb") as file:
        async for part in parts:
            file.write(part)


async def _body(call: Call, limit: int) -> AsyncGenerator[bytes, None]:
    """The parts of the body; Problem as soon as they are too many."""
    size, more = 0, True
    while more:
        message = await call.receive()
        if message["type"] == "http.disconnect":
            raise _bad("Innehållet kom aldrig fram.", "The body never arrived.")
        part = message.get("body", b"")
        size += len(part)
        if size > limit:
            most = call.service.settings.check_bytes // (1024 * 1024)
            raise Problem(
                problems.DOCUMENT_SIZE,
                Words(f"Det får ha högst {most} MiB.", f"It may have {most} MiB at most."),
            )
        yield part
        more = message.get("more_body", False)


def _bad(sv: str, en: str) -> Problem:
    return Problem(problems.BAD_REQUEST, Words(sv, en))
