"""Writes the format of a distribution in the form that both portals read.

That form is an EU file type in ``dcterms:format`` and an IANA media type in ``dcat:mediaType``. The table
``file-types.csv`` pairs the two; `registered` says whether IANA knows the media type.
"""

import csv
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from loaders.views.terms import Pair, is_iri, name, value, values

FORMAT: Final = name("dcterms:format")
MEDIA_TYPE: Final = name("dcat:mediaType")
PACKAGE: Final = name("dcat:packageFormat")
_FILE_TYPE = "http://publications.europa.eu/resource/authority/file-type/"
_IANA = "https://www.iana.org/assignments/media-types/"
_IANA_IRI = re.compile(r"https?://www\.iana\.org/assignments/media-types/(.+)")
_MEDIA_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+")
_ZIPPED = "+zip"


@dataclass(frozen=True, slots=True)
class Table:
    """Media types and EU file types, each by the other and by what people write instead."""

    code: dict[str, str]
    """EU file type by media type."""
    media_type: dict[str, str]
    """Registered media type by EU file type."""
    alias: dict[str, str]
    """Media type by alias (a file ending, a product name)."""
    registered: frozenset[str]
    listed: frozenset[str]
    """All media types of the table."""


@cache
def table() -> Table:
    """The table of the project."""
    with (files(__package__) / "file-types.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    known = [row for row in rows if row["file_type"]]
    registered = [row for row in known if row["registered"]]
    return Table(
        code={row["media_type"]: row["file_type"] for row in known},
        media_type={row["file_type"]: row["media_type"] for row in reversed(registered)},
        alias={alias: row["media_type"] for row in rows for alias in row["aliases"].split()},
        registered=frozenset(row["media_type"] for row in rows if row["registered"]),
        listed=frozenset(row["media_type"] for row in rows),
    )


@dataclass(frozen=True, slots=True)
class Found:
    """What one term says: an EU file type, a media type, whether it is packed in a zip file."""

    code: str = ""
    media_type: str = ""
    zipped: bool = False


def recognise(term: str) -> Found:
    """What a value of ``dcterms:format`` or ``dcat:mediaType`` says; nothing if it is not known."""
    text = value(term)
    if text.startswith(_FILE_TYPE):
        code = text.removeprefix(_FILE_TYPE)
        return Found(code, table().media_type.get(code, ""))
    iana = _IANA_IRI.fullmatch(text)
    if is_iri(term) and not iana:
        return Found()
    written = (iana[1] if iana else text).partition(";")[0].strip().lower().lstrip(".")
    zipped = written.endswith(_ZIPPED)
    plain = written.removesuffix(_ZIPPED)
    media_type = table().alias.get(plain, plain)
    if not _MEDIA_TYPE.fullmatch(media_type):
        return Found()
    return Found(table().code.get(media_type, ""), media_type, zipped)


def both_forms(pairs: tuple[Pair, ...], keep_unknown: bool) -> tuple[Pair, ...]:
    """The pairs of a distribution or service with one format, one media type.

    A format that is in no table stays as it is when `keep_unknown` (the Swedish profile allows literals).
    """
    stated = values(pairs, FORMAT)
    if not stated and not values(pairs, MEDIA_TYPE):
        return pairs
    found = [recognise(term) for term in (*stated, *values(pairs, MEDIA_TYPE))]
    rest = [pair for pair in pairs if pair[0] not in (FORMAT, MEDIA_TYPE)]
    code = next((one.code for one in found if one.code), "")
    if code:
        rest.append((FORMAT, f"<{_FILE_TYPE}{code}>"))
    else:
        rest += [(FORMAT, term) for term in stated[:1] if keep_unknown or is_iri(term)]
    media_type = _media_type(found, code)
    if media_type:
        rest.append((MEDIA_TYPE, f"<{_IANA}{media_type}>"))
    if any(one.zipped for one in found) and not values(pairs, PACKAGE):
        rest.append((PACKAGE, f"<{_IANA}application/zip>"))
    return tuple(sorted(rest))


def _media_type(found: list[Found], code: str) -> str:
    """The most precise media type that IANA registers, as far as we can know."""
    registered = [one.media_type for one in found if one.media_type in table().registered]
    unknown = [
        one.media_type
        for one in found
        if one.media_type not in table().listed and "/x-" not in one.media_type
    ]
    return next((one for one in [*registered, table().media_type.get(code, ""), *unknown] if one), "")
