"""Readers: each format gives the same rows, whatever stands around or instead of them."""

import gzip
import json
import sqlite3
import struct
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from loaders.tables.rows import Hints, Row, plain
from loaders.tables.rows.header import find_header, unique_titles
from loaders.tables.rows.recognise import open_tables
from loaders.tables.rows.wkb import read as read_wkb
from ontology.errors import SourceError

TITLES = frozenset({"id", "name"})
Noted = list[tuple[str, str | tuple[str, str]]]


def _open(path: Path, schemas: int = 1) -> tuple[list[list[Row]], Noted, Any]:
    noted: Noted = []
    tables = []
    crs = None
    for table in open_tables(path, Hints(TITLES, schemas), lambda rule, detail: noted.append((rule, detail))):
        crs = table.crs
        tables.append(list(table.rows))
    return tables, noted, crs


def _rows(path: Path) -> list[Row]:
    (rows,), _, _ = _open(path)
    return rows


def _file(folder: Path, content: bytes | str, name: str = "document") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


RECORDS = [{"id": 1, "name": "Ett", "open": True}, {"id": 2, "name": "Två", "open": False}]
FEATURES = [
    {"type": "Feature", "properties": record, "geometry": {"type": "Point", "coordinates": [18.0, 59.0]}}
    for record in RECORDS
]


def _xlsx(folder: Path, sheets: dict[str, list[list[Any]]]) -> Path:
    path = folder / "document"
    with xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd"}) as workbook:
        for name, rows in sheets.items():
            sheet = workbook.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return path


JSON_FORMS: dict[str, Callable[[], Any]] = {
    "array": lambda: RECORDS,
    "member": lambda: {"Platser": RECORDS},
    "deep": lambda: {"result": {"total": 2, "records": RECORDS}},
    "rowstore": lambda: {"resultCount": 2, "offset": 0, "limit": 100, "results": RECORDS},
    "geojson": lambda: {"type": "FeatureCollection", "features": FEATURES},
    "arcgis": lambda: {
        "fields": [{"name": "id", "type": "esriFieldTypeOID"}],
        "features": [{"attributes": record, "geometry": {"x": 18.0, "y": 59.0}} for record in RECORDS],
    },
}


@pytest.mark.parametrize("form", JSON_FORMS)
def test_records_are_found_wherever_they_stand(tmp_path: Path, form: str) -> None:
    """Every shape of JSON gives its records with their types and a JSON pointer as their place."""
    rows = _rows(_file(tmp_path, json.dumps(JSON_FORMS[form]())))
    assert [dict(row.values) for row in rows] == RECORDS
    assert [row.number for row in rows] == [1, 2]
    assert rows[1].fragment.endswith("/1")


@pytest.mark.parametrize(
    ("before", "after", "rule"),
    [
        ("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n", "", "http-head"),
        ("\ufeff", "", None),
        ("", '"%"', "trailing-garbage"),
        ("", "%", "trailing-garbage"),
    ],
)
def test_what_does_not_belong_is_passed_over(
    tmp_path: Path, before: str, after: str, rule: str | None
) -> None:
    """HTTP headers, a byte order mark and a shell's prompt cost no record."""
    (rows,), noted, _ = _open(_file(tmp_path, before + json.dumps(RECORDS) + after))
    assert len(rows) == 2
    assert [name for name, _ in noted if name != "broken"] == ([rule] if rule else [])


def test_a_gzip_file_is_opened(tmp_path: Path) -> None:
    """A compressed document reads as what is in it."""
    assert len(_rows(_file(tmp_path, gzip.compress(json.dumps(RECORDS).encode())))) == 2
    assert len(_rows(_file(tmp_path, gzip.compress(b"id,name\n1,Ett\n")))) == 1


@pytest.mark.parametrize("keep", [0.3, 0.5, 0.99])
def test_a_file_cut_off_keeps_its_whole_records(tmp_path: Path, keep: float) -> None:
    """What stands before the cut is read, and that the rest is missing is said."""
    text = json.dumps([{"id": n, "name": f"Plats {n}"} for n in range(1000)])
    (rows,), noted, _ = _open(_file(tmp_path, text[: int(len(text) * keep)]))
    whole = json.loads(text[: text.rindex("}", 0, int(len(text) * keep)) + 1] + "]")
    assert [dict(row.values) for row in rows] == whole
    assert "truncated" in [name for name, _ in noted]


