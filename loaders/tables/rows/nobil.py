"""Rows of NOBIL's charging stations (API version 3): a table of stations and one of their connectors."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from loaders.tables.geometries import read_text
from loaders.tables.rows import Geometry, Hints, Row, Table
from loaders.tables.rows.records import Head, Record

_KEY: Final = "International_id"


def tables(found: Iterable[Record], head: Head, hints: Hints) -> Iterator[Table]:
    """Stations with what holds for all of them, then, when the specification has a table for it, connectors.

    Attributes are columns by their English name with the text of their value (``trans``, else
    ``attrval``). A station's column of a connector's attribute holds the values of all its connectors.
    """
    if hints.schemas < 2:
        rows = (_station(number, record, head) for number, record in enumerate(found, 1))
        yield _table("stations", rows)
        return
    everything = list(found)  # two tables out of one pass; all of NOBIL's Sweden is some tens of megabytes
    yield _table("stations", (_station(n, record, head) for n, record in enumerate(everything, 1)))
    yield _table("connectors", _numbered(everything, head))


def _table(name: str, rows: Iterator[Row]) -> Table:
    first = next(rows, None)
    if first is None:
        return Table(name, (), iter(()), "EPSG:4326", typed=True)

    def again() -> Iterator[Row]:
        yield first
        yield from rows

    return Table(name, tuple(first.values), again(), "EPSG:4326", typed=True)


def _station(number: int, record: Record, head: Head) -> Row:
    general = dict(record.get("csmd", {}))
    attributes = record.get("attr", {})
    values: Record = {**general, **_attributes(attributes.get("st"))}
    per_connector = [_attributes(connector) for connector in _members(attributes.get("conn"))]
    for name in dict.fromkeys(name for connector in per_connector for name in connector):
        values.setdefault(name, tuple(dict.fromkeys(c[name] for c in per_connector if name in c)))
    return Row(number, f"{head.pointer}/{number - 1}", values, _position(general.get("Position")))


def _numbered(found: list[Record], head: Head) -> Iterator[Row]:
    number = 0
    for index, record in enumerate(found):
        key = record.get("csmd", {}).get(_KEY)
        connectors = record.get("attr", {}).get("conn")
        for position, connector in (connectors or {}).items() if isinstance(connectors, dict) else ():
            number += 1
            fragment = f"{head.pointer}/{index}/attr/conn/{position}"
            yield Row(number, fragment, {_KEY: key, "connector_number": position, **_attributes(connector)})


def _members(given: Any) -> list[Any]:
    """The members of what NOBIL writes as an object with numbers for names, or as an empty list."""
    return list(given.values()) if isinstance(given, dict) else list(given or ())


def _attributes(given: Any) -> dict[str, str]:
    found = (item for item in _members(given) if isinstance(item, dict) and item.get("attrname"))
    return {item["attrname"]: str(item.get("trans") or item.get("attrval") or "") for item in found}


def _position(written: Any) -> Geometry | None:
    """``(59.85178,17.64124)``: latitude first, in WGS84."""
    try:
        return read_text(str(written))[0] if written else None
    except ValueError:
        return None
