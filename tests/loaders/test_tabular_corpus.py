"""Real files of municipalities: every file is read, every known defect is caught, positions are right."""

import csv
import json
import math
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
from pyoxigraph import Literal, Triple

from loaders.tables.findings import TabularReport
from loaders.tables.tabular import convert
from ontology import FOLDER, iri

pytestmark = pytest.mark.shared

HERE = Path(__file__).parent / "tables"
BATHING = FOLDER / "specifications" / "bathing-places"


@cache
def _specifications() -> Mapping[str, Path]:
    """Which specification reads which file: the small ones beside this test, and bathing places."""
    own = {json.loads(path.read_text("utf-8"))["url"]: path for path in HERE.glob("*.json")}
    names = ("harryda.csv", "harryda-rowstore.json", "osby.csv", "hav.geojson", "hav-http.json")
    bathing = {f"municipal/badplatser-{name}": BATHING for name in names}
    return own | bathing | {"municipal/hundrastgardar-stockholm.gpkg": HERE / "dog-areas.json"}


class File(NamedTuple):
    """Rows of a file of the corpus: read, kept, refused."""

    rows: int
    kept: int
    refused: int = 0


FILES = {
    "csv/ee-apteegid-utf8.csv": File(498, 497, 1),
    "csv/it-alessandria-segnalazioni.csv": File(4651, 4651),
    "csv/it-brescia-parcheggi.csv": File(20, 20),
    "csv/it-brescia-parcometri.csv": File(335, 335),
    "csv/it-molinella-impianti-sportivi.csv": File(12, 12),
    "csv/se-upphandling-miljo.csv": File(6, 6),
    "municipal/badplatser-app-2016.json": File(2624, 2624),
    "municipal/badplatser-harryda-rowstore.json": File(9, 9),
    "municipal/badplatser-harryda.csv": File(9, 9),
    "municipal/badplatser-hav-http.json": File(2687, 2687),
    "municipal/badplatser-hav.geojson": File(2684, 2684),
    "municipal/badplatser-lantmateriet.geojson": File(3310, 3310),
    "municipal/badplatser-osby.csv": File(1, 1),
    "municipal/badplatser-wikidata.csv": File(1717, 1717),
    "municipal/dataportal-utgivare-kommuner.csv": File(58, 58),
    "municipal/hundrastgardar-stockholm.csv": File(88, 88),
    "municipal/hundrastgardar-stockholm.gpkg": File(88, 88),
    "municipal/kommuner-kommunstyre.geojson": File(295, 290, 5),
    "municipal/kommuner-sverige.geojson": File(290, 290),
    "municipal/kommuner-wikidata-orgnr.csv": File(290, 290),
    "municipal/laddstationer-elbil-jsontest.json": File(1, 1),
    "municipal/laddstationer-nobil-uppsala.json": File(23, 23),
    "municipal/lekplatser-helsingborg.geojson": File(197, 197),
    "municipal/orter-sverige.csv": File(1916, 1916),
    "municipal/parkeringsautomater-helsingborg.geojson": File(130, 130),
    "municipal/toaletter-skargarden-osm-2025-07.geojson": File(132, 122, 10),
    "municipal/utegym-stockholm-odis.csv": File(64, 64),
}


class Defect(NamedTuple):
    """A defect that INDEX.tsv knows: where it shows, by which rule, how often."""

    file: str
    what: str
    rule: str
    column: str | None
    times: int


