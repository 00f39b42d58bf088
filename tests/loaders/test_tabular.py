"""Conversion of tables: what becomes of rows, of bad cells and of rows that cannot be named."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from loaders.tables.csvw import read_specification
from loaders.tables.findings import Finding, TabularReport
from loaders.tables.rows import Row, Table
from loaders.tables.tabular import convert
from ontology import FOLDER, iri
from ontology.errors import SourceError

BATHING = FOLDER / "specifications" / "bathing-places"
BASE = "https://odis.example/"
STOCKHOLM = "http://dataportal.se/organisation/SE2120000142"

Run = tuple[list[Triple], TabularReport]


def _run(path: Path, specification: Path = BATHING, **more: Any) -> Run:
    result = convert(path, specification, source="test", base=BASE, **more)
    return list(result.quads), result.report


def _csv(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "badplatser.csv"
    path.write_bytes(text.encode(encoding))
    return path


def _values(triples: list[Triple], predicate: str) -> list[str]:
    found = (t.object for t in triples if t.predicate.value == iri(predicate))
    return [term.value for term in found if isinstance(term, (NamedNode, Literal))]


class _Counting:
    """Counts what a watcher is shown."""

    tables = rows = in_rows = about_the_file = 0

    def table(self, table: Table) -> None:
        self.tables += 1

    def row(self, row: Row, findings: Sequence[Finding], kept: bool) -> None:
        self.rows += kept
        self.in_rows += len(findings)

    def finding(self, finding: Finding) -> None:
        self.about_the_file += 1


def test_a_row_becomes_a_typed_linked_thing(tmp_path: Path) -> None:
    """Name, position, type, municipality, row and dataset of a proper row."""
    path = _csv(
        tmp_path,
        "place_id,name,latitude,longitude,hov_ref,toilet,updated\n"
        "0180-Langholmen,Långholmsbadet,59.3205,18.0333,SE0110180000001234,true,2024-06-01\n",
    )
    triples, report = _run(path, dataset="https://example.se/dataset", publisher=STOCKHOLM)
    about = NamedNode(BASE + "id/bathing-place/test-0180-Langholmen")
    expected = {
        Triple(about, NamedNode(iri("schema:name")), Literal("Långholmsbadet")),
        Triple(about, NamedNode(iri("odis:toilet")), Literal(True)),
        Triple(about, NamedNode(iri("rdf:type")), NamedNode(iri("odis:BathingPlace"))),
        Triple(about, NamedNode(iri("dcterms:isPartOf")), NamedNode("https://example.se/dataset")),
        Triple(about, NamedNode(iri("dcterms:publisher")), NamedNode(STOCKHOLM)),
        Triple(
            about,
            NamedNode(iri("schema:containedInPlace")),
            NamedNode("http://kulturarvsdata.se/resurser/aukt/geo/municipality#0180"),
        ),
        Triple(
            NamedNode(about.value + "#geometry"),
            NamedNode(iri("geo:asWKT")),
            Literal("POINT(18.0333 59.3205)", datatype=NamedNode(iri("geo:wktLiteral"))),
        ),
        Triple(about, NamedNode(iri("prov:wasDerivedFrom")), NamedNode(BASE + "id/document/test#row=2")),
    }
    assert expected <= set(triples)
    assert (report.rows, report.kept, report.repaired, report.refused) == (1, 1, 0, 0)
    assert not report.examples


def test_columns_in_any_order_under_any_known_title(tmp_path: Path) -> None:
    """The header decides, not the position; aliases and unknown columns are reported."""
    path = _csv(tmp_path, "LONG;Lat;Namn;Egen kolumn;id\n18.03;59.32;Badet;x;1\n")
    triples, report = _run(path)
    assert _values(triples, "schema:latitude") == ["59.32"]
    assert _values(triples, "schema:name") == ["Badet"]
    assert report.count("unknown-column") == 1
    assert report.count("other-title") == 4
    assert report.count("delimiter") == 1


def test_a_bad_cell_loses_that_cell_only(tmp_path: Path) -> None:
    """The rest of the row is kept, and the report says file, row, column, value, rule and what was done."""
    path = _csv(tmp_path, "place_id,name,latitude,longitude,toilet\n1,Badet,59.3,18.1,kanske\n")
    triples, report = _run(path)
    assert _values(triples, "odis:toilet") == []
    assert _values(triples, "schema:name") == ["Badet"]
    assert list(report.sentences("sv")) == [
        "badplatser.csv, rad 2, kolumn ”toilet”: "
        "”kanske” är inte ja eller nej (true/false) (cellen utelämnad)"
    ]
    assert list(report.sentences("en")) == [
        "badplatser.csv, row 2, column “toilet”: “kanske” is not true or false (cell left out)"
    ]


def test_a_row_that_cannot_be_named_is_lost_alone(tmp_path: Path) -> None:
    """No id, no name, no position: nothing to make an IRI of; the rows around it are kept."""
    path = _csv(tmp_path, "place_id,name,toilet\n1,Ett,ja\n,,ja\n3,Tre,ja\n")
    triples, report = _run(path)
    assert _values(triples, "schema:name") == ["Ett", "Tre"]
    assert (report.rows, report.kept, report.refused) == (3, 2, 1)
    assert report.count("key-empty") == 1


def test_a_missing_id_is_made_up_and_flagged(tmp_path: Path) -> None:
    """The fallback name is stable between runs, and reported as made."""
    path = _csv(tmp_path, "place_id,name,latitude,longitude\n,Badet,59.3,18.1\n")
    first, report = _run(path)
    second, _ = _run(path)
    assert first == second
    assert report.count("key-made") == 1
    assert report.repaired == 1


def test_an_id_used_twice_names_one_row(tmp_path: Path) -> None:
    """The second row of an id would mix two places into one; it is refused."""
    path = _csv(tmp_path, "place_id,name\n1,Ett\n1,Ett igen\n")
    triples, report = _run(path)
    assert _values(triples, "schema:name") == ["Ett"]
    assert report.count("key-double") == 1


def test_required_values_are_asked_for(tmp_path: Path) -> None:
    """A required column that is missing and a required cell that is empty are both said, the row is kept."""
    path = _csv(tmp_path, "place_id,name,latitude\n1,,59.3\n")
    _, report = _run(path)
    assert report.count("missing-column") == 1
    assert report.count("coordinates-half") == 1
    assert report.count("required-empty") == 2
    assert report.kept == 1


@pytest.mark.parametrize(
    ("encoding", "rules"),
    [("utf-8", 0), ("utf-8-sig", 0), ("cp1252", 1), ("utf-16", 1)],
)
def test_any_encoding(tmp_path: Path, encoding: str, rules: int) -> None:
    """UTF-8 with or without BOM, Windows-1252 and UTF-16 give the same; what is not UTF-8 is said."""
    path = _csv(tmp_path, "place_id,name,city\n1,Västra Ängsö – bad,Åkersberga\n", encoding)
    triples, report = _run(path)
    assert _values(triples, "schema:name") == ["Västra Ängsö – bad"]
    assert report.count("encoding") == rules


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_any_delimiter_and_line_end(tmp_path: Path, delimiter: str, newline: str) -> None:
    """The delimiter is found from the content; a quoted field may hold it."""
    lines = ["place_id,name,toilet", '1,"Badet, det stora",ja', "2,Två,nej", ""]
    text = newline.join(lines).replace(",", delimiter)
    triples, _ = _run(_csv(tmp_path, text))
    assert _values(triples, "schema:name") == ["Badet, det stora".replace(",", delimiter), "Två"]
    assert _values(triples, "odis:toilet") == ["true", "false"]


def test_titles_above_the_header_are_skipped(tmp_path: Path) -> None:
    """Rows before the header are counted; RFC 7111 row numbers go by the file."""
    path = _csv(tmp_path, "Kommunens badplatser;;\nUttag 2024;;\nplace_id;name;toilet\n1;Ett;ja\n")
    triples, report = _run(path)
    assert _values(triples, "schema:name") == ["Ett"]
    assert report.count("title-rows") == 1
    assert BASE + "id/document/test#row=4" in _values(triples, "prov:wasDerivedFrom")


def test_excel_in_swedish(tmp_path: Path) -> None:
    """Semicolons, decimal comma and Windows-1252, as a Swedish Excel writes CSV."""
    path = _csv(tmp_path, "place_id;name;latitude;longitude\n1;Älvsjöbadet;59,2793;18,0102\n", "cp1252")
    triples, report = _run(path)
    assert _values(triples, "schema:latitude") == ["59.2793"]
    assert _values(triples, "geo:asWKT") == ["POINT(18.0102 59.2793)"]
    assert report.count("decimal-comma") == 2


def test_a_code_is_one_of_its_list(tmp_path: Path) -> None:
    """A code is known by notation or label in any case, becomes the concept, and is refused when unknown."""
    path = _csv(tmp_path, "place_id,watertype\n1,Lake\n2,insjö\n3,badkar\n")
    triples, report = _run(path)
    assert _values(triples, "odis:waterType") == ["https://odis.example/code/water-type/lake"] * 2
    assert report.count("bad-cell") == 1


@pytest.mark.parametrize(
    ("north", "east", "rule"),
    [
        ("6580822", "674032", "crs-guessed"),
        ("674032", "6580822", "axes-swapped"),
        ("18.059", "59.330", "axes-swapped"),
        ("6579477", "1628440", "crs-guessed"),
    ],
)
def test_coordinates_of_other_systems_are_guessed_and_said(
    tmp_path: Path, north: str, east: str, rule: str
) -> None:
    """SWEREF 99 TM, RT90 and swapped degrees in columns that should hold WGS84."""
    path = _csv(tmp_path, f"place_id,latitude,longitude\n1,{north},{east}\n")
    triples, report = _run(path)
    (latitude,) = _values(triples, "schema:latitude")
    assert 59.2 < float(latitude) < 59.4
    assert report.count(rule) == 1


def test_coordinates_outside_the_specified_range_are_lost(tmp_path: Path) -> None:
    """A bathing place in Italy is no Swedish bathing place: its position is left out, with a report."""
    triples, report = _run(_csv(tmp_path, "place_id,latitude,longitude\n1,44.6,11.7\n"))
    assert _values(triples, "schema:latitude") == []
    assert _values(triples, "geo:asWKT") == []
    assert report.count("bad-cell") == 1


@pytest.mark.parametrize(
    "wkt", ["LINESTRING(18.05 59.3, 18.1 59.4)", "POLYGON((18 59, 18.5 59, 18.5 59.5, 18 59))"]
)
def test_lines_and_polygons_are_kept(tmp_path: Path, wkt: str) -> None:
    """A geometry in a cell stays what it is, and a point stands for it."""
    path = _csv(tmp_path, f'id;geometry\n1;"{wkt}"\n')
    triples, _ = _run(path, FOLDER / "specifications" / "place")
    assert _values(triples, "geo:asWKT") == [wkt]
    assert len(_values(triples, "schema:latitude")) == 1


def test_a_slipped_row_is_put_right(tmp_path: Path) -> None:
    """An unquoted comma in the description pushed the rest one column on; types and ranges show it."""
    path = _csv(
        tmp_path,
        "place_id,name,description,latitude,longitude,toilet\n"
        "1,Ett,Brygga, toalett och kiosk,58.71,13.82,true\n"
        "2,Två,Kort,58.72,13.83,false\n",
    )
    triples, report = _run(path)
    assert _values(triples, "schema:description") == ["Brygga, toalett och kiosk", "Kort"]
    assert _values(triples, "schema:latitude") == ["58.71", "58.72"]
    assert report.count("row-slipped") == 1


def test_a_slipped_row_of_the_right_length_is_put_right(tmp_path: Path) -> None:
    """The row lost its last empty fields, so its length fits the header although its values do not."""
    path = _csv(
        tmp_path,
        "place_id,name,description,latitude,longitude,toilet,phone\n"
        "1,Ett,Brygga, toalett,58.71,13.82,true\n"
        "2,Två,Kort,58.72,13.83,false,\n",
    )
    triples, report = _run(path)
    assert _values(triples, "schema:latitude") == ["58.71", "58.72"]
    assert _values(triples, "odis:toilet") == ["true", "false"]
    assert report.count("row-slipped") == 1


def test_a_slip_in_a_wide_table_is_put_right(tmp_path: Path) -> None:
    """All columns of badplatser 1.0, one unquoted comma: booleans land in columns of other kinds."""
    titles = [c.titles[0] for c in read_specification(BATHING).schemas[0].columns if not c.virtual]
    rows = [dict.fromkeys(titles, "") for _ in range(2)]
    for number, row in enumerate(rows):
        row |= {"place_id": str(number), "name": "Badet", "latitude": "58.7", "longitude": "13.8"}
        row |= {"description": "Brygga och sand", "street": "Strandvägen", "postcode": "542 91"}
        row |= {"city": "Mariestad", "country": "SE", "toilet": "true", "diving_tower": "false", "td_url": ""}
    rows[1]["description"] = "Brygga, sand"
    lines = [",".join(titles), *(",".join(row.values()) for row in rows)]
    lines[2] = lines[2].removesuffix(",")  # the row is as long as the header, as in the file this was seen in
    triples, report = _run(_csv(tmp_path, "\n".join(lines)))
    assert _values(triples, "schema:description") == ["Brygga och sand", "Brygga, sand"]
    assert _values(triples, "odis:toilet") == ["true", "true"]
    assert report.count("row-slipped") == 1
    assert len(titles) >= 42


def test_a_document_is_named_by_its_address_if_that_is_one(tmp_path: Path) -> None:
    """Rows point at the address of the file; a path is no IRI, then the document has one of ours."""
    path = _csv(tmp_path, "place_id,name\n1,Ett\n")
    for address, start in (("https://osby.se/b.csv", "https://osby.se/b.csv#row=2"), ("data/b d.csv", BASE)):
        triples, _ = _run(path, address=address)
        (row,) = _values(triples, "prov:wasDerivedFrom")
        assert row.startswith(start)


def test_a_slip_that_has_no_single_answer_loses_the_row(tmp_path: Path) -> None:
    """Two texts could have swallowed the comma and nothing tells which: better no row than a wrong one."""
    path = _csv(tmp_path, "place_id,name,description,toilet\n1,Ett,två,tre,true\n2,Två,Kort,false\n")
    triples, report = _run(path)
    assert _values(triples, "schema:name") == ["Två"]
    assert report.count("row-slipped-unclear") == 1
    assert report.refused == 1


def test_an_open_quotation_mark_does_not_swallow_the_file(tmp_path: Path) -> None:
    """A quotation mark that is never closed would make one field of all that follows."""
    rows = "".join(f"{n},Bad {n},59.3,18.1\n" for n in range(2, 40))
    path = _csv(tmp_path, 'place_id,name,latitude,longitude\n1,"Ett,59.3,18.1\n' + rows)
    triples, report = _run(path)
    assert len(_values(triples, "schema:latitude")) == 39
    assert report.count("open-quote") == 1


def test_line_ends_of_two_kinds(tmp_path: Path) -> None:
    """A file put together from two systems has both kinds of line ends."""
    triples, _ = _run(_csv(tmp_path, "place_id,name\r\n1,Ett\r2,Två\n3,Tre"))
    assert _values(triples, "schema:name") == ["Ett", "Två", "Tre"]


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    """Nothing in the header is known: one sentence, no triples about things."""
    with pytest.raises(SourceError, match="no table that the specification bathing-places knows"):
        _run(_csv(tmp_path, "a,b\n1,2\n"))


def test_examples_are_few_and_counts_are_whole(tmp_path: Path) -> None:
    """A defect in every row is counted in full and shown a few times; the watcher sees all of them."""
    rows = "".join(f"{i},kanske\n" for i in range(100))
    watcher = _Counting()
    _, report = _run(_csv(tmp_path, "place_id,toilet\n" + rows), watcher=watcher)
    assert report.count("bad-cell") == 100
    assert len([f for f in report.examples if f.rule.id == "bad-cell"]) == 20
    assert (watcher.tables, watcher.rows, watcher.in_rows) == (1, 100, 100)
    assert watcher.about_the_file == report.count("missing-column") == 3
    assert report.to_json()["rows"] == 100
