"""Marked-up copies: the publisher's own rows, with what was found beside them."""

import csv
import zipfile
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from loaders.tables.marked import write_marked
from ontology import FOLDER

BATHING = FOLDER / "specifications" / "bathing-places"
TABLE = """Place_ID,namn,Lat,longitude,toilet,Egen
1,Ett,"59,3",18.1,ja,=1+1
,,,,kanske,-5
3,Tre,59.3,,true,
"""


@pytest.fixture
def document(tmp_path: Path) -> Path:
    """A table with something to mend in every row."""
    path = tmp_path / "badplatser.csv"
    path.write_text(TABLE, encoding="utf-8")
    return path


def test_a_csv_copy_has_every_row_and_its_remarks(document: Path, tmp_path: Path) -> None:
    """Columns and values as sent, refused rows included; a formula is defused, a number is not."""
    target = tmp_path / "copy.csv"
    report = write_marked(document, BATHING, target)
    with target.open(encoding="utf-8-sig", newline="") as file:
        header, *rows = csv.reader(file, delimiter=";")
    assert header == ["Place_ID", "namn", "Lat", "longitude", "toilet", "Egen", "Anmärkningar"]
    assert [row[:6] for row in rows] == [
        ["1", "Ett", "59,3", "18.1", "ja", "'=1+1"],
        ["", "", "", "", "kanske", "-5"],
        ["3", "Tre", "59.3", "", "true", ""],
    ]
    assert rows[0][6].startswith("kolumn ”Lat”: ”59,3” har decimalkomma; läst som 59.3 (rättat).")
    assert "raden saknar id och kan inte namnges (raden utelämnad)." in rows[1][6]
    assert report.rows == len(rows)


def test_a_workbook_copy_sums_up_on_a_second_sheet(document: Path, tmp_path: Path) -> None:
    """The first sheet is the table with remarks, the second every rule with its count and a sentence."""
    target = tmp_path / "copy.xlsx"
    report = write_marked(document, BATHING, target, "en")
    with CalamineWorkbook.from_path(str(target)) as book:
        data = book.get_sheet_by_name("Data").to_python()
        summary = book.get_sheet_by_name("Report").to_python()
    assert data[0][-1] == "Remarks"
    assert [row[:6] for row in data[1:]] == [
        ["1", "Ett", "59,3", "18.1", "ja", "=1+1"],
        ["", "", "", "", "kanske", "-5"],
        ["3", "Tre", "59.3", "", "true", ""],
    ]
    assert "“kanske” is not true or false (cell left out)." in str(data[2][-1])
    assert len(summary) - 1 == len(report.counts)
    assert [str(row[1]) for row in summary[1:]] == sorted((str(row[1]) for row in summary[1:]), key=_gravity)


def _gravity(severity: str) -> int:
    return ("Violation", "Warning", "Info").index(severity)


def test_cells_are_marked_where_the_fault_is(document: Path, tmp_path: Path) -> None:
    """Comments stand in the cells that they speak of, so that the publisher finds them."""
    target = tmp_path / "copy.xlsx"
    write_marked(document, BATHING, target, "en")
    with zipfile.ZipFile(target) as archive:
        comments = archive.read("xl/comments1.xml").decode()
    assert {cell for cell in ("C2", "E2", "E3", "C4") if f'ref="{cell}"' in comments} == {
        "C2",
        "E2",
        "E3",
        "C4",
    }
