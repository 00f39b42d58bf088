"""Records of a JSON document, one at a time: where they are, and what is whole of them.

Pages of a paged service may stand one after the other in one file; a file that was cut off gives its
whole records before the cut.
"""

import io
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

import ijson

from loaders.tables.rows import Note

Record = dict[str, Any]

_KNOWN: Final = ("features", "results", "chargerstations", "records", "value", "items", "data", "rows")
_NOT_RECORDS: Final = ("fields", "links", "crs")
_FIELDS: Final = ("fields.item.name", "fields.item.type")
_CHUNK: Final = 1 << 16
_CRS: Final = re.compile(rb'"crs"\s*:\s*\{[^{}]*\{[^{}]*"(?:name|code)"\s*:\s*"?([^",}\s]+)')


@dataclass(frozen=True, slots=True)
class Head:
    """What the beginning of a document tells: where the records are, and the plain members around them."""

    prefix: str  # of a record, as ijson writes it: "features.item"; "" when the document itself is one
    members: dict[str, Any]
    fields: dict[str, str]  # types by name, where the document describes its fields (ArcGIS)

    @property
    def pointer(self) -> str:
        """The JSON pointer (RFC 6901) of the list of records, fit for the fragment of an IRI."""
        steps = self.prefix.split(".")[:-1] if self.prefix else []
        return "".join("/" + quote(step.replace("~", "~0").replace("/", "~1")) for step in steps)

    def number(self, name: str) -> int | None:
        """A whole number among the members."""
        value = self.members.get(name)
        return value if isinstance(value, int) and not isinstance(value, bool) else None


def read_head(start: bytes) -> Head:
    """Look into the first bytes of a document; how much of it they are does not matter."""
    found: list[str] = []
    members: dict[str, Any] = {}
    names: list[str] = []
    kinds: list[str] = []
    before = ""
    for prefix, event, value in _events(start):
        if event == "start_map" and before == "start_array" and "item" not in prefix.split(".")[:-1]:
            found.append(prefix)
            if _last(prefix) in _KNOWN:
                break
        elif prefix in _FIELDS:
            (names if prefix == _FIELDS[0] else kinds).append(value)
        elif event in ("string", "number", "boolean"):
            members.setdefault(prefix, value)
        before = event
    known = [prefix for prefix in found if _last(prefix) in _KNOWN]
    other = [prefix for prefix in found if _last(prefix) not in _NOT_RECORDS]
    return Head((known or other or [""])[0], members, dict(zip(names, kinds, strict=False)))


def _events(start: bytes) -> Iterator[tuple[str, str, Any]]:
    """Events up to where the bytes end, which may be in the middle of anything."""
    with suppress(ijson.JSONError):
        yield from ijson.parse(io.BytesIO(start))


def _last(prefix: str) -> str:
    return (prefix.removesuffix("item").rstrip(".").rsplit(".", 1))[-1]


def records(body: io.BufferedReader, head: Head, note: Note) -> Iterator[Record]:
    """The whole records of a document; what breaks it off is noted."""
    count = 0
    try:
        # Exact decimals: with use_float a whole number beyond 64 bits would end the reading.
        for record in ijson.items(body, head.prefix, multiple_values=True, buf_size=_CHUNK):
            count += 1
            if isinstance(record, dict):
                yield record
    except ijson.JSONError as error:
        cut = "premature EOF" in str(error) or "Incomplete JSON" in str(error)
        after = (f"efter post {count}", f"after record {count}")
        note("truncated" if cut else "broken", after)


def declared_crs(*parts: bytes) -> str | None:
    """The legacy ``crs`` member of GeoJSON (2008, clause 3), which may stand at either end of the file."""
    match = next((match for part in parts if (match := _CRS.search(part))), None)
    return match[1].decode() if match else None


def flat(record: Record, before: str = "") -> Record:
    """Objects in objects as names with dots, lists as tuples; a list of objects as a tuple for each member.

    ``{"connectors": [{"kW": 22}, {"kW": 50}]}`` has the column ``connectors.kW`` with two values.
    """
    values: Record = {}
    for name, value in record.items():
        if isinstance(value, dict):
            values |= flat(value, f"{before}{name}.")
        elif not isinstance(value, list):
            values[before + name] = value
        elif all(not isinstance(part, (dict, list)) for part in value):
            values[before + name] = tuple(value)
        else:
            values |= _members(value, f"{before}{name}.")
    return values


def _members(parts: list[Any], before: str) -> Record:
    values: Record = {}
    for part in parts:
        for name, value in flat(part, before).items() if isinstance(part, dict) else ():
            values[name] = (*values.get(name, ()), *(value if isinstance(value, tuple) else (value,)))
    return values