DEFECTS = [
    Defect("csv/ee-apteegid-utf8.csv", "two title lines before the header", "title-rows", None, 1),
    Defect("csv/ee-apteegid-utf8.csv", "semicolons", "delimiter", None, 1),
    Defect("csv/ee-apteegid-utf8.csv", "one id on two rows", "key-double", "Tegutsemiskoha kood", 1),
    Defect("csv/it-alessandria-segnalazioni.csv", "semicolons", "delimiter", None, 1),
    Defect("csv/it-brescia-parcometri.csv", "ragged rows", "row-slipped", "Nome parcometro", 24),
    Defect("municipal/badplatser-app-2016.json", "numbers are text", "untyped", "C8", 1),
    Defect("municipal/badplatser-app-2016.json", "N for false", "boolean-word", "C3", 2624),
    Defect("municipal/badplatser-app-2016.json", "places at zero, zero", "coordinates-nowhere", "C8", 2),
    Defect(
        "municipal/badplatser-harryda-rowstore.json", "a shell's mark at the end", "trailing-garbage", None, 1
    ),
    Defect("municipal/badplatser-harryda-rowstore.json", "BOM in the key", "bom-in-name", "place_id", 1),
    Defect("municipal/badplatser-harryda-rowstore.json", "numbers are text", "untyped", "latitude", 1),
    Defect("municipal/badplatser-harryda.csv", "place_id empty in every row", "key-made", "place_id", 9),
    Defect("municipal/badplatser-harryda.csv", "Sweden for SE", "bad-cell", "country", 9),
    Defect("municipal/badplatser-hav-http.json", "HTTP headers in front", "http-head", None, 1),
    Defect("municipal/badplatser-hav-http.json", "no geometry, or zero", "required-empty", "latitude", 14),
    Defect(
        "municipal/badplatser-hav.geojson",
        "nutsCode is the EU bathing water id",
        "other-title",
        "nutsCode",
        1,
    ),
    Defect(
        "municipal/badplatser-hav.geojson", "municipality only as a name", "unknown-column", "KMN_NAMN", 1
    ),
    Defect("municipal/badplatser-hav.geojson", "places at zero, zero", "coordinates-nowhere", "geometry", 11),
    Defect("municipal/badplatser-lantmateriet.geojson", "no names", "missing-column", "name", 1),
    Defect("municipal/badplatser-osby.csv", "N for false", "boolean-word", "wc", 1),
    Defect("municipal/badplatser-osby.csv", "Y for true", "boolean-word", "trash", 1),
    Defect("municipal/badplatser-osby.csv", "column of a draft", "other-title", "grilling_area", 1),
    Defect("municipal/badplatser-osby.csv", "column of a draft that went", "unknown-column", "owner", 1),
    Defect("municipal/badplatser-wikidata.csv", "pipes", "delimiter", None, 1),
    Defect(
        "municipal/badplatser-wikidata.csv", "(lon,lat) inside a label", "axes-swapped", "LW_PopNamn", 1717
    ),
    Defect("municipal/badplatser-wikidata.csv", "an id of another kind", "bad-cell", "NUTSID", 1),
    Defect("municipal/dataportal-utgivare-kommuner.csv", "hyphen in org.nr", "text-form", "orgNumber", 58),
    Defect("municipal/hundrastgardar-stockholm.csv", "times as floats", "date-form", "CREATE_DATE", 88),
    Defect("municipal/hundrastgardar-stockholm.csv", "years as floats", "date-form", "Anläggningsår", 30),
    Defect("municipal/hundrastgardar-stockholm.csv", "names missing", "required-empty", "ID", 59),
    Defect("municipal/hundrastgardar-stockholm.gpkg", "EPSG:3011", "crs-declared", "geometry", 1),
    Defect("municipal/hundrastgardar-stockholm.gpkg", "times as integers", "date-form", "CREATE_DATE", 88),
    Defect("municipal/hundrastgardar-stockholm.gpkg", "names missing", "required-empty", "ID", 59),
    Defect("municipal/kommuner-kommunstyre.geojson", "kommunkod as a number", "leading-zero", "id", 91),
    Defect("municipal/kommuner-kommunstyre.geojson", "one municipality twice", "key-double", "id", 5),
    Defect("municipal/kommuner-wikidata-orgnr.csv", "hyphen in org.nr", "text-form", "orgnr", 290),
    Defect("municipal/laddstationer-nobil-uppsala.json", "1/2 with a text", "boolean-word", "Open 24h", 23),
    Defect("municipal/lekplatser-helsingborg.geojson", "a blank for a name", "required-empty", "Namn", 166),
    Defect("municipal/lekplatser-helsingborg.geojson", "0 as category", "bad-cell", "Lekplatskategori", 6),
    Defect(
        "municipal/parkeringsautomater-helsingborg.geojson", "tariff as text", "untyped", "Taxa_avgbeltid", 1
    ),
    Defect(
        "municipal/parkeringsautomater-helsingborg.geojson",
        "times in brackets",
        "bad-cell",
        "Avgbeltid_vard_helg",
        121,
    ),
    Defect(
        "municipal/parkeringsautomater-helsingborg.geojson", "words for a state", "bad-cell", "Status", 14
    ),
    Defect("municipal/toaletter-skargarden-osm-2025-07.geojson", "yes and no", "boolean-word", "fee", 30),
    Defect(
        "municipal/toaletter-skargarden-osm-2025-07.geojson",
        "neither yes nor no",
        "bad-cell",
        "wheelchair",
        5,
    ),
    Defect(
        "municipal/utegym-stockholm-odis.csv", "kommunkod without its zero", "leading-zero", "Kommun-KOD", 64
    ),
    Defect("municipal/utegym-stockholm-odis.csv", "float noise", "float-noise", "Koordinat_Lat_(WGS84)", 35),
    Defect(
        "municipal/utegym-stockholm-odis.csv",
        "blanks and brackets",
        "other-title",
        "Koordinat_Lat_(WGS84)",
        1,
    ),
    Defect("municipal/utegym-stockholm-odis.csv", "_id of a dump", "double-title", "_id", 1),
]


