"""GeoJSON and Excel written from rows: every kind of value, places that are none, and hostile texts."""

import io
import json
import zipfile
from datetime import date
from typing import Any

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, QuerySolutions, Store
from python_calamine import CalamineWorkbook

from ontology import iri
from server.saved import geojson, spreadsheet
from server.saved.geojson import Term

CRS84 = "<http://www.opengis.net/def/crs/OGC/1.3/CRS84>"
EPSG = "<http://www.opengis.net/def/crs/EPSG/0/{0}>"
POINT = {"type": "Point", "coordinates": [18.0, 59.0]}
HOSTILE = [
    *("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x/")', "=cmd|' /C calc'!A0"),
    *("http://example.org/", "mailto:a@example.org", "{=1}", "<f>1</f>", "&amp;", "_x0041_", "0182", " x "),
]


def typed(text: str, datatype: str) -> Literal:
    """A literal with a datatype by prefixed name."""
    return Literal(text, datatype=NamedNode(iri(datatype)))


def solutions(*terms: Term, name: str = "value") -> QuerySolutions:
    """A row for each term, in one column."""
    store = Store()
    for number, term in enumerate(terms):
        if term is not None:
            node = NamedNode(f"https://example.org/{number:06}")
            store.add(Quad(node, NamedNode("https://example.org/p"), term))
    text = f"SELECT ?{name} {{ ?s ?p ?{name} }} ORDER BY ?s"
    found = store.query(text)
    assert isinstance(found, QuerySolutions)
    return found


def features(*terms: Term, name: str = "value") -> list[dict[str, Any]]:
    """The features of rows with one column."""
    body, found = io.BytesIO(), solutions(*terms, name=name)
    geojson.write(found.variables, found, body)
    features: list[dict[str, Any]] = json.loads(body.getvalue())["features"]
    return features


def workbook(*terms: Term) -> bytes:
    """A workbook of rows with one column."""
    body, found = io.BytesIO(), solutions(*terms)
    spreadsheet.write(found.variables, found, body)
    return body.getvalue()


def cells(body: bytes) -> list[object]:
    """The cells of the first column below its name, as another library reads them."""
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(body)).get_sheet_by_index(0)
    return [row[0] for row in sheet.to_python()[1:]]


@pytest.mark.parametrize(
    ("wkt", "expected"),
    [
        ("POINT(18 59)", POINT),
        ("Point (18.0 59.0)", POINT),
        (f"{CRS84} POINT(18 59)", POINT),
        (EPSG.format(4326) + " POINT(59 18)", POINT),
        ("LINESTRING(18 59, 19 60)", {"type": "LineString", "coordinates": [[18.0, 59.0], [19.0, 60.0]]}),
        (
            "MULTIPOLYGON(((1 2,3 4,5 6,1 2)))",
            {"type": "MultiPolygon", "coordinates": [[[[1, 2], [3, 4], [5, 6], [1, 2]]]]},
        ),
        ("POINT EMPTY", None),
        ("POINT(18)", None),
        ("POINT(674032 6580822)", None),
        (EPSG.format(3006) + " POINT(674032 6580822)", None),
        ("here", None),
        ("POINT(18 59", None),
        ("POLYGON((18 59))x(", {"type": "Polygon", "coordinates": [[[18.0, 59.0]]]}),
    ],
)
def test_places(wkt: str, expected: dict[str, Any] | None) -> None:
    """WKT becomes the geometry it says in WGS84; what is unsure becomes none, never a wrong place."""
    (feature,) = features(typed(wkt, "geo:wktLiteral"), name="wkt")
    assert feature == {"type": "Feature", "geometry": expected, "properties": {}}


@pytest.mark.parametrize(
    ("latitude", "longitude", "expected"),
    [
        (typed("59", "xsd:decimal"), Literal("18.0"), POINT),
        (Literal("91"), Literal("18"), None),
        (None, Literal("18"), None),
        (Literal("nan"), Literal("18"), None),
    ],
)
def test_latitude_and_longitude(latitude: Term, longitude: Term, expected: object) -> None:
    """Two columns are a point when they are degrees."""
    assert geojson.geometry({"latitude": latitude, "longitude": longitude}) == expected


def test_properties_have_their_types() -> None:
    """Numbers and truth values as JSON's own, IRIs as text and as the id, everything else as text."""
    terms: list[Term] = [
        Literal(7), Literal(1.5), typed("2.50", "xsd:decimal"), typed("INF", "xsd:double"), Literal(True),
        Literal("å\n\"", language="sv"), typed("2026-11-24", "xsd:date"), NamedNode("https://example.org/x"),
    ]  # fmt: skip
    found = features(*terms)
    values = [feature["properties"]["value"] for feature in found]
    assert values == [7, 1.5, 2.5, "INF", True, 'å\n"', "2026-11-24", "https://example.org/x"]
    assert [feature.get("id") for feature in found] == [None] * 7 + ["https://example.org/x"]


def test_no_rows_are_a_collection_too() -> None:
    """An empty answer is valid GeoJSON."""
    assert features() == []


def test_no_text_is_a_formula_or_a_link() -> None:
    """Texts stay what they are, to the letter, and the file has neither formulas nor links in it."""
    body = workbook(*(Literal(text) for text in HOSTILE))
    assert cells(body) == HOSTILE
    with zipfile.ZipFile(io.BytesIO(body)) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet and "hyperlink" not in sheet


def test_cells_have_their_types() -> None:
    """Numbers, dates and truth values can be reckoned with; long numbers and codes lose no digit."""
    body = workbook(
        Literal(7), Literal(1.5), Literal(True), typed("2026-11-24", "xsd:date"), Literal("0114"),
        Literal(2**60), typed("NaN", "xsd:double"), typed("0001-01-01", "xsd:date"), BlankNode("b"),
        typed("2026-11-24T10:00:00+01:00", "xsd:dateTime"), Literal("\x00\x07 control".replace("\x00", "")),
    )  # fmt: skip
    found = cells(body)
    assert found[:7] == [7, 1.5, True, date(2026, 11, 24), "0114", str(2**60), "NaN"]
    assert found[7] == "0001-01-01"
    assert str(found[9]).startswith("2026-11-24T")
    assert "control" in str(found[10])


def test_a_cell_that_is_too_long_says_so() -> None:
    """Excel holds 32,767 characters in a cell; what is cut tells how long it was."""
    (found,) = cells(workbook(Literal("å" * 40_000)))
    assert len(str(found)) == spreadsheet.LONGEST
    assert str(found).endswith("… [40000]")


def test_the_same_rows_are_the_same_bytes() -> None:
    """So that the ETag of a workbook is true."""
    assert workbook(Literal("a"), Literal(1)) == workbook(Literal("a"), Literal(1))
