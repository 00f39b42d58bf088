"""Turns the values of one row into triples, by the templates of its schema."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from pyoxigraph import NamedNode, Triple

from loaders.columns import Cell, ColumnReader, Term
from loaders.csvw import Column, Schema
from loaders.templates import Template, text_template, uri_template, whole_name

Variables = dict[str, str]
Node = Callable[[str], NamedNode]
Refused = Callable[[str, str], None]
"""Takes the name of a column and the text that is no IRI."""


class Maker:
    """Makes the triples of one column: which subject, which predicate, which objects."""

    def __init__(self, column: Column, predicate: str, base: str) -> None:
        self.column = column
        self.predicate = NamedNode(whole_name(predicate))
        self.about = uri_template(column.about, base) if column.about else None
        self.iris = tuple(uri_template(template, base) for template in column.values)
        self.texts = tuple(text_template(template) for template in column.texts)
        self.literal = ColumnReader(column, column.name).term

    def objects(self, cell: Cell | None, variables: Variables, node: Node) -> Sequence[Term]:
        """The objects of a row: IRIs where the column has templates, else the cell's own terms."""
        if self.column.virtual:
            return self._virtual(variables, node)
        if cell is None or not cell.terms:
            return ()
        if not self.iris:
            return cell.terms
        name = self.column.name
        filled = [_first(self.iris, {**variables, name: text}) for text in cell.texts]
        return [node(iri) for iri in filled if iri is not None]

    def _virtual(self, variables: Variables, node: Node) -> Sequence[Term]:
        groups = self.column.when
        if groups and not any(all(name in variables for name in group) for group in groups):
            return ()
        if self.iris:
            iri = _first(self.iris, variables)
            return (node(iri),) if iri is not None else ()
        text = _first(self.texts, variables)
        return (self.literal(text),) if text is not None else ()


class Things:
    """All makers of a schema; gives the triples of a row once its thing has an IRI."""

    def __init__(self, schema: Schema, base: str, refused: Refused) -> None:
        self._makers = [Maker(c, c.property, base) for c in schema.columns if c.property and not c.suppressed]
        self._refused = refused

    def triples(self, about: NamedNode, cells: Mapping[str, Cell], variables: Variables) -> Iterator[Triple]:
        """The triples of one row; an IRI that is not valid loses its own triple only."""
        nodes = {about.value: about}

        def node(iri: str) -> NamedNode:
            found = nodes.get(iri)
            if found is None:
                found = nodes[iri] = NamedNode(iri)
            return found

        for maker in self._makers:
            try:
                subject = about
                if maker.about is not None:
                    iri = maker.about(variables)
                    if iri is None:
                        continue
                    subject = node(iri)
                for term in maker.objects(cells.get(maker.column.name), variables, node):
                    yield Triple(subject, maker.predicate, term)
            except ValueError as error:
                self._refused(maker.column.name, str(error))


def _first(templates: Sequence[Template], variables: Variables) -> str | None:
    for template in templates:
        filled = template(variables)
        if filled is not None:
            return filled
    return None
