"""A table without a build: `odis table`, `odis specs`, and specifications told from headers and drafted."""

import json
import re
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from loaders.config import SAMPLE
from loaders.tables import describe
from loaders.tables.csvw import specification_names
from loaders.tables.draft import draft, guess
from loaders.tables.fit import fits, sample
from queries.saved import read
from tests.conftest import ROOT, odis

DATA = SAMPLE.parent / "data"
PUMPS = """nr;namn;adress;lat;long;tryck;utomhus;kontrollerad;webb;typ
P01;Torget;Storgatan 1;59,33;18,07;8,5;ja;2024-05-01;https://a.example/1;fot
P02;Parken;Storgatan 2;59,34;18,08;9;nej;2024-05-02;https://a.example/2;fot
P03;Slussen;;59,32;18,07;7;ja;2024-05-03;https://a.example/3;luft
P04;Bron;Storgatan 4;59,31;18,09;8;ja;2024-05-04;https://a.example/4;luft
P05;Kajen;Storgatan 5;59,30;18,05;8;nej;2024-05-05;https://a.example/5;fot
"""


def _fenced(page: str, beginning: str) -> str:
    """The lines of the fenced block in docs that begins so."""
    text = (ROOT / "docs" / page).read_text("utf-8")
    return text[text.index(beginning) :].partition("```\n")[0]


def test_the_example_of_the_docs_is_what_comes_out(tmp_path: Path) -> None:
    """docs/datasets.md shows a table, the command and the whole answer; the copy has the rows and remarks."""
    block = _fenced("datasets.md", "$ cat badplatser.csv")
    _, content, answer = re.split(r"^\$ .*\n", block, flags=re.M)
    (tmp_path / "badplatser.csv").write_text(content, encoding="utf-8")
    words = ("table", "badplatser.csv", "--lang", "en", "--marked", "badplatser-remarks.xlsx")
    assert odis(tmp_path, *words, code=1).stdout == answer
    header, *rows = (
        CalamineWorkbook.from_path(str(tmp_path / "badplatser-remarks.xlsx"))
        .get_sheet_by_index(0)
        .to_python()
    )
    assert header[-1] == "Remarks"
    assert [bool(row[-1]) for row in rows] == [True, True, True]