def test_a_fault_in_the_middle_keeps_what_stands_before(tmp_path: Path) -> None:
    """A missing comma ends the reading there, with the number of the last whole record."""
    text = '[{"id": 1}, {"id": 2} {"id": 3}]'
    (rows,), noted, _ = _open(_file(tmp_path, text))
    assert len(rows) == 2
    assert noted == [("broken", ("efter post 2", "after record 2"))]


def test_json_inside_a_json_text(tmp_path: Path) -> None:
    """A program that wrote the answer of a service as a text costs no record; cut off or not."""
    text = json.dumps(json.dumps(RECORDS))
    (rows,), noted, _ = _open(_file(tmp_path, text))
    assert [dict(row.values) for row in rows] == RECORDS
    assert noted == [("wrapped", "")]
    (rows,), noted, _ = _open(_file(tmp_path, text[:-20]))
    assert len(rows) == 1


def test_a_page_of_several_says_so(tmp_path: Path) -> None:
    """A RowStore answer that counts more rows than it holds, and an ArcGIS one that was limited."""
    _, noted, _ = _open(_file(tmp_path, json.dumps({"resultCount": 250, "offset": 0, "results": RECORDS})))
    assert noted == [("paged", ("2 av 250", "2 of 250"))]
    limited = {"exceededTransferLimit": True, "features": [{"attributes": {"id": 1}}]}
    _, noted, _ = _open(_file(tmp_path, json.dumps(limited)))
    assert noted == [("paged", ("de första 1", "the first 1"))]


def test_pages_one_after_the_other_are_one_table(tmp_path: Path) -> None:
    """The answers of a paged service, stored in one file, give all their rows."""
    pages = [{"resultCount": 4, "results": RECORDS}, {"resultCount": 4, "results": RECORDS}]
    (rows,), noted, _ = _open(_file(tmp_path, "\n".join(map(json.dumps, pages))))
    assert len(rows) == 4
    assert noted == []


@pytest.mark.parametrize("at_the_end", [False, True])
def test_the_legacy_crs_member_is_found_at_either_end(tmp_path: Path, at_the_end: bool) -> None:
    """GeoJSON of 2008 names its coordinate system before or after the features."""
    crs: dict[str, Any] = {"crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3011"}}}
    features: dict[str, Any] = {"features": FEATURES}
    document = {"type": "FeatureCollection", **(features | crs if at_the_end else crs | features)}
    _, _, found = _open(_file(tmp_path, json.dumps(document)))
    assert found == "urn:ogc:def:crs:EPSG::3011"


def test_ids_of_features(tmp_path: Path) -> None:
    """A feature's own id counts, unless its properties have one or GeoServer made it for this answer only."""
    features = [
        {"type": "Feature", "id": 7, "properties": {"name": "a"}, "geometry": None},
        {"type": "Feature", "id": "layer.fid-5b_1", "properties": {"name": "b"}, "geometry": None},
        {"type": "Feature", "id": 9, "properties": {"id": "own"}, "geometry": None},
    ]
    rows = _rows(_file(tmp_path, json.dumps({"features": features})))
    assert [row.values.get("id") for row in rows] == [7, None, "own"]


def test_arcgis_dates_and_shapes(tmp_path: Path) -> None:
    """Milliseconds since 1970 become moments where the fields say so; rings become polygons."""
    ring = [[0, 0], [1, 0], [1, 1], [0, 0]]
    document = {
        "spatialReference": {"wkid": 102100, "latestWkid": 3857},
        "fields": [{"name": "edited", "type": "esriFieldTypeDate"}],
        "features": [{"attributes": {"id": 1, "edited": 1717200000000}, "geometry": {"rings": [ring]}}],
    }
    ((row,),), _, crs = _open(_file(tmp_path, json.dumps(document)))
    assert row.values["edited"] == datetime(2024, 6, 1, tzinfo=UTC)
    assert row.geometry == {"type": "Polygon", "coordinates": [ring]}
    assert crs == "EPSG:3857"


