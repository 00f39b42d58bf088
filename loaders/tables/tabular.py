"""Converts a table of any format into triples by its CSVW specification, with a report of every repair.

A bad cell loses that cell, a row that cannot be named loses that row, nothing loses the file.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from pyoxigraph import Literal, NamedNode, Triple

from loaders.tables.codes import Concepts, code_lists, municipality_of
from loaders.tables.columns import Cell, ColumnReader, Titles
from loaders.tables.csvw import Schema, Specification, read_specification
from loaders.tables.findings import RULES, Finding, TabularReport
from loaders.tables.naming import Naming
from loaders.tables.positions import Positions
from loaders.tables.rows import Hints, Row, Table
from loaders.tables.rows.recognise import open_tables
from loaders.tables.slips import may_have_slipped, mended
from loaders.tables.things import Things
from ontology import iri
from ontology.errors import SourceError

_ADDRESS: Final = re.compile(r"https?://[^\s<>\"{}|\\^`#]+")
_TYPE: Final = NamedNode(iri("rdf:type"))
_DERIVED: Final = NamedNode(iri("prov:wasDerivedFrom"))
_PART: Final = NamedNode(iri("dcterms:isPartOf"))
_TITLE: Final = NamedNode(iri("dcterms:title"))
_ENTITY: Final = NamedNode(iri("prov:Entity"))


class Watcher(Protocol):
    """Sees what is read while it is converted, in its order."""

    def table(self, table: Table) -> None:
        """A table begins."""

    def row(self, row: Row, findings: Sequence[Finding], kept: bool) -> None:
        """A row has been read, with what was found in it and whether it became triples."""

    def finding(self, finding: Finding) -> None:
        """Something was found about the file, or about a whole column."""


@dataclass(frozen=True, slots=True)
class TabularResult:
    """The triples of a document, made as they are read, and the report that is filled by reading them."""

    quads: Iterator[Triple]
    report: TabularReport


@dataclass(frozen=True, slots=True)
class Origin:
    """Where rows come from: source id, base of own IRIs, and what is known about dataset and publisher."""

    source: str
    base: str
    dataset: str | None = None
    publisher: str | None = None
    municipality: str | None = None
    address: str | None = None

    @property
    def document(self) -> str:
        """IRI of the document: its address where that is an IRI, else one of our own."""
        known = self.address and _ADDRESS.fullmatch(self.address)
        return self.address if known and self.address else f"{self.base}id/document/{self.source}"

    def variables(self) -> dict[str, str]:
        """The variables that are the same in every row (docs/specification-format.md)."""
        known = {
            "_base": self.base,
            "_source": self.source,
            "_publisher": self.publisher,
            "_municipality": self.municipality,
        }
        return {name: value for name, value in known.items() if value}


def convert(
    document: Path,
    specification: Path,
    *,
    source: str,
    base: str,
    dataset: str | None = None,
    publisher: str | None = None,
    address: str | None = None,
    name: str | None = None,
    watcher: Watcher | None = None,
) -> TabularResult:
    """Convert the rows of ``document`` by the CSVW metadata at ``specification`` (a file or its folder).

    ``dataset`` is the IRI of the dcat:Dataset the rows belong to, ``address`` that of the document itself,
    ``publisher`` that of who publishes them; ``name`` is what people call the file if its path does not say.
    ``watcher`` sees every row with its findings; the report keeps the first of each kind, and is whole when
    the triples have been read to the end.
    SourceError for a specification that cannot be used and, while reading, for a document that is no table.
    """
    described = read_specification(specification)
    report = TabularReport(name or document.name, described.name)
    municipality = municipality_of(publisher) if publisher else None
    origin = Origin(source, base, dataset, publisher, municipality, address)
    run = _Run(document, described, origin, report, watcher)
    return TabularResult(run.triples(), report)


class _Run:
    """One conversion: finds the tables, hands each to a converter, watches to fill the report."""

    def __init__(
        self,
        document: Path,
        specification: Specification,
        origin: Origin,
        report: TabularReport,
        watcher: Watcher | None,
    ) -> None:
        self._document = document
        self._specification = specification
        self._origin = origin
        self._report = report
        self._watcher = watcher

    def table(self, table: Table) -> None:
        if self._watcher:
            self._watcher.table(table)

    def row(self, row: Row, findings: Sequence[Finding], kept: bool) -> None:
        for finding in findings:
            self._report.add(finding)
        if self._watcher:
            self._watcher.row(row, findings, kept)

    def finding(self, finding: Finding) -> None:
        self._report.add(finding)
        if self._watcher:
            self._watcher.finding(finding)

    def _note(self, rule: str, detail: str | tuple[str, str]) -> None:
        self.finding(Finding(RULES[rule], detail=detail))

    def triples(self) -> Iterator[Triple]:
        columns = [column for schema in self._specification.schemas for column in schema.columns]
        lists = code_lists((c.code_list for c in columns if c.code_list), self._specification.path)
        known = frozenset[str]().union(*(Titles(s, lists).known() for s in self._specification.schemas))
        hints = Hints(known, len(self._specification.schemas))
        converted = 0
        yield from self._about_document()
        for table in open_tables(self._document, hints, self._note):
            schema, titles = self._best(table, lists)
            if table.titles and not titles.count(table.titles):
                self._note("no-match", table.name)
                continue
            converted += 1
            self.table(table)
            yield from _Converter(schema, table, titles, self._origin, self._report, self).triples()
        if not converted:
            raise SourceError(
                f"{self._document}: no table that the specification {self._specification.name} knows"
            )

    def _best(self, table: Table, lists: Mapping[str, Concepts]) -> tuple[Schema, Titles]:
        """The schema that knows most of a table's titles."""
        found = [(schema, Titles(schema, lists)) for schema in self._specification.schemas]
        return max(found, key=lambda pair: pair[1].count(table.titles))

    def _about_document(self) -> Iterator[Triple]:
        document = NamedNode(self._origin.document)
        yield Triple(document, _TYPE, _ENTITY)
        yield Triple(document, _TITLE, Literal(self._report.file))
        if self._origin.dataset:
            yield Triple(document, _PART, NamedNode(self._origin.dataset))


