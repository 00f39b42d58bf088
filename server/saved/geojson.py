"""Rows with a place as GeoJSON (RFC 7946): a feature for each row, written as the rows come."""

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import IO, Any, Final

from pyoxigraph import BlankNode, Literal, NamedNode, QuerySolution, Triple, Variable

from loaders.tables.geometries import check, positions, read_text
from ontology import iri
from server.http.negotiation import Format

GEOJSON: Final = Format("geojson", "application/geo+json", "geojson", ("application/vnd.geo+json",))
WKT: Final = "wkt"
LATITUDE, LONGITUDE = "latitude", "longitude"
_INTEGERS = frozenset(map(iri, ("xsd:integer", "xsd:int", "xsd:long")))
_NUMBERS = frozenset(map(iri, ("xsd:decimal", "xsd:double", "xsd:float")))
_BOOLEAN = iri("xsd:boolean")
Term = NamedNode | Literal | BlankNode | Triple | None


def has_place(columns: Collection[str]) -> bool:
    """Whether rows of these columns can be features: a column `wkt`, or latitude and longitude."""
    return WKT in columns or {LATITUDE, LONGITUDE} <= set(columns)


def write(variables: Sequence[Variable], rows: Iterable[QuerySolution], file: IO[bytes]) -> None:
    """Write a FeatureCollection; what has no place, or none in WGS84, is a feature without geometry."""
    names = [variable.value for variable in variables]
    file.write(b'{"type":"FeatureCollection","features":[')
    between = b"\n"
    for row in rows:
        feature = json.dumps(_feature(names, row), ensure_ascii=False, separators=(",", ":"))
        file.write(between + feature.encode())
        between = b",\n"
    file.write(b"\n]}\n")


def _feature(names: Sequence[str], row: QuerySolution) -> dict[str, Any]:
    terms: dict[str, Term] = dict(zip(names, row, strict=True))
    feature: dict[str, Any] = {"type": "Feature"}
    own = next((term.value for term in terms.values() if isinstance(term, NamedNode)), None)
    if own is not None:
        feature["id"] = own
    feature["geometry"] = geometry(terms)
    used = {WKT} if WKT in terms else {LATITUDE, LONGITUDE}
    feature["properties"] = {name: plain(term) for name, term in terms.items() if name not in used}
    return feature


def geometry(terms: dict[str, Term]) -> dict[str, Any] | None:
    """The place of a row, longitude first (RFC 7946, 3.1.1); None when it has none that is sure."""
    try:
        if (wkt := terms.get(WKT)) is not None:
            return _of_wkt(str(plain(wkt)))
        latitude, longitude = (float(str(plain(terms.get(name)))) for name in (LATITUDE, LONGITUDE))
    except ValueError:
        return None
    return _on_earth({"type": "Point", "coordinates": [longitude, latitude]})


def _of_wkt(text: str) -> dict[str, Any] | None:
    found, system = read_text(text)
    shape = {"type": found["type"], "coordinates": found["coordinates"]}
    check(shape)
    if system == "EPSG:4326" and text.lstrip().startswith("<"):
        for position in positions(shape["coordinates"]):  # by its IRI this system has latitude first
            position[:2] = position[1::-1]
    elif system is not None:
        return None
    return _on_earth(shape)


def _on_earth(shape: dict[str, Any]) -> dict[str, Any] | None:
    """The shape, when all its positions are degrees."""
    inside = all(
        len(position) > 1 and abs(position[0]) <= 180 and abs(position[1]) <= 90
        for position in positions(shape["coordinates"])
    )
    return shape if inside else None


def plain(term: Term) -> str | int | float | bool | None:
    """A term as JSON has it: numbers and truth values as such, everything else as text."""
    if isinstance(term, Literal):
        return _value(term.value, term.datatype.value)
    return str(term) if isinstance(term, Triple) else term.value if term is not None else None


def _value(text: str, datatype: str) -> str | int | float | bool:
    if datatype in _INTEGERS:
        return int(text)
    if datatype in _NUMBERS:
        number = float(text)
        return number if number - number == 0 else text  # JSON has neither infinity nor NaN
    return text == "true" if datatype == _BOOLEAN else text


def cells(row: QuerySolution) -> Iterator[str | int | float | bool | None]:
    """The values of a row as JSON has them."""
    return (plain(term) for term in row)