def test_objects_in_objects_get_names_with_dots(tmp_path: Path) -> None:
    """Nested members are columns too; lists of plain values are cells with several values."""
    record = {"id": 1, "location": {"gps": {"lat": 59.3}}, "methods": ["Kort", "App"]}
    plugs = {"plugs": [{"kW": 22, "kind": "Typ 2"}, {"kW": 50}, "loose"]}
    (row,) = _rows(_file(tmp_path, json.dumps([record | plugs])))
    expected = {"id": 1, "location.gps.lat": Decimal("59.3"), "methods": ("Kort", "App")}
    assert row.values == expected | {"plugs.kW": (22, 50), "plugs.kind": ("Typ 2",)}


def _attribute(name: str, text: str) -> dict[str, str]:
    return {"attrtypeid": "1", "attrname": name, "attrvalid": "1", "trans": text, "attrval": ""}


STATION = {
    "csmd": {"name": "Torget", "Position": "(59.85178,17.64124)", "International_id": "SWE_03108"},
    "attr": {
        "st": {"24": _attribute("Open 24h", "Yes")},
        "conn": {
            "1": {"4": _attribute("Connector", "Type 2"), "5": _attribute("Charging capacity", "22 kW")},
            "2": {"4": _attribute("Connector", "CCS"), "5": _attribute("Charging capacity", "22 kW")},
        },
    },
}


def test_nobil_stations_carry_what_their_connectors_have(tmp_path: Path) -> None:
    """One row a station: attributes by name, different values of its connectors, the position as a point."""
    document = json.dumps({"Provider": "NOBIL.no", "chargerstations": [STATION]})
    ((row,),), _, crs = _open(_file(tmp_path, document))
    assert row.values["Open 24h"] == "Yes"
    assert row.values["Connector"] == ("Type 2", "CCS")
    assert row.values["Charging capacity"] == ("22 kW",)
    assert row.geometry == {"type": "Point", "coordinates": [17.64124, 59.85178]}
    assert crs == "EPSG:4326"
    assert row.fragment == "/chargerstations/0"


def test_nobil_connectors_are_a_second_table_when_asked_for(tmp_path: Path) -> None:
    """A specification with two tables gets one row a connector, with the key of its station."""
    document = json.dumps({"chargerstations": [STATION, {**STATION, "attr": {"st": {}, "conn": []}}]})
    (stations, connectors), _, _ = _open(_file(tmp_path, document), schemas=2)
    assert len(stations) == 2
    assert [row.values["Connector"] for row in connectors] == ["Type 2", "CCS"]
    assert {row.values["International_id"] for row in connectors} == {"SWE_03108"}
    assert connectors[1].fragment == "/chargerstations/0/attr/conn/2"


# ---- workbooks


def test_a_workbook_keeps_its_types(tmp_path: Path) -> None:
    """Numbers, dates and booleans of a sheet stay what they are; title rows are passed over."""
    head = [["Badplatser 2024"], [], ["id", "name", "x"]]
    path = _xlsx(tmp_path, {"Blad1": [*head, [1, "Ett", date(2024, 6, 1)], [2.5, "", True]]})
    (rows,), noted, _ = _open(path)
    assert [row.values for row in rows] == [
        {"id": 1, "name": "Ett", "x": date(2024, 6, 1)},
        {"id": 2.5, "name": "", "x": True},
    ]
    assert [row.fragment for row in rows] == ["row=4", "row=5"]
    assert noted == [("title-rows", "2")]


def test_the_sheet_with_known_titles_is_taken(tmp_path: Path) -> None:
    """A cover sheet and an empty one are passed over; which sheet was read is said and is in the fragment."""
    path = _xlsx(tmp_path, {"Om": [["Läs mig"]], "Tom": [], "Data å": [["id"], [1]]})
    (rows,), noted, _ = _open(path)
    assert rows[0].fragment == "sheet=Data%20%C3%A5&row=2"
    assert noted == [("sheet", "Data å")]


def test_a_broken_workbook_is_one_sentence(tmp_path: Path) -> None:
    """A ZIP file that is no workbook is told, not thrown about."""
    with pytest.raises(SourceError, match="the workbook cannot be read"):
        _open(_file(tmp_path, b"PK\x03\x04 no workbook at all"))


# ---- GeoPackage and WKB


