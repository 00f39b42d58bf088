"""Rows per second, peak memory and growth of every reader and of the whole conversion, by number of rows.

    python -m benchmarks.datasets --sizes 1000,10000,100000
    python -m benchmarks.datasets --readers csv,json --sizes 1000,100000,1000000 --peer PYTHON

Every measurement is a process of its own. Time is its CPU time, so that a busy machine counts little; growth
is log(time ratio)/log(row ratio) between the last two sizes: 1 is linear. ``--peer`` names a Python that has
morph-kgc, which converts the same CSV file by a mapping of the same columns.
"""

import csv
import json
import math
import resource
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time
import zipfile
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final, NamedTuple

import xlsxwriter
from pyoxigraph import RdfFormat, serialize

from loaders.tables.rows import Hints
from loaders.tables.rows.recognise import open_tables
from loaders.tables.tabular import convert
from ontology import FOLDER

SPECIFICATION: Final = FOLDER / "specifications" / "bathing-places"
BASE: Final = "https://odis.example/"
TITLES: Final = (
    "place_id",
    "name",
    "latitude",
    "longitude",
    "updated",
    "description",
    "street",
    "housenumber",
    "postcode",
    "city",
    "country",
    "toilet",
    "shower",
    "wheelchair",
    "watertype",
    "visit_url",
    "email",
)
Record = dict[str, Any]


def records(number: int) -> Iterator[Record]:
    """So many bathing places, the same ones every time; every tenth has something to mend."""
    for n in range(number):
        odd = n % 10 == 9
        latitude, longitude = round(59 + n * 7919 % 99991 / 1e5, 6), round(17.5 + n * 104729 % 99991 / 1e5, 6)
        yield {
            "place_id": f"0180-{n}",
            "name": f"Badplats {n}",
            "latitude": str(latitude).replace(".", ",") if odd else latitude,
            "longitude": longitude,
            "updated": f"2024{n % 12 + 1:02}01" if odd else f"2024-{n % 12 + 1:02}-01",
            "description": f"En badplats med brygga, nummer {n}",
            "street": "Strandvägen",
            "housenumber": str(n % 90 + 1),
            "postcode": f"1{n % 90 + 10} {n % 90 + 10}",
            "city": "Stockholm",
            "country": "SE",
            "toilet": True,
            "shower": "nej" if odd else False,
            "wheelchair": n % 3 == 0,
            "watertype": "lake",
            "visit_url": f"https://bad.example/{n}",
            "email": "bad@stockholm.example",
        }


# ---- one writer for each reader


def write_csv(path: Path, number: int) -> None:
    """A comma-separated file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(TITLES)
        writer.writerows(
            [str(v).lower() if isinstance(v, bool) else v for v in r.values()] for r in records(number)
        )


def _write_list(path: Path, start: str, items: Iterator[Any], end: str) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(start)
        for index, item in enumerate(items):
            file.write((",\n" if index else "") + json.dumps(item, ensure_ascii=False))
        file.write(end)


def write_json(path: Path, number: int) -> None:
    """A list of objects."""
    _write_list(path, "[", records(number), "]")


def write_rowstore(path: Path, number: int) -> None:
    """An answer of EntryScape's RowStore: every value a text."""
    rows = ({name: str(value) for name, value in record.items()} for record in records(number))
    _write_list(path, f'{{"resultCount": {number}, "offset": 0, "results": [', rows, "]}")


def _point(record: Record) -> list[float]:
    return [float(record["longitude"]), float(str(record["latitude"]).replace(",", "."))]


def write_geojson(path: Path, number: int) -> None:
    """A collection of point features."""
    features = (
        {
            "type": "Feature",
            "properties": {k: v for k, v in record.items() if k not in ("latitude", "longitude")},
            "geometry": {"type": "Point", "coordinates": _point(record)},
        }
        for record in records(number)
    )
    _write_list(path, '{"type": "FeatureCollection", "features": [', features, "]}")


def write_arcgis(path: Path, number: int) -> None:
    """An answer of an ArcGIS FeatureServer in Web Mercator."""
    features = (
        {"attributes": record, "geometry": {"x": 2_000_000 + n % 1000, "y": 8_250_000 + n % 1000}}
        for n, record in enumerate(records(number))
    )
    _write_list(path, '{"spatialReference": {"wkid": 3857}, "features": [', features, "]}")


def write_xlsx(path: Path, number: int) -> None:
    """A workbook of one sheet."""
    with xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_urls": False}) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, TITLES)
        for row, record in enumerate(records(number), 1):
            sheet.write_row(row, 0, record.values())


