"""Which specification a table follows, told by its header alone."""

from collections import Counter
from collections.abc import Sequence
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

from loaders.tables.columns import Titles
from loaders.tables.csvw import Schema, find_specification, read_specification, specification_names
from loaders.tables.rows import Hints, Row, plain
from loaders.tables.rows.recognise import open_tables
from ontology.errors import SourceError

_CORE: Final = "place"  # what the others extend; no table follows it alone
_POSITION: Final = frozenset({"latitude", "longitude"})
_ENOUGH: Final = 2  # titles that only one specification has


class Sample(NamedTuple):
    """The titles of the first table that has rows, and its first rows."""

    titles: tuple[str, ...]
    rows: tuple[Row, ...]


class Fit(NamedTuple):
    """How well a specification knows a table's titles; ``own`` are those that no other specification has."""

    name: str
    own: int
    known: int
    missing: tuple[str, ...]
    sure: bool


def sample(file: Path, size: int) -> Sample:
    """Read the beginning of a table of any format; SourceError when there is none."""
    hints = Hints(frozenset[str]().union(*(titles(schema).known() for _, schema in _schemas())))
    for table in open_tables(file, hints, lambda rule, detail: None):
        rows = tuple(islice(table.rows, size))
        if rows:
            found = table.titles or tuple(dict.fromkeys(title for row in rows for title in row.values))
            return Sample(found, rows)
    raise SourceError(f"{file}: no table with rows was found in it")


def titles(schema: Schema) -> Titles:
    """The titles of a schema for comparing headers: its codes do not matter."""
    return Titles(schema, {})


def fits(table: Sample) -> list[Fit]:
    """All specifications that know some title of a table, the best first.

    A fit is sure when no required column is missing and the table has two titles, or an id, that only this
    specification has, and more of them than of any other.
    """
    found = [_fit(name, schema, table) for name, schema in _schemas() if name != _CORE]
    known = sorted((fit for fit in found if fit.known), key=lambda fit: (-fit.own, -fit.known, fit.name))
    return [fit._replace(sure=fit.sure and not index and _leads(known)) for index, fit in enumerate(known)]


def _leads(known: Sequence[Fit]) -> bool:
    return len(known) == 1 or known[0].own > known[1].own


def _fit(name: str, schema: Schema, table: Sample) -> Fit:
    bound = titles(schema)
    columns = {title: bound.bind(title)[0] for title in bound.ranked(table.titles)}
    names = {reader.column.name for reader in columns.values() if reader}
    own = [title for title, reader in columns.items() if reader and _owners()[plain(title)] == 1]
    given = names | (_POSITION if table.rows[0].geometry is not None or "geometry" in names else set())
    missing = tuple(c.titles[0] for c in schema.columns if c.required and c.name not in given)
    key = any(reader.column.name == "id" for title in own if (reader := columns[title]))
    return Fit(name, len(own), len(names), missing, not missing and (len(own) >= _ENOUGH or key))


@cache
def _schemas() -> tuple[tuple[str, Schema], ...]:
    files = [(name, find_specification(name, Path())) for name in specification_names()]
    return tuple((n, schema) for n, file in files if file for schema in read_specification(file).schemas)


@cache
def _owners() -> Counter[str]:
    """In how many specifications each title stands; the core counts as many."""
    owners: Counter[str] = Counter()
    for name, schema in _schemas():
        owners.update(dict.fromkeys(titles(schema).known(), 2 if name == _CORE else 1))
    return owners
