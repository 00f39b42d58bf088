"""Rows out of any file: what a reader takes and gives. One small module per format stands beside this one."""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, NamedTuple

Value = str | int | float | bool | Decimal | date | datetime | time | None
"""What a cell may hold when it leaves a reader; text where the format knows no types."""

Note = Callable[[str, str | tuple[str, str]], None]
"""Takes a rule of loaders.tables.findings and its detail: what a reader notices about the file as a whole."""

Geometry = Mapping[str, Any]
"""A GeoJSON geometry object (RFC 7946 clause 3.1), in whatever coordinate system the table has."""


class Row(NamedTuple):
    """One row or record with its place in the source."""

    number: int  # RFC 7111 row number, the header counted, for CSV and sheets; else the record's own, from 1
    fragment: str  # names the row inside the document, as in "row=12"
    values: Mapping[str, Value | tuple[Value, ...]]  # by column name as the source spells it, in its order
    geometry: Geometry | None = None
    surplus: tuple[str, ...] = ()  # fields beyond the last column: somewhere a separator was not quoted


@dataclass(frozen=True, slots=True)
class Table:
    """A named run of rows; ``titles`` is empty where the format has no header of its own."""

    name: str
    titles: tuple[str, ...]
    rows: Iterator[Row]
    crs: str | None = None  # as declared by the file, for example "EPSG:3011"
    separator: str | None = None  # of the fields, in a format where an unquoted one makes a row slip
    typed: bool = False  # whether the format can tell a number from a text


@dataclass(frozen=True, slots=True)
class Hints:
    """What is known before reading: how the titles may be spelt, how many tables there may be."""

    titles: Collection[str] = field(default_factory=frozenset)  # as ``plain`` leaves them
    schemas: int = 1  # how many tables the specification describes


_NOT_NAME = re.compile(r"[\W_]+")


def plain(title: str) -> str:
    """A title without case, accents, blanks and signs, so that ``Namn på plats`` meets ``namn_pa_plats``."""
    letters = unicodedata.normalize("NFKD", title)
    return _NOT_NAME.sub("", "".join(c for c in letters if not unicodedata.combining(c))).casefold()


def as_fields(row: Row) -> list[str]:
    """The fields of a CSV row as they stood in the file, those beyond the last column included."""
    return [value for value in row.values.values() if isinstance(value, str)] + list(row.surplus)