class _Converter:
    """Converts the rows of one table."""

    def __init__(
        self,
        schema: Schema,
        table: Table,
        titles: Titles,
        origin: Origin,
        report: TabularReport,
        watcher: Watcher,
    ) -> None:
        self._schema, self._table, self._titles = schema, table, titles
        self._origin, self._report, self._watcher = origin, report, watcher
        self._say = watcher.finding
        self._constant = origin.variables()
        key = schema.primary_key
        self._required = [c for c in schema.columns if c.required and c.name not in key]
        self._naming = Naming(schema, origin.base)
        self._things = Things(schema, origin.base, self._refused)
        self._positions = Positions(schema, table.crs)
        self._dataset = NamedNode(origin.dataset) if origin.dataset else None
        self._row: Row | None = None
        self._untyped: set[str] = set()

    def triples(self) -> Iterator[Triple]:
        """All triples of the table, row by row."""
        for title in self._titles.ranked(self._table.titles):
            self._bind(title)
        for row in self._table.rows:
            self._report.rows += 1
            triples = self._converted(row)
            self._report.kept += bool(triples)
            self._report.refused += not triples
            self._report.triples += len(triples)
            yield from triples
        self._say_missing()

    def _bind(self, title: str) -> ColumnReader | None:
        reader, finding = self._titles.bind(title)
        if finding:
            self._say(finding)
        return reader

    def _say_missing(self) -> None:
        for column in self._schema.columns:
            given = self._positions.gives(column.name)
            if column.required and not given and not self._titles.has(column.name):
                self._say(Finding(RULES["missing-column"], None, column.titles[0]))

    # ---- one row

    def _converted(self, row: Row) -> list[Triple]:
        self._row = row
        findings: list[Finding] = []
        cells: dict[str, Cell] | None = self._cells(row, findings)
        if self._table.separator and (row.surplus or may_have_slipped(findings)):
            cells, findings = self._mended(row, cells, findings)
        triples: list[Triple] = []
        if cells is not None:
            variables = self._variables(row, cells, findings)
            triples = self._thing(row, cells, variables, findings)
        if triples and any(finding.rule.done == "repaired" for finding in findings):
            self._report.repaired += 1
        shown = [f._replace(row=row.number, column=self._titles.shown(f.column)) for f in findings]
        self._watcher.row(row, shown, kept=bool(triples))
        return triples

    def _mended(
        self, row: Row, cells: dict[str, Cell] | None, findings: list[Finding]
    ) -> tuple[dict[str, Cell] | None, list[Finding]]:
        """Cells and findings of a row that may have slipped; no cells when it is to be refused."""
        mending = mended(row, self._table, self._titles)
        if mending.refused or mending.row is row:
            return (None if mending.refused else cells), [*mending.findings, *findings]
        findings = list(mending.findings)
        return self._cells(mending.row, findings), findings

    def _cells(self, row: Row, findings: list[Finding]) -> dict[str, Cell]:
        cells: dict[str, Cell] = {}
        readers = self._titles.readers
        for title, value in row.values.items():
            reader = readers[title] if title in readers else self._bind(title)
            if reader is None or ((value is None or value == "") and reader.column.default is None):
                continue
            if self._table.typed and isinstance(value, str) and reader.typed:
                self._say_untyped(reader)
            cell = reader.read(value)
            cells[reader.column.name] = cell
            findings += cell.findings
        return cells

    def _say_untyped(self, reader: ColumnReader) -> None:
        """Say once per column that a format with types holds text where a number or boolean belongs."""
        if reader.title not in self._untyped:
            self._untyped.add(reader.title)
            self._say(Finding(RULES["untyped"], None, reader.title))

    def _variables(self, row: Row, cells: dict[str, Cell], findings: list[Finding]) -> dict[str, str]:
        self._positions.settle(row, cells, findings)
        variables = dict(self._constant)
        variables["_row"] = str(row.number)
        for name, cell in cells.items():
            if cell.texts:
                variables[name] = cell.texts[0]
                if cell.parts:
                    variables.update(cell.parts)
        return variables

    def _thing(
        self, row: Row, cells: dict[str, Cell], variables: dict[str, str], findings: list[Finding]
    ) -> list[Triple]:
        about = self._naming.name(variables, cells, findings)
        if about is None:
            return []
        variables["_about"] = about.value
        self._say_required(variables, findings)
        triples = self._things.triples(about, cells, variables)
        triples.append(Triple(about, _DERIVED, NamedNode(f"{self._origin.document}#{row.fragment}")))
        if self._dataset:
            triples.append(Triple(about, _PART, self._dataset))
        return triples

    def _say_required(self, variables: dict[str, str], findings: list[Finding]) -> None:
        for column in self._required:
            there = self._titles.has(column.name) or self._positions.gives(column.name)
            if column.name not in variables and there:
                findings.append(Finding(RULES["required-empty"], None, column.titles[0]))

    def _refused(self, column: str, message: str) -> None:
        number = self._row.number if self._row else None
        self._say(Finding(RULES["bad-iri"], number, column, message))
