"""Dates of pictures: what museums write, in the form that machines read."""

from pathlib import Path

import pytest
from pyoxigraph import Literal

from loaders.tables.edtf import IRI, read_edtf
from loaders.tables.tabular import convert
from ontology import FOLDER, iri

DATES = {
    "1910": "1910",
    "1910.0": "1910",
    "år 1910": "1910",
    "ca 1910": "1910~",
    "c:a 1910": "1910~",
    "ca. 1910": "1910~",
    "omkring 1910": "1910~",
    "1910?": "1910?",
    "1910 (?)": "1910?",
    "troligen 1910": "1910?",
    "ca 1910?": "1910%",
    "1910-tal": "191X",
    "1910-talet": "191X",
    "1900-tal": "19XX",
    "1890-1910": "1890/1910",
    "1890–1910": "1890/1910",
    "1890 - 1910": "1890/1910",
    "1890 till 1910": "1890/1910",
    "ca 1890-1910": "1890~/1910",
    "1880-tal - 1890-tal": "188X/189X",
    "före 1910": "../1910",
    "efter 1910": "1910/..",
    "1910-05": "1910-05",
    "1910-05-12": "1910-05-12",
    "19100512": "1910-05-12",
    "maj 1910": "1910-05",
    "12 maj 1910": "1910-05-12",
    "den 12:e maj 1910": "1910-05-12",
    "sommaren 1910": "1910-22",
    "1910-13": None,
    "odaterad": None,
    "12 augusti": None,
    "": None,
}


@pytest.mark.parametrize("written", DATES)
def test_a_date_in_words(written: str) -> None:
    """About, perhaps, before, after, decades, centuries, spans, months and seasons; else nothing."""
    assert read_edtf(written) == DATES[written]


def test_the_dates_above_are_whole() -> None:
    """The cases are counted."""
    assert len(DATES) == 33


def test_pictures_have_edtf_dates(tmp_path: Path) -> None:
    """A column of the datatype EDTF is read by these rules, with the repair reported."""
    path = tmp_path / "bilder.csv"
    path.write_text("id,title,date\n1,Gatan,ca 1910\n2,Torget,1910\n3,Bron,länge sen\n", encoding="utf-8")
    specification = FOLDER / "specifications" / "historical-pictures"
    result = convert(path, specification, source="test", base="https://odis.example/")
    created = [t.object for t in result.quads if t.predicate.value == iri("dcterms:created")]
    assert [term.value for term in created if isinstance(term, Literal)] == ["1910~", "1910"]
    assert all(isinstance(term, Literal) and term.datatype.value == IRI for term in created)
    assert result.report.count("date-form") == 1
    assert result.report.count("bad-cell") == 1
