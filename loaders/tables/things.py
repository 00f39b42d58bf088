"""Turns the values of one row into triples, by the templates of its schema."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from pyoxigraph import NamedNode, Triple

from loaders.tables.columns import Cell, ColumnReader, Term
from loaders.tables.csvw import Column, Schema
from loaders.tables.templates import Template, text_template, uri_template, whole_name

Variables = dict[str, str]
Refused = Callable[[str, str], None]
"""Takes the name of a column and the text that is no IRI."""

_ROW: Final = 0
"""Index of the subject that is the row's own thing; other subjects have templates of their own."""


class Maker:
    """Makes the objects of one column, and knows their predicate and which subject has them."""

    def __init__(self, column: Column, predicate: str, base: str, subject: int) -> None:
        self.name = column.name
        self.predicate = NamedNode(whole_name(predicate))
        self.subject = subject
        self.iris = tuple(uri_template(template, base) for template in column.values)
        self._texts = tuple(text_template(template) for template in column.texts)
        self._when = column.when
        self._literal = ColumnReader(column, column.name).term

    def of_cell(self, cell: Cell, variables: Variables) -> Sequence[Term]:
        """The objects of a real column: IRIs where it has templates, else the cell's own terms."""
        if not self.iris:
            return cell.terms
        if len(cell.texts) == 1:
            iri = _first(self.iris, variables)
            return (NamedNode(iri),) if iri is not None else ()
        filled = (_first(self.iris, {**variables, self.name: text}) for text in cell.texts)
        return [NamedNode(iri) for iri in filled if iri is not None]

    def of_row(self, variables: Variables) -> Term | None:
        """The object of a virtual column, when its conditions hold and its variables have values."""
        if self._when and not any(all(name in variables for name in group) for group in self._when):
            return None
        if self.iris:
            iri = _first(self.iris, variables)
            return NamedNode(iri) if iri is not None else None
        text = _first(self._texts, variables)
        return self._literal(text) if text is not None else None

    def constant(self) -> Term | None:
        """The object when it is the same in every row, as the class of a thing is."""
        return self.of_row({}) if not self._when and self.subject == _ROW else None


class Things:
    """All makers of a schema; gives the triples of a row once its thing has an IRI."""

    def __init__(self, schema: Schema, base: str, refused: Refused) -> None:
        self._base = base
        self._refused = refused
        self._subjects: list[Template] = [lambda variables: variables.get("_about")]
        self._templates: dict[str | None, int] = {None: _ROW}
        self._real: dict[str, Maker] = {}
        self._virtual: list[Maker] = []
        self._constant: list[tuple[NamedNode, Term]] = []
        for column in schema.columns:
            if column.property and not column.suppressed:
                self._add(column, column.property)

    def _add(self, column: Column, predicate: str) -> None:
        maker = Maker(column, predicate, self._base, self._subject(column.about))
        constant = maker.constant() if column.virtual else None
        if not column.virtual:
            self._real[column.name] = maker
        elif constant is not None:
            self._constant.append((maker.predicate, constant))
        else:
            self._virtual.append(maker)

    def _subject(self, template: str | None) -> int:
        if template is not None and template not in self._templates:
            self._templates[template] = len(self._subjects)
            self._subjects.append(uri_template(template, self._base))
        return self._templates[template]

    def triples(self, about: NamedNode, cells: Mapping[str, Cell], variables: Variables) -> list[Triple]:
        """The triples of one row; an IRI that is not valid loses its own triple only."""
        triples = [Triple(about, predicate, term) for predicate, term in self._constant]
        nodes: dict[int, NamedNode | None] = {_ROW: about}
        for name, cell in cells.items():
            maker = self._real.get(name)
            if maker is not None and cell.terms:
                terms = cell.terms if not maker.iris else self._objects(maker, cell, variables)
                self._add_triples(triples, maker, terms, nodes, variables)
        for maker in self._virtual:
            term = self._object(maker, variables)
            if term is not None:
                self._add_triples(triples, maker, (term,), nodes, variables)
        return triples

    def _add_triples(
        self,
        triples: list[Triple],
        maker: Maker,
        terms: Sequence[Term],
        nodes: dict[int, NamedNode | None],
        variables: Variables,
    ) -> None:
        index = maker.subject
        subject = nodes[index] if index in nodes else self._node(maker, nodes, variables)
        if subject is not None:
            for term in terms:
                triples.append(Triple(subject, maker.predicate, term))

    def _node(
        self, maker: Maker, nodes: dict[int, NamedNode | None], variables: Variables
    ) -> NamedNode | None:
        """The subject of a maker in this row, made once."""
        index = maker.subject
        iri = self._subjects[index](variables)
        try:
            nodes[index] = NamedNode(iri) if iri is not None else None
        except ValueError as error:
            nodes[index] = None
            self._refused(maker.name, str(error))
        return nodes[index]

    def _objects(self, maker: Maker, cell: Cell, variables: Variables) -> Sequence[Term]:
        try:
            return maker.of_cell(cell, variables)
        except ValueError as error:
            self._refused(maker.name, str(error))
            return ()

    def _object(self, maker: Maker, variables: Variables) -> Term | None:
        try:
            return maker.of_row(variables)
        except ValueError as error:
            self._refused(maker.name, str(error))
            return None


def _first(templates: Sequence[Template], variables: Variables) -> str | None:
    for template in templates:
        filled = template(variables)
        if filled is not None:
            return filled
    return None
