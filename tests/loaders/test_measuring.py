"""Points for the quality of metadata in a build: stored, added up, remembered, given again after links."""

import json
from pathlib import Path

from pyoxigraph import QuerySolutions, RdfFormat, Store, parse

from loaders.build import BuildResult
from loaders.quality import history, links
from loaders.releases.since import read_since
from server.pages.quality import changes_of
from server.pages.shelf import Shelf
from tests.loaders.quiet import built

CATALOGUE = """
@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
<https://example.org/c> a dcat:Catalog ; dcat:dataset <https://example.org/d> .
<https://example.org/d> a dcat:Dataset ; dct:title "Data"@sv ; dcat:keyword "data"@sv ;
    dct:publisher <http://www.dataportal.se/organisation/212000-0167> ;
    dcat:distribution <https://example.org/d.csv> .
<https://example.org/d.csv> a dcat:Distribution ; dcat:accessURL <https://example.org/files/d.csv> ;
    dct:format "text/csv" ; dct:license <http://creativecommons.org/publicdomain/zero/1.0/> .
"""
NACKA = "http://dataportal.se/organisation/SE2120000167"
AREA = "http://kulturarvsdata.se/resurser/aukt/geo/municipality#0182"
ADDRESS = "https://example.org/files/d.csv"


def points(result: BuildResult, node: str, graph: str) -> dict[str, float]:
    """The measurements of a node in one of the graphs of quality, by the last word of the metric."""
    answer = Store.read_only(str(result.release.store)).query(
        f"""PREFIX dqv: <http://www.w3.org/ns/dqv#>
        SELECT ?metric ?value {{ GRAPH <https://odis.example/graph/quality/{graph}> {{
            ?m dqv:computedOn <{node}> ; dqv:isMeasurementOf ?metric ; dqv:value ?value }} }}"""
    )
    assert isinstance(answer, QuerySolutions)
    return {row["metric"].value.rpartition("#")[2]: float(row["value"].value) for row in answer}


def region(folder: Path) -> Path:
    """Two sources that list the same dataset."""
    config = ""
    for name in ("a", "b"):
        (folder / f"{name}.ttl").write_text(CATALOGUE)
        config += f'[[source]]\nid = "{name}"\nkind = "dcat"\ntitle = "{name}"\nlocation = "{name}.ttl"\n'
    (folder / "odis.toml").write_text(config)
    return folder / "odis.toml"


def test_points_are_stored_added_up_remembered_and_given_again(tmp_path: Path) -> None:
    """A dataset of two sources counts once; what links told changes the points, not the state of sources."""
    config = region(tmp_path)
    first = built(config)
    for source in "ab":
        assert points(first, "https://example.org/d", f"mqa/{source}") == {"scoring": 90, "scoringSe": 140}
    part = {"scoring": 50, "scoringSe": 100, "openDataStars": 3}
    assert points(first, "https://example.org/d.csv", "mqa/a") == part
    for node in (NACKA, AREA, "https://example.org/c", "https://odis.example/id/dataset/odis"):
        found = points(first, node, "mqa")
        assert (found["scoring"], found["scoringSe"], found["openDataStars"]) == (90, 140, 3), node
        assert found["failingDatasets"] == 1
        assert found["findabilityPoints"] + found["interoperabilityPoints"] + found["reusabilityPoints"] == 90
    rows = (first.release.path / "quality.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(row)["source"] for row in rows] == ["a"]

    links.note(tmp_path / "var", [links.Answer(ADDRESS, "2026-11-24T08:00:00+00:00", "HEAD", 200, "", "")])
    second = built(config)
    assert [outcome.entry.state for outcome in second.sources] == ["unchanged", "unchanged"]
    assert second.release.id != first.release.id
    assert points(second, "https://example.org/d", "mqa/a") == {"scoring": 140, "scoringSe": 190}
    assert built(config).release.id == second.release.id
    (day,) = history.read_history(tmp_path / "var")
    assert day.figures[NACKA] == history.Figures(1, 140, 190, 3, 1)


def test_a_publisher_that_is_only_a_name_has_no_points(tmp_path: Path) -> None:
    """Nothing can be said of a text: every file of the release is N-Quads to the letter."""
    config = region(tmp_path)
    named = CATALOGUE.replace("<http://www.dataportal.se/organisation/212000-0167>", '"Kommunen"')
    (tmp_path / "a.ttl").write_text(named)
    made = built(config, only=["a"]).release
    files = list(made.path.glob("*.nq"))
    assert {"graph.nq", "quality.nq", "records.nq"} < {file.name for file in files}
    assert sum(1 for file in files for _ in parse(path=file, format=RdfFormat.N_QUADS)) > made.manifest.quads


def test_history_outlives_releases_and_keeps_one_line_a_day(tmp_path: Path) -> None:
    """Of two releases on a day the later one counts; only the last days are told."""
    for number in range(history.SHOWN + 5):
        day = f"day {number // 2}"
        history.note(tmp_path, history.Day(day, {"": history.Figures(1, number, 0, 0, 0)}))
    days = history.read_history(tmp_path)
    assert len(days) == (history.SHOWN + 6) // 2
    assert days[0].figures[""].eu == 1
    assert [day.day for day in days] == list(dict.fromkeys(day.day for day in days))


def test_a_link_check_is_kept_and_read_again(tmp_path: Path) -> None:
    """The last result of an address counts; the digest tells when any answer is another one."""
    assert (links.answers(tmp_path), links.digest(tmp_path)) == ({}, "")
    bad = links.Answer(ADDRESS, "2026-11-24T08:00:00+00:00", "GET", 404, "", "Not Found")
    links.note(tmp_path, [bad])
    before = links.digest(tmp_path)
    assert links.answers(tmp_path) == {ADDRESS: False}
    links.note(tmp_path, [bad._replace(checked="2026-11-25T08:00:00+00:00")])
    assert links.digest(tmp_path) == before
    links.note(tmp_path, [bad._replace(status=204)])
    assert links.answers(tmp_path) == {ADDRESS: True}
    assert links.digest(tmp_path) != before


def test_a_release_tells_what_is_new_and_mended_since_the_one_before(tmp_path: Path) -> None:
    """One keyword less and a description more are told for their source; the other source is unchanged."""
    config = region(tmp_path)
    first = built(config)
    assert read_since(first.release.reports).summary() == ""
    changed = CATALOGUE.replace('"data"@sv', '"data"').replace(
        "dct:title", 'dct:description "Om"@sv ; dct:title'
    )
    (tmp_path / "a.ttl").write_text(changed)
    second = built(config)
    since = read_since(second.release.reports)
    one, other = since.sources
    assert [finding.path for finding in one.new] == ["<http://www.w3.org/ns/dcat#keyword>"]
    assert "<http://purl.org/dc/terms/description>" in {finding.path for finding in one.mended}
    assert (other.new, other.mended, other.unchanged > 0) == ((), (), True)
    assert since.summary().startswith(f"findings since {first.release.id}: 1 new, ")
    shelf = Shelf(second.release.path / "search", second.release.graph, second.release.manifest)
    assert {change.what for change in changes_of(shelf, "https://example.org/d")} == {"new", "mended"}
