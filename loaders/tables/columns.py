"""Binds the columns of a specification to the titles of one table, and reads their cells."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final, NamedTuple

from pyoxigraph import Literal, NamedNode

from loaders.tables.cells import CellError, as_text, is_free_text, is_null_word, is_number_or_boolean, reader
from loaders.tables.codes import Concepts
from loaders.tables.csvw import XSD, Column, Datatype, Schema
from loaders.tables.findings import RULES, Finding
from loaders.tables.rows import Value, plain
from ontology import PREFIXES

Term = NamedNode | Literal

_CACHED: Final = 1024
_LATITUDE: Final = (
    "schema:latitude",
    PREFIXES["schema"] + "latitude",
    "http://www.w3.org/2003/01/geo/wgs84_pos#lat",
)
_LONGITUDE: Final = (
    "schema:longitude",
    PREFIXES["schema"] + "longitude",
    "http://www.w3.org/2003/01/geo/wgs84_pos#long",
)


class Cell(NamedTuple):
    """A cell that was read: lexical values, terms, named parts, and what was noticed (without the row)."""

    texts: tuple[str, ...] = ()
    terms: tuple[Term, ...] = ()
    parts: tuple[tuple[str, str], ...] = ()
    findings: tuple[Finding, ...] = ()
    bad: bool = False


_EMPTY: Final = Cell()


class ColumnReader:
    """Reads the cells of one column under one title; values that repeat are read once."""

    def __init__(self, column: Column, title: str, concepts: Concepts | None = None) -> None:
        self.column = column
        self.title = title
        self.free = is_free_text(column.datatype) and not concepts and not column.extract
        self.typed = is_number_or_boolean(column.datatype)
        self._concepts = concepts
        self._extract = re.compile(column.extract) if column.extract else None
        self._read = reader(_without_range(column) if is_coordinate(column) else column.datatype)
        self._datatype = NamedNode(column.datatype.iri)
        self._cache: dict[str, Cell] = {}

    def read(self, value: Value | tuple[Value, ...]) -> Cell:
        """The cell of a value as the table's reader gave it."""
        if isinstance(value, str):
            text = value
        elif isinstance(value, tuple):
            return _joined(self.read(part) for part in value)
        else:
            text = as_text(value)
        cell = self._cache.get(text)
        if cell is None:
            cell = self._fresh(text)
            if len(self._cache) < _CACHED:
                self._cache[text] = cell
        return cell

    def _fresh(self, text: str) -> Cell:
        bare = text.strip().replace("\u00ad", "")
        if not bare:
            return self._default()
        if bare in self.column.null or is_null_word(bare):
            return Cell(findings=(self._finding("null-word", text),))
        if self.column.separator and self.column.separator in bare:
            return _joined(
                self._single(part.strip()) for part in bare.split(self.column.separator) if part.strip()
            )
        return self._single(bare)

    def _default(self) -> Cell:
        return self._single(self.column.default) if self.column.default else _EMPTY

    def _single(self, text: str) -> Cell:
        if self._concepts:
            return self._concept(text, self._concepts)
        try:
            lexical, repair = self._read(text)
        except CellError as bad:
            return Cell(findings=(self._finding("bad-cell", text, bad.expected),), bad=True)
        findings = (self._finding(repair, text, lexical),) if repair else ()
        parts = self._parts(lexical)
        if parts is None:
            form = ("på den form kolumnen ska ha", "of the form that the column has")
            return Cell(findings=(*findings, self._finding("bad-cell", text, form)), bad=True)
        return Cell((lexical,), (self.term(lexical),), parts, findings)

    def _parts(self, lexical: str) -> tuple[tuple[str, str], ...] | None:
        """Named groups of odis:extract; None when the value does not match."""
        if self._extract is None:
            return ()
        match = self._extract.fullmatch(lexical)
        return tuple((k, v) for k, v in match.groupdict().items() if v) if match else None

    def _concept(self, text: str, concepts: Concepts) -> Cell:
        iri = concepts.get(text.casefold())
        if iri is None:
            expected = ("något av kodlistans värden", "one of the values of the code list")
            return Cell(findings=(self._finding("bad-cell", text, expected),), bad=True)
        return Cell((iri,), (NamedNode(iri),))

    def term(self, lexical: str) -> Literal:
        """The literal of a lexical value: with the column's language, or of its datatype."""
        if self.column.lang and self.column.datatype.iri == XSD + "string":
            return Literal(lexical, language=self.column.lang)
        return Literal(lexical, datatype=self._datatype)

    def _finding(self, rule: str, value: str, detail: str | tuple[str, str] = "") -> Finding:
        return Finding(RULES[rule], None, self.title, value, detail)