@cache
def _converted(path: Path, specification: Path) -> tuple[tuple[Triple, ...], TabularReport]:
    result = convert(path, specification, source="test", base="https://odis.example/")
    return tuple(result.quads), result.report


def _read(shared: Path, file: str) -> tuple[tuple[Triple, ...], TabularReport]:
    return _converted(shared / "corpus" / file, _specifications()[file])


def _values(triples: tuple[Triple, ...], predicate: str) -> dict[str, str]:
    """Literals by the last step of their subject's IRI."""
    wanted = predicate if "//" in predicate else iri(predicate)
    found = ((str(t.subject), t.object) for t in triples if t.predicate.value == wanted)
    return {s.strip("<>").rsplit("/", 1)[-1]: o.value for s, o in found if isinstance(o, Literal)}


def test_the_tables_above_are_whole(shared: Path) -> None:
    """No file of the corpus is forgotten, and none of the defects is lost unseen."""
    folders = [shared / "corpus" / name for name in ("municipal", "csv")]
    there = {f"{path.parent.name}/{path.name}" for folder in folders for path in folder.iterdir()}
    assert set(FILES) == there == set(_specifications())
    assert len(DEFECTS) == 48
    assert len({defect.file for defect in DEFECTS}) == 21


@pytest.mark.parametrize("file", FILES)
def test_every_row_of_every_file_is_accounted_for(shared: Path, file: str) -> None:
    """Rows read are rows kept and rows refused, as counted once by hand."""
    _, report = _read(shared, file)
    assert File(report.rows, report.kept, report.refused) == FILES[file]
    assert report.rows == report.kept + report.refused


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda d: f"{Path(d.file).name}: {d.what}")
def test_a_known_defect_is_caught(shared: Path, defect: Defect) -> None:
    """The report counts the defect under its rule and column, and has its sentence in both languages."""
    _, report = _read(shared, defect.file)
    assert report.count(defect.rule, defect.column) == defect.times
    found = [f for f in report.examples if f.rule.id == defect.rule and defect.column in (None, f.column)]
    for finding in found:
        assert finding.sentence(report.file, "sv") != finding.sentence(report.file, "en")
    assert found


def _metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Between two places near each other, latitude and longitude in degrees."""
    north = (one[0] - other[0]) * 111_400
    return math.hypot(north, (one[1] - other[1]) * 111_700 * math.cos(math.radians(one[0])))


def test_projected_polygons_meet_their_published_twin(shared: Path) -> None:
    """88 dog parks in SWEREF 99 18 00 and, from the publisher, as centroids in WGS84: within a centimetre."""
    triples, _ = _read(shared, "municipal/hundrastgardar-stockholm.gpkg")
    places = _positions(triples)
    with (shared / "corpus/municipal/hundrastgardar-stockholm.csv").open(encoding="utf-8") as file:
        twin = {f"test-{row['fid']}": (float(row["lat"]), float(row["lon"])) for row in csv.DictReader(file)}
    assert set(places) == set(twin)
    apart = [_metres(places[key], twin[key]) for key in twin]
    assert len(apart) == 88
    assert max(apart) < 0.01


def test_two_services_of_one_agency_agree(shared: Path) -> None:
    """HaV's bathing waters, from two of its services two years apart, meet by id to the last digit."""
    one, _ = _read(shared, "municipal/badplatser-hav.geojson")
    other, _ = _read(shared, "municipal/badplatser-hav-http.json")
    for predicate in ("schema:latitude", "schema:longitude"):
        first, second = _values(one, predicate), _values(other, predicate)
        common = first.keys() & second.keys()
        assert len(common) == 2671
        assert all(first[key] == second[key] for key in common)


def test_pairs_inside_labels_are_near_the_register(shared: Path) -> None:
    """Positions read out of Wikidata's labels, rounded middles of lakes, lie about 1.3 km from HaV's."""
    labels, _ = _read(shared, "municipal/badplatser-wikidata.csv")
    register, _ = _read(shared, "municipal/badplatser-hav.geojson")
    ids = _values(labels, "https://example.se/term#eubwid")
    places = {f"test-{ids[key]}": place for key, place in _positions(labels).items() if key in ids}
    known = _positions(register)
    apart = sorted(_metres(places[key], known[key]) for key in places.keys() & known.keys())
    assert len(apart) == 1680
    assert apart[len(apart) // 2] < 1_500


def _positions(triples: tuple[Triple, ...]) -> dict[str, tuple[float, float]]:
    latitudes, longitudes = _values(triples, "schema:latitude"), _values(triples, "schema:longitude")
    return {key: (float(latitudes[key]), float(longitudes[key])) for key in latitudes}
