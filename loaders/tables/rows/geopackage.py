"""Rows of a GeoPackage (OGC 12-128), read with SQLite alone."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from loaders.tables.rows import Geometry, Note, Row, Table, Value
from loaders.tables.rows.wkb import read_geopackage
from ontology.errors import SourceError

# A damaged file may break even the text of SQLite's own message.
_DAMAGED: Final = (sqlite3.DatabaseError, UnicodeDecodeError)
_LAYERS: Final = """
SELECT c.table_name, g.column_name, s.organization, s.organization_coordsys_id
FROM gpkg_contents c
LEFT JOIN gpkg_geometry_columns g ON g.table_name = c.table_name
LEFT JOIN gpkg_spatial_ref_sys s ON s.srs_id = g.srs_id
WHERE c.data_type IN ('features', 'attributes') ORDER BY c.table_name
"""


class _Layer(NamedTuple):
    table: str
    geometry: str | None
    organization: str | None
    code: int | None

    @property
    def crs(self) -> str | None:
        known = (self.organization or "").upper() == "EPSG" and (self.code or 0) > 0
        return f"EPSG:{self.code}" if known else None


def read(path: Path, note: Note) -> Iterator[Table]:
    """The layers of a GeoPackage; SourceError when the file is an SQLite database of another kind."""
    # The file comes from outside: immutable and without trust in what its schema would run.
    address = f"file:{quote(str(path.absolute()))}?mode=ro&immutable=1"
    with closing(sqlite3.connect(address, uri=True)) as database:
        database.text_factory = lambda text: text.decode("utf-8", errors="replace")
        try:
            database.execute("PRAGMA trusted_schema = OFF")
            layers = [_Layer(*row) for row in database.execute(_LAYERS)]
        except _DAMAGED as error:
            raise SourceError(f"{path}: an SQLite file, but no GeoPackage: {error}") from error
        for layer in layers:
            try:
                yield _table(database, layer, note)
            except _DAMAGED as error:
                note("broken", (f"i lagret {layer.table}: {error}", f"in the layer {layer.table}: {error}"))


def _table(database: sqlite3.Connection, layer: _Layer, note: Note) -> Table:
    cursor = database.execute(f"SELECT rowid, * FROM {_quoted(layer.table)}")  # noqa: S608 - quoted
    names = [column[0] for column in cursor.description]
    titles = tuple(name for name in names[1:] if name != layer.geometry)
    return Table(layer.table, titles, _whole_rows(cursor, names, layer, note), layer.crs, typed=True)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _whole_rows(cursor: sqlite3.Cursor, names: list[str], layer: _Layer, note: Note) -> Iterator[Row]:
    """Rows up to where the file is damaged."""
    number = 0
    try:
        for row in _rows(cursor, names, layer):
            number = row.number
            yield row
    except _DAMAGED:
        note("broken", (f"efter rad {number}", f"after row {number}"))


def _rows(cursor: sqlite3.Cursor, names: list[str], layer: _Layer) -> Iterator[Row]:
    start = f"layer={quote(layer.table)}&rowid="
    for number, record in enumerate(cursor, 1):
        rowid, values = record[0], dict(zip(names[1:], record[1:], strict=True))
        geometry = _geometry(values.pop(layer.geometry, None)) if layer.geometry else None
        yield Row(number, f"{start}{rowid}", {name: _value(v) for name, v in values.items()}, geometry)


def _value(value: Any) -> Value:
    return value.decode("utf-8", errors="replace") if isinstance(value, bytes) else value


def _geometry(blob: Any) -> Geometry | None:
    """A geometry that cannot be read is handed on as one of no type, so that the row keeps its report."""
    if not isinstance(blob, bytes):
        return None
    try:
        return read_geopackage(blob)
    except ValueError as error:
        return {"type": f"({error})"}