_ODS_HEAD: Final = """<office:document-content
 xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
><office:body><office:spreadsheet><table:table table:name="Blad1">"""
_ODS_TAIL: Final = "</table:table></office:spreadsheet></office:body></office:document-content>"


def write_ods(path: Path, number: int) -> None:
    """An OpenDocument spreadsheet with only what a reader needs."""

    def row(values: Any) -> str:
        cells = (
            f'<table:table-cell office:value-type="string"><text:p>{v}</text:p></table:table-cell>'
            for v in values
        )
        return "<table:table-row>" + "".join(cells) + "</table:table-row>"

    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        with archive.open("content.xml", "w", force_zip64=True) as content:
            content.write((_ODS_HEAD + row(TITLES)).encode())
            for record in records(number):
                content.write(row(record.values()).encode())
            content.write(_ODS_TAIL.encode())


_GEOPACKAGE: Final = """
CREATE TABLE gpkg_contents (table_name TEXT, data_type TEXT);
CREATE TABLE gpkg_geometry_columns (table_name TEXT, column_name TEXT, srs_id INTEGER);
CREATE TABLE gpkg_spatial_ref_sys (srs_id INTEGER, organization TEXT, organization_coordsys_id INTEGER);
INSERT INTO gpkg_contents VALUES ('places', 'features');
INSERT INTO gpkg_geometry_columns VALUES ('places', 'geom', 1);
INSERT INTO gpkg_spatial_ref_sys VALUES (1, 'EPSG', 3011);
"""


def write_geopackage(path: Path, number: int) -> None:
    """A layer of points in SWEREF 99 18 00."""
    with closing(sqlite3.connect(path)) as database:
        columns = [title for title in TITLES if title not in ("latitude", "longitude")]
        database.executescript(f"{_GEOPACKAGE} CREATE TABLE places ({', '.join(columns)}, geom BLOB);")
        marks = ", ".join("?" * (len(columns) + 1))
        rows = (
            [*(record[name] for name in columns), _blob(150_000 + n % 9_000, 6_580_000 + n % 9_000)]
            for n, record in enumerate(records(number))
        )
        database.executemany(f"INSERT INTO places VALUES ({marks})", rows)
        database.commit()


def _blob(east: float, north: float) -> bytes:
    return b"GP\x00\x01" + struct.pack("<iBIdd", 1, 1, 1, east, north)


def write_gml(path: Path, number: int) -> None:
    """An answer of a WFS in SWEREF 99 TM."""
    head = (
        '<wfs:FeatureCollection xmlns:wfs="http://www.opengis.net/wfs/2.0"'
        ' xmlns:gml="http://www.opengis.net/gml/3.2" xmlns:app="https://app.example/">'
    )
    with path.open("w", encoding="utf-8") as file:
        file.write(head)
        for n, record in enumerate(records(number)):
            members = "".join(f"<app:{k}>{v}</app:{k}>" for k, v in record.items() if k not in TITLES[2:4])
            place = f"<gml:pos>{6_580_000 + n % 9_000} {674_000 + n % 9_000}</gml:pos>"
            point = f'<gml:Point srsName="urn:ogc:def:crs:EPSG::3006">{place}</gml:Point>'
            file.write(
                f"<wfs:member><app:place>{members}<app:geom>{point}</app:geom></app:place></wfs:member>\n"
            )
        file.write("</wfs:FeatureCollection>")


WRITERS: Final[dict[str, Callable[[Path, int], None]]] = {
    "csv": write_csv,
    "json": write_json,
    "rowstore": write_rowstore,
    "geojson": write_geojson,
    "arcgis": write_arcgis,
    "xlsx": write_xlsx,
    "ods": write_ods,
    "geopackage": write_geopackage,
    "gml": write_gml,
}


# ---- measuring


class Measured(NamedTuple):
    """One process: rows, triples, CPU seconds, peak memory in MB above that of an idle one."""

    rows: int
    triples: int
    seconds: float
    megabytes: float