def is_coordinate(column: Column) -> bool:
    """Whether a column is a latitude or a longitude, whose range counts only once it is WGS84."""
    return column.property in _LATITUDE or column.property in _LONGITUDE


def coordinate_columns(schema: Schema) -> tuple[Column, Column] | None:
    """The columns of latitude and longitude, when the schema has both."""
    latitude = next((c for c in schema.columns if c.property in _LATITUDE), None)
    longitude = next((c for c in schema.columns if c.property in _LONGITUDE), None)
    return (latitude, longitude) if latitude and longitude else None


def _without_range(column: Column) -> Datatype:
    return replace(column.datatype, minimum=None, maximum=None)


def _joined(cells: Iterable[Cell]) -> Cell:
    """Several values of one cell as one; what is wrong with one of them loses that one."""
    found = list(cells)
    return Cell(
        tuple(text for cell in found for text in cell.texts),
        tuple(term for cell in found for term in cell.terms),
        tuple(part for cell in found for part in cell.parts),
        tuple(finding for cell in found for finding in cell.findings),
        any(cell.bad for cell in found),
    )


class Titles:
    """Which title of a table belongs to which column; the first of several titles for a column wins."""

    def __init__(self, schema: Schema, concepts: Mapping[str, Concepts]) -> None:
        self._concepts = concepts
        self._columns: dict[str, Column] = {}
        real = [column for column in schema.columns if not column.virtual]
        spelt = [(title, column) for column in real for title in column.titles]
        for title, column in spelt + [(column.name, column) for column in real]:
            self._columns.setdefault(plain(title), column)
        self.readers: dict[str, ColumnReader | None] = {}
        self._taken: dict[str, str] = {}

    def known(self) -> frozenset[str]:
        """All spellings of titles, as ``plain`` leaves them."""
        return frozenset(self._columns)

    def has(self, name: str) -> bool:
        """Whether some title has been bound to the column of this name."""
        return name in self._taken

    def count(self, titles: Iterable[str]) -> int:
        """How many columns a table with these titles has."""
        return len({column.name for title in titles if (column := self._columns.get(plain(title)))})

    def ranked(self, titles: Iterable[str]) -> list[str]:
        """Titles in the order they are to be bound: official ones before aliases, else as they stand."""

        def rank(title: str) -> int:
            column = self._columns.get(plain(title))
            spelt = [plain(known) for known in column.titles] if column else []
            return spelt.index(plain(title)) if plain(title) in spelt else len(spelt)

        return sorted(titles, key=rank)

    def shown(self, name: str | None) -> str | None:
        """The title under which the file has a column that is known by its name or its official title."""
        column = self._columns.get(plain(name)) if name is not None else None
        return self._taken.get(column.name, name) if column and name not in self.readers else name

    def bind(self, title: str) -> tuple[ColumnReader | None, Finding | None]:
        """The reader for a new title, None for an unknown one, and what is to be said about it."""
        column = self._columns.get(plain(title))
        finding = self._said(title, column)
        bound = None
        if column and column.name not in self._taken:
            self._taken[column.name] = title
            bound = ColumnReader(column, title, self._concepts.get(column.code_list or ""))
        self.readers[title] = bound
        return bound, finding

    def _said(self, title: str, column: Column | None) -> Finding | None:
        if column is None:
            return Finding(RULES["unknown-column"], None, title)
        official = column.titles[0]
        if column.name in self._taken:
            return Finding(RULES["double-title"], None, title, None, self._taken[column.name])
        if title.startswith("\ufeff"):
            return Finding(RULES["bom-in-name"], None, title.lstrip("\ufeff"))
        if title != official:
            return Finding(RULES["other-title"], None, title, None, official)
        return None