def _geopackage(folder: Path, geometry: bytes) -> Path:
    path = folder / "document"
    with closing(sqlite3.connect(path)) as database:
        database.executescript(
            """
            CREATE TABLE gpkg_contents (table_name TEXT, data_type TEXT);
            CREATE TABLE gpkg_geometry_columns (table_name TEXT, column_name TEXT, srs_id INTEGER);
            CREATE TABLE gpkg_spatial_ref_sys (srs_id INT, organization TEXT, organization_coordsys_id INT);
            INSERT INTO gpkg_contents VALUES ('bad "a"', 'features'), ('tiles', 'tiles');
            INSERT INTO gpkg_geometry_columns VALUES ('bad "a"', 'geom', 1);
            INSERT INTO gpkg_spatial_ref_sys VALUES (1, 'epsg', 3011);
            CREATE TABLE [bad "a"] (id INTEGER PRIMARY KEY, name TEXT, geom BLOB);
            """
        )
        database.execute('INSERT INTO [bad "a"] VALUES (1, ?, ?)', ("Ett", geometry))
        database.commit()
    return path


def _gp(wkb: bytes, flags: int = 1) -> bytes:
    return b"GP\x00" + bytes([flags]) + struct.pack("<i", 3011) + wkb


POINT = struct.pack("<BIdd", 1, 1, 150000.0, 6580000.0)


def test_a_geopackage_layer_is_a_table(tmp_path: Path) -> None:
    """Its features, their geometry and the coordinate system that the file declares."""
    ((row,),), _, crs = _open(_geopackage(tmp_path, _gp(POINT)))
    assert row.values == {"id": 1, "name": "Ett"}
    assert row.geometry == {"type": "Point", "coordinates": [150000.0, 6580000.0]}
    assert row.fragment == "layer=bad%20%22a%22&rowid=1"
    assert crs == "EPSG:3011"


@pytest.mark.parametrize(
    ("blob", "kind"),
    [
        (_gp(b"", flags=0b1_0001), None),
        (b"no geometry", "(no GeoPackage geometry)"),
        (_gp(POINT[:-3]), "(the geometry is cut off)"),
        (_gp(struct.pack("<BI", 1, 10)), "(a geometry of type 10)"),
    ],
)
def test_a_damaged_geometry_does_not_end_the_reading(tmp_path: Path, blob: bytes, kind: str | None) -> None:
    """An empty geometry is none; one that cannot be read says why, in the place of its type."""
    ((row,),), _, _ = _open(_geopackage(tmp_path, blob))
    assert (row.geometry or {}).get("type") == kind


def test_an_sqlite_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    """Not every SQLite database is a GeoPackage."""
    with closing(sqlite3.connect(tmp_path / "document")) as database:
        database.execute("CREATE TABLE t (a)")
        database.commit()
    with pytest.raises(SourceError, match="no GeoPackage"):
        _open(tmp_path / "document")


RING = struct.pack("<I", 3) + struct.pack("<6d", 0, 0, 1, 0, 1, 1)
WKB: dict[str, tuple[bytes, Any]] = {
    "big endian": (struct.pack(">BIdd", 0, 1, 1, 2), [1.0, 2.0]),
    "with height": (struct.pack("<BIddd", 1, 1001, 1, 2, 3), [1.0, 2.0]),
    "with height and measure": (struct.pack("<BIdddd", 1, 3001, 1, 2, 3, 4), [1.0, 2.0]),
    "EWKB": (struct.pack("<BIIddd", 1, 0xA0000001, 3011, 1, 2, 3), [1.0, 2.0]),
    "line": (struct.pack("<BI", 1, 2) + RING, [[0, 0], [1, 0], [1, 1]]),
    "polygon": (struct.pack("<BII", 1, 3, 1) + RING, [[[0, 0], [1, 0], [1, 1]]]),
    "multipolygon": (
        struct.pack("<BII", 1, 6, 1) + struct.pack("<BII", 1, 3, 1) + RING,
        [[[[0, 0], [1, 0], [1, 1]]]],
    ),
}


@pytest.mark.parametrize("name", WKB)
def test_well_known_binary(name: str) -> None:
    """Byte orders, dimensions and nesting of WKB and EWKB."""
    blob, coordinates = WKB[name]
    assert read_wkb(blob)["coordinates"] == coordinates


