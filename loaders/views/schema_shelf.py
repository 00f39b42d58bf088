"""The schema.org view: JSON-LD only, each dataset whole in one object."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, Self

from loaders.views.catalogues import Catalogues
from loaders.views.ledger import preferred
from loaders.views.pieces import Piece
from loaders.views.profiles import Profile
from loaders.views.records import PUBLISHER, SERVICE, Record, Records
from loaders.views.schema_org import CONTEXT, SchemaOrg, to_json
from loaders.views.shelf import Document, Shelf
from loaders.views.syntaxes import JsonLd
from loaders.views.terms import Pair, name, types, value, values

SCHEMA_ORG: Final = Profile("schema.org", CONTEXT, "schema.org", ())
_TITLE, _DESCRIPTION = name("dcterms:title"), name("dcterms:description")


class SchemaShelf:
    """Writes the schema.org view beside the shelves of the RDF profiles."""

    def __init__(self, folder: Path, records: Records, catalogues: Catalogues) -> None:
        self._shelf = Shelf(folder, SCHEMA_ORG, JsonLd())
        self._schema = SchemaOrg(records)
        self._opening = self._open(catalogues.about_main(), value(catalogues.main))
        self._shelf.add(self._opening)
        self._nothing = self._shelf.add_ending("")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._shelf.close()

    def _open(self, pairs: Sequence[Pair], iri: str) -> str:
        catalogue: dict[str, Any] = {
            "@id": iri,
            "@type": "DataCatalog",
            "name": preferred(pairs, _TITLE),
            "description": preferred(pairs, _DESCRIPTION),
            "publisher": [{"@id": value(term)} for term in values(pairs, PUBLISHER)],
        }
        return f'{{"@context": {json.dumps(CONTEXT)},\n"@graph": [\n{to_json(catalogue)}'

    def add(self, records: Sequence[Record]) -> Piece:
        """Write records as one piece."""
        return self._shelf.add("".join(f",\n{to_json(self._object(record))}" for record in records))

    @property
    def name(self) -> str:
        """The name of the file."""
        return self._shelf.name

    def copy(self, piece: Piece, folder: Path) -> Piece:
        """Take a piece over from another folder."""
        return self._shelf.copy(piece, folder)

    def _object(self, record: Record) -> dict[str, Any]:
        if SERVICE in types(record.root.node.pairs):
            return self._schema.service(record)
        return self._schema.dataset(record)

    def page(self, number: int, pieces: Sequence[Piece], items: int) -> None:
        """Make a page of pieces."""
        self._shelf.cut("page", str(number), pieces, self._opening, self._nothing, items)

    def publisher(
        self, slug: str, iri: str, about: Sequence[Pair], pieces: Sequence[Piece], items: int
    ) -> None:
        """Make the catalogue of a publisher."""
        self._shelf.cut("publisher", slug, pieces, self._open(about, iri), self._nothing, items)

    def finish(self, items: int) -> Iterator[Document]:
        """Write the end of the whole; gives the rows of all documents."""
        self._shelf.finish(items)
        yield from self._shelf.documents
