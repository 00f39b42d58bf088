"""Whatever bytes come, the conversion ends in a report or in one sentence, never in a traceback."""

import json
import sqlite3
import struct
import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from loaders.tables.findings import TabularReport
from loaders.tables.tabular import convert
from ontology import FOLDER
from ontology.errors import SourceError
from tests.fuzz import FUZZ, bounded

pytestmark = FUZZ

BATHING = FOLDER / "specifications" / "bathing-places"
TITLES = [
    "place_id",
    "name",
    "latitude",
    "longitude",
    "updated",
    "toilet",
    "watertype",
    "visit_url",
    "geometry",
    "x",
]
SETTINGS = bounded(50)

texts = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["59.3", "59,3", "ja", "2024-06-01", "lake", "POINT(18 59)", "(59,18)", '"', "a,b", "{}", "-", "=1"]
    ),
)
values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), texts),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(TITLES), inner, max_size=3)
    ),
    max_leaves=6,
)


def _converted(content: bytes) -> TabularReport | None:
    """The report, or None for a document that was refused."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "document"
        path.write_bytes(content)
        result = convert(path, BATHING, source="fuzz", base="https://odis.example/")
        try:
            count = sum(1 for _ in result.quads)
        except SourceError:
            return None
    report = result.report
    assert report.rows == report.kept + report.refused
    assert count == report.triples + 2
    assert all(list(report.sentences(language)) or not report.examples for language in ("sv", "en"))
    return report


@SETTINGS
@given(st.binary(max_size=400))
def test_any_bytes(content: bytes) -> None:
    """Noise is refused or read, nothing else."""
    _converted(content)


@SETTINGS
@given(st.lists(st.lists(texts, max_size=12), min_size=1, max_size=6), st.sampled_from(",;|\t"))
def test_any_csv(rows: list[list[str]], delimiter: str) -> None:
    """Rows of any length and content under a known header, quoted or not, each accounted for."""
    lines = [delimiter.join(TITLES), *(delimiter.join(row) for row in rows)]
    assert _converted("\n".join(lines).encode("utf-8", errors="replace")) is not None


@SETTINGS
@given(st.lists(st.dictionaries(st.sampled_from(TITLES), values), max_size=4))
def test_any_json(records: list[dict[str, object]]) -> None:
    """Values of any type and nesting."""
    _converted(json.dumps(records, allow_nan=False, default=str).encode() if _finite(records) else b"[]")


def _finite(value: object) -> bool:
    try:
        json.dumps(value, allow_nan=False)
    except ValueError:
        return False
    return True


@SETTINGS
@given(values, st.sampled_from(["Point", "LineString", "Polygon", "MultiPolygon", "GeometryCollection", "x"]))
def test_any_geometry(coordinates: object, kind: str) -> None:
    """Coordinates that are none lose the geometry, not the row."""
    geometry = {"type": kind, "coordinates": coordinates if _finite(coordinates) else None}
    features = [{"type": "Feature", "properties": {"place_id": "1", "name": "a"}, "geometry": geometry}]
    report = _converted(json.dumps({"type": "FeatureCollection", "features": features}).encode())
    assert report is not None
    assert report.kept == 1


@SETTINGS
@given(st.integers(0, 4000), st.binary(max_size=4))
def test_a_damaged_geopackage(shared_bytes_at: int, noise: bytes) -> None:
    """A byte changed anywhere in a small GeoPackage, or the file cut there."""
    whole = _geopackage()
    at = shared_bytes_at % len(whole)
    _converted(whole[:at] + noise + whole[at + len(noise) :])


def _geopackage() -> bytes:
    database = sqlite3.connect(":memory:")
    database.executescript(
        """
        PRAGMA page_size = 512;
        CREATE TABLE gpkg_contents (table_name TEXT, data_type TEXT);
        CREATE TABLE gpkg_geometry_columns (table_name TEXT, column_name TEXT, srs_id INTEGER);
        CREATE TABLE gpkg_spatial_ref_sys (srs_id INT, organization TEXT, organization_coordsys_id INT);
        INSERT INTO gpkg_contents VALUES ('places', 'features');
        INSERT INTO gpkg_geometry_columns VALUES ('places', 'geom', 1);
        INSERT INTO gpkg_spatial_ref_sys VALUES (1, 'epsg', 3011);
        CREATE TABLE places (place_id TEXT, name TEXT, geom BLOB);
        """
    )
    blob = b"GP\x00\x01" + struct.pack("<iBIdd", 3011, 1, 1, 150_000.0, 6_580_000.0)
    database.execute("INSERT INTO places VALUES ('1', 'Ett', ?)", (blob,))
    database.commit()
    content = database.serialize()
    database.close()
    return content