def test_a_count_that_lies_costs_no_memory() -> None:
    """A polygon that claims four thousand million rings is cut off, not waited for."""
    with pytest.raises(ValueError, match="cut off"):
        read_wkb(struct.pack("<BII", 1, 3, 0xFFFFFFFF))


# ---- XML

GML = """<wfs:FeatureCollection xmlns:wfs="http://www.opengis.net/wfs/2.0"
 xmlns:gml="http://www.opengis.net/gml/3.2" xmlns:app="https://example.se/app">{members}</wfs:FeatureCollection>"""
MEMBER = """<wfs:member><app:bad gml:id="bad.1"><gml:boundedBy><gml:Envelope/></gml:boundedBy>
<app:id>1</app:id><app:name>Ett</app:name><app:geom>{geometry}</app:geom></app:bad></wfs:member>"""


@pytest.mark.parametrize(
    ("geometry", "kind", "coordinates"),
    [
        ("<gml:Point SRS><gml:pos>1 2</gml:pos></gml:Point>", "Point", [1, 2]),
        (
            "<gml:LineString SRS><gml:posList>1 2 3 4</gml:posList></gml:LineString>",
            "LineString",
            [[1, 2], [3, 4]],
        ),
        (
            "<gml:Polygon SRS><gml:exterior><gml:LinearRing>"
            "<gml:posList>0 0 1 0 1 1 0 0</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon>",
            "Polygon",
            [[[0, 0], [1, 0], [1, 1], [0, 0]]],
        ),
        (
            "<gml:MultiPoint SRS><gml:pointMember><gml:Point>"
            "<gml:coordinates>1,2</gml:coordinates></gml:Point></gml:pointMember></gml:MultiPoint>",
            "MultiPoint",
            [[1, 2]],
        ),
    ],
)
def test_gml_features(tmp_path: Path, geometry: str, kind: str, coordinates: Any) -> None:
    """Members of a WFS answer with their properties, geometry and coordinate system."""
    geometry = geometry.replace("SRS", "srsName='urn:ogc:def:crs:EPSG::3006'")
    path = _file(tmp_path, GML.format(members=MEMBER.format(geometry=geometry)))
    ((row,),), _, crs = _open(path)
    assert row.values == {"id": "1", "name": "Ett"}
    assert row.geometry == {"type": kind, "coordinates": coordinates}
    assert crs == "urn:ogc:def:crs:EPSG::3006"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", "the file is empty"),
        ("  \n", "the file is empty"),
        ("<!DOCTYPE html><html></html>", "a web page"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "with a document type"),
        ("<a><b/></a>", "XML without GML features"),
        ("<a><b></a>", "the XML is broken"),
    ],
)
def test_what_is_no_table_is_refused_in_one_sentence(tmp_path: Path, content: str, expected: str) -> None:
    """An error page or an empty answer is told as what it is."""
    with pytest.raises(SourceError, match=expected):
        _open(_file(tmp_path, content))


# ---- headers


@pytest.mark.parametrize(
    ("rows", "index"),
    [
        ([["id", "name"], ["1", "x"]], 0),
        ([["Titel", ""], ["id", "name"], ["1", "x"]], 1),
        ([["Titel", "", ""], ["", "", ""], ["a", "b", "c"], ["1", "2", "3"], ["4", "5", "6"]], 2),
        ([["1", "2"], ["3", "4"]], 0),
    ],
)
def test_the_header_is_found(rows: list[list[str]], index: int) -> None:
    """By known titles where there are some, else by fullness."""
    assert find_header(rows, TITLES) == index


def test_titles_are_made_unique() -> None:
    """Empty titles get a number, repeated ones are told apart, empty ones at the end are no columns."""
    assert unique_titles(["a", "", "a", "b", "", " "]) == ("a", "_col.2", "a (2)", "b")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Namn på plats", "namn_pa_plats"),
        ("Koordinat_Lat_(WGS84)", "koordinat lat wgs84"),
        ("\ufeffplace_id", "Place ID"),
        ("E-post", "epost"),
    ],
)
def test_titles_are_compared_without_their_dress(one: str, other: str) -> None:
    """Case, blanks, accents and signs make no difference."""
    assert plain(one) == plain(other)