def measure(path: Path, step: str) -> Measured:
    """Read the rows of a file ("read"), convert them ("convert") or convert and write them ("write")."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.process_time()
    rows = triples = 0
    if step == "read":
        tables = open_tables(path, Hints(frozenset({"placeid", "name"})), lambda rule, detail: None)
        rows = sum(1 for table in tables for _ in table.rows)
    else:
        result = convert(path, SPECIFICATION, source="bench", base=BASE)
        if step == "write":
            serialize(result.quads, path.with_suffix(".nt"), RdfFormat.N_TRIPLES)
        else:
            for _ in result.quads:
                pass
        rows, triples = result.report.kept, result.report.triples
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return Measured(rows, triples, time.process_time() - started, (after - before) / 1024)


def _apart(path: Path, step: str) -> Measured:
    command = [sys.executable, "-m", "benchmarks.datasets", "--measure", step, str(path)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return Measured(*json.loads(answer))


def table(readers: list[str], sizes: list[int], steps: list[str], folder: Path) -> Iterator[str]:
    """The table of figures, line by line, in Markdown."""
    yield "| reader | step | " + " | ".join(f"{n:,} rows: rows/s, MB" for n in sizes) + " | growth |"
    yield "|---|---|" + "---|" * (len(sizes) + 1)
    for name in readers:
        paths = {n: folder / f"{name}-{n}" for n in sizes}
        for n, path in paths.items():
            WRITERS[name](path, n)
        for step in steps:
            found = [_apart(path, step) for path in paths.values()]
            yield f"| {name} | {step} | {' | '.join(map(_cell, found))} | {_growth(found)} |"
            for path in paths.values():
                path.with_suffix(".nt").unlink(missing_ok=True)
        for path in paths.values():
            path.unlink()


def _cell(measured: Measured) -> str:
    return f"{measured.rows / measured.seconds:,.0f}, {measured.megabytes:.0f}"


def _growth(found: list[Measured]) -> str:
    if len(found) < 2:
        return "–"
    one, other = found[-2:]
    return f"{math.log(other.seconds / one.seconds) / math.log(other.rows / one.rows):.2f}"


# ---- morph-kgc on the same table


_MAPPING: Final = """@prefix rr: <http://www.w3.org/ns/r2rml#> .
@prefix rml: <http://semweb.mmlab.be/ns/rml#> .
@prefix ql: <http://semweb.mmlab.be/ns/ql#> . @prefix odis: <https://odis.example/def#> .
<#M> a rr:TriplesMap ;
 rml:logicalSource [ rml:source "{path}" ; rml:referenceFormulation ql:CSV ] ;
 rr:subjectMap [ rr:template "{base}id/bathing-place/bench-{{place_id}}" ; rr:class odis:BathingPlace ]"""


def peer(python: str, sizes: list[int], folder: Path) -> Iterator[str]:
    """Lines for morph-kgc: rows and triples per second of the CPU time of its whole process."""
    for number in sizes:
        path, output, mapping = folder / "peer.csv", folder / "peer.nt", folder / "peer.ttl"
        write_csv(path, number)
        objects = (
            f'rr:predicateObjectMap [ rr:predicate odis:{t} ; rr:objectMap [ rml:reference "{t}" ] ]'
            for t in TITLES
        )
        mapping.write_text(
            " ;\n ".join([_MAPPING.format(path=path, base=BASE), *objects]) + " .\n", encoding="utf-8"
        )
        settings = folder / "peer.ini"
        settings.write_text(
            f"[CONFIGURATION]\noutput_file={output}\nnumber_of_processes=1\n[DS]\nmappings={mapping}\n",
            encoding="utf-8",
        )
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([python, "-m", "morph_kgc", str(settings)], check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        with output.open("rb") as file:
            triples = sum(1 for _ in file)
        speed = f"{number / seconds:,.0f} rows/s, {triples / seconds:,.0f} triples/s"
        yield f"morph-kgc, {number:,} rows: {speed}"


def main() -> None:
    """The command line; figures go to standard output."""
    parser = ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--sizes", default="1000,10000,100000")
    parser.add_argument("--readers", default=",".join(WRITERS))
    parser.add_argument("--steps", default="read,write")
    parser.add_argument("--peer", metavar="PYTHON")
    parser.add_argument("--measure", nargs=2, metavar=("STEP", "FILE"))
    given = parser.parse_args()
    if given.measure:
        print(json.dumps(measure(Path(given.measure[1]), given.measure[0])))
        return
    sizes = [int(size) for size in given.sizes.split(",")]
    with tempfile.TemporaryDirectory() as folder:
        for line in table(given.readers.split(","), sizes, given.steps.split(","), Path(folder)):
            print(line, flush=True)
        if given.peer:
            for line in peer(given.peer, sizes, Path(folder)):
                print(line, flush=True)


if __name__ == "__main__":
    main()
