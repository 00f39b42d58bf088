"""A folder of saved queries from elsewhere, in grlc's manner, beside those of ODIS."""

from pathlib import Path

import httpx2
import pytest

from ontology.errors import QueryError
from queries.saved import load_all
from server.ask import text_of
from server.settings import ServerSettings
from tests.conftest import odis
from tests.server.live import serving

GRLC = """#+ summary: Things of a class
#+ endpoint: https://elsewhere.example/sparql
#+ method: GET
#+ tags:
#+   - things
#+ defaults:
#+   - class: http://www.w3.org/ns/dcat#Dataset

SELECT ?thing WHERE { ?thing a ?_class_iri } ORDER BY ?thing LIMIT 3
"""
CATALOGUE = (
    '<https://x.example/1> a <http://www.w3.org/ns/dcat#Dataset> ; <http://purl.org/dc/terms/title> "Ett" .'
)


@pytest.fixture
def region(tmp_path: Path) -> Path:
    """A region with a folder of queries: a good one, a broken one, and one with a name of ours."""
    (tmp_path / "own" / "deep").mkdir(parents=True)
    (tmp_path / "own" / "deep" / "things.rq").write_text(GRLC, encoding="utf-8")
    (tmp_path / "own" / "wrong.rq").write_text("SELECT ?s {", encoding="utf-8")
    (tmp_path / "own" / "graphs.rq").write_text("SELECT ?g { GRAPH ?g {} }", encoding="utf-8")
    (tmp_path / "one.ttl").write_text(CATALOGUE, encoding="utf-8")
    (tmp_path / "odis.toml").write_text(
        '[odis]\nqueries = "own"\n'
        '[[source]]\nid = "one"\nkind = "dcat"\ntitle = "One"\nlocation = "one.ttl"\n',
        encoding="utf-8",
    )
    return tmp_path


def test_they_are_built_served_and_told_about(region: Path) -> None:
    """The build tries them and names the broken one; the server answers the good one and shows what fails."""
    said = odis(region, "build").stdout
    assert "wrong is broken" in " ".join(said.split())
    line = odis(region, "query", "--saved", "things", "--format", "csv").stdout.split()
    assert line == ["thing", "https://odis.example/id/dataset/odis", "https://x.example/1"]
    with serving(ServerSettings(region / "var", region / "own", log_requests=False)) as address:
        answer = httpx2.get(f"{address}/queries/things", headers={"Accept": "text/csv"})
        assert answer.text.split() == line
        page = httpx2.get(f"{address}/queries", headers={"Accept": "text/html", "Accept-Language": "en"}).text
        assert "Things of a class" in page
        assert "<code>wrong</code>: broken" in page
        assert "a saved query of ODIS is called graphs already" in page
        assert "<code>graphs.rq</code>" in page


def test_they_may_use_the_parameters_of_odis(tmp_path: Path) -> None:
    """A shared parameter keeps its pattern and its choices, which come from a query of ours."""
    text = "#+ parameters: {municipality: municipality}\nSELECT ?s { ?s ?p ?_municipality }"
    (tmp_path / "mine.rq").write_text(text, encoding="utf-8")
    (parameter,) = load_all(tmp_path)["mine"].parameters
    assert parameter.pattern == "[0-9]{4}"
    assert parameter.choices_from is not None
    (tmp_path / "parameters.yaml").write_text("municipality: {pattern: x}", encoding="utf-8")
    (parameter,) = load_all(tmp_path)["mine"].parameters
    assert parameter.pattern == "x"


def test_what_is_wrong_with_a_file_is_told_to_whom_asks_for_it(tmp_path: Path) -> None:
    """Not that there is no such query: the file is there, and it has a fault."""
    text = "#+ parameters: {place: nowhere}\nSELECT ?s { ?s ?p ?_place }"
    (tmp_path / "mine.rq").write_text(text, encoding="utf-8")
    with pytest.raises(QueryError, match=r"mine\.rq: parameter place is to be as nowhere; expected one of"):
        text_of((), None, "mine", tmp_path)
    with pytest.raises(QueryError, match="there is no saved query 'ine'"):
        text_of((), None, "ine", tmp_path)


def test_a_folder_without_queries_is_told(tmp_path: Path) -> None:
    """A wrong path is an error at the start, not a server without them."""
    with pytest.raises(QueryError, match="there are no saved queries"):
        load_all(tmp_path)