def test_a_steward_reads_swedish_and_a_machine_reads_json(tmp_path: Path) -> None:
    """The report is Swedish unless asked otherwise; JSON has the counts, the findings and what SHACL says."""
    table = str(DATA / "norrtalje-badplatser.csv")
    said = odis(tmp_path, "table", table, "-s", "bathing-places", code=1).stdout
    assert said.startswith("norrtalje-badplatser.csv, läst som bathing-places: 34 rader, ")
    assert "Måste rättas" in said
    found = json.loads(odis(tmp_path, "table", table, "--json", code=1).stdout)
    assert found["rows"] == found["kept"] + found["refused"] == 34
    assert found["shacl"]["results"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("table", "missing.csv"), "missing.csv: there is no such file"),
        (("table", "."), "it is a folder; expected one table"),
        (("table", "odd.csv"), "no specification knows its columns; draft one with: odis specs new"),
        (("table", "odd.csv", "-s", "nope"), "there is no specification 'nope'"),
        (("specs", "nope"), "there is no specification 'nope'"),
        (("specs", "new", "Å Ä", "--from", "odd.csv"), "is no name; expected small letters"),
        (("specs", "new", "odd", "--from", "empty.csv"), "empty.csv: the file is empty"),
    ],
)
def test_what_cannot_be_done_is_one_line(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    """Exit code 2 and a line that says what was expected."""
    (tmp_path / "odd.csv").write_text("aa,bb\n1,2\n", encoding="utf-8")
    (tmp_path / "empty.csv").write_text("", encoding="utf-8")
    assert said in odis(tmp_path, *words, code=2).stderr


def test_specifications_are_listed_with_their_rows(sample_region: Path) -> None:
    """All of them, with how many sources and rows the served release has by each; before a build none."""
    listed = odis(sample_region, "specs").stdout
    assert all(name in listed for name in specification_names())
    (line,) = (line for line in listed.splitlines() if "bathing-places" in line)
    assert line.split("│")[4].strip() == "4"
    shown = odis(sample_region, "specs", "bathing-places", "--lang", "en").stdout
    assert "https://dataportal.se/specifications/badplatser/1.0" in shown
    assert "one of lake, " in shown
    columns = json.loads(odis(sample_region, "specs", "show", "place", "--json").stdout)["columns"]
    assert {"name": "name", "required": True, "becomes": "schema:name"}.items() <= columns[2].items()


def test_the_page_of_the_specifications_is_fresh() -> None:
    """docs/specifications.md is what their files say; make it anew with python -m loaders.tables.describe."""
    assert describe.PAGE.read_text("utf-8") == describe.page()


# ---- told from the header


@pytest.mark.parametrize(
    ("file", "name"),
    [(file, "bathing-places") for file in ("nacka", "norrtalje", "stockholm", "storsthlm")]
    + [("stockholm-utegym", "outdoor-gyms")],
)
def test_a_header_tells_the_specification(file: str, name: str) -> None:
    """Every table of the sample region is known by its header."""
    path = next(DATA.glob(f"{file}*.csv")) if "-" in file else DATA / f"{file}-badplatser.csv"
    best = fits(sample(path, 5))[0]
    assert (best.name, best.sure) == (name, True)


@pytest.mark.shared
def test_no_header_of_the_corpus_is_taken_for_another(shared: Path) -> None:
    """Of all tables of the corpus only those that follow a specification are known for sure."""
    files = [p for f in ("municipal", "csv") for p in sorted((shared / "corpus" / f).iterdir())]
    found = {path.name: fits(sample(path, 20)) for path in files}
    assert {name: fit[0].name for name, fit in found.items() if fit and fit[0].sure} == {
        "badplatser-harryda-rowstore.json": "bathing-places",
        "badplatser-harryda.csv": "bathing-places",
        "badplatser-osby.csv": "bathing-places",
        "hundrastgardar-stockholm.csv": "dog-parks",
        "hundrastgardar-stockholm.gpkg": "dog-parks",
        "laddstationer-nobil-uppsala.json": "charging-stations",
        "lekplatser-helsingborg.geojson": "playgrounds",
        "utegym-stockholm-odis.csv": "outdoor-gyms",
    }
    assert len(files) == 27


# ---- drafted


@pytest.mark.parametrize(
    ("values", "base"),
    [
        (("ja", "nej"), "boolean"),
        (("0", "1"), "integer"),
        (("0180", "0182"), "string"),
        (("8,5", "9"), "decimal"),
        (("2024-05-01", "1/5 2024"), "string"),
        (("2024-05-01", "20240502"), "date"),
        (("2024-05-01 08:00",), "dateTime"),
        (("https://a.example/",), "anyURI"),
        ((), "string"),
    ],
)
def test_a_datatype_is_guessed_only_when_it_reads_every_value(values: tuple[str, ...], base: str) -> None:
    """The narrowest type that reads all; digits with a leading zero are a code."""
    assert guess(values) == base


def test_a_draft_is_a_specification_that_can_be_used_at_once(tmp_path: Path) -> None:
    """Drafted, written, used by its path in odis.toml and asked with its own query, without Python."""
    (tmp_path / "pumps.csv").write_text(PUMPS, encoding="utf-8")
    plan = odis(tmp_path, "specs", "new", "bicycle-pumps", "--from", "pumps.csv", "--dry-run")
    assert "# bicycle-pumps/metadata.json" in plan.stdout
    assert not (tmp_path / "bicycle-pumps").exists()
    made = odis(tmp_path, "specs", "new", "bicycle-pumps", "--from", "pumps.csv")
    assert "a SKOS list" not in made.stderr
    assert "tryck" in made.stderr
    again = odis(tmp_path, "specs", "new", "bicycle-pumps", "--from", "pumps.csv", code=2)
    assert "it is there already" in again.stderr
    (tmp_path / "odis.toml").write_text(
        '[[source]]\nid = "pumps"\nkind = "csv"\ntitle = "Cykelpumpar"\nlocation = "pumps.csv"\n'
        'specification = "bicycle-pumps"\n',
        encoding="utf-8",
    )
    odis(tmp_path, "build")
    rows = odis(tmp_path, "query", "-f", "bicycle-pumps/bicycle-pumps.rq", "--format", "csv").stdout
    first = rows.splitlines()[1]
    assert first.startswith("https://odis.example/id/bicycle-pumps/pumps-P01,POINT(18.07 59.33)")
    assert ",8.5,true," in first
    assert "bicycle-pumps" in odis(tmp_path, "specs").stdout


def test_a_drafted_query_is_a_saved_query(tmp_path: Path) -> None:
    """Its head is read as that of any saved query, so it can be moved to queries/ as it is."""
    path = tmp_path / "pumps.csv"
    path.write_text(PUMPS.replace("typ\n", 'ty"p\\\n'), encoding="utf-8")
    made = draft("bicycle-pumps", path, "https://odis.example/")
    assert sorted(made.files) == ["bicycle-pumps.rq", "metadata.json", "shape.ttl"]
    query = tmp_path / "pumps" / "bicycle-pumps.rq"
    query.parent.mkdir()
    query.write_text(made.files["bicycle-pumps.rq"], encoding="utf-8")
    found = read(query, tmp_path)
    assert found.title == {"sv": "Bicycle pumps", "en": "Bicycle pumps"}
    assert found.parameters == ()
