"""A build gives a whole release or leaves the one before as it was, whatever sources or machine do."""

import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from filelock import FileLock
from pyoxigraph import Store

from loaders.config import SAMPLE
from loaders.releases import release
from ontology.errors import ConfigError, ReleaseError
from tests.conftest import ROOT
from tests.loaders.quiet import built
from tests.loaders.region import CATALOGUE, ask, states, write_region

BROKEN = CATALOGUE.format("half") + "<https://example.org/x> <"


@pytest.fixture
def region(tmp_path: Path) -> Path:
    """A configuration with three small catalogues; gives its file."""
    return write_region(tmp_path)


def test_a_first_build(region: Path) -> None:
    """All sources are new; each is in its own graph and in the default graph, what they share but once."""
    result = built(region)
    assert (states(result), result.exit_code) == (["new"] * 3, 0)
    assert release.current(region.parent / "var") == result.release
    release.verify(result.release)
    for name in "abc":
        assert ask(result, f"ASK {{ <https://example.org/{name}> dct:title ?t }}")
        assert ask(
            result,
            f"ASK {{ GRAPH <https://odis.example/graph/source/{name}> {{ ?s dct:title '{name}'@sv }} }}",
        )
    count = "SELECT (COUNT(*) AS ?n) { <https://example.org/shared> <http://purl.org/dc/terms/title> ?t }"
    rows = Store.read_only(str(result.release.store)).query(count)
    assert [row["n"].value for row in rows] == ["1"]  # type: ignore[union-attr]
    assert {path.name for path in result.release.reports.iterdir()} == {
        "datasets.same.json",
        "places.same.json",
        "queries.rehearsal.json",
        *(f"{name}{ending}" for name in "abc" for ending in (".json", ".ttl", ".changes.json")),
    }


def test_results_of_the_check_and_provenance_are_graphs(region: Path) -> None:
    """Both can be asked in the store; neither is in the default graph."""
    result = built(region)
    shacl = "<http://www.w3.org/ns/shacl#"
    assert ask(
        result, f"ASK {{ GRAPH <https://odis.example/graph/quality/shacl/a> {{ ?r {shacl}focusNode> ?f }} }}"
    )
    assert ask(result, "ASK { GRAPH <https://odis.example/graph/provenance> { ?g dct:identifier 'a' } }")
    assert not ask(result, f"ASK {{ ?r {shacl}focusNode> ?f }}")
    counted = [(o.entry.violations, o.entry.warnings, o.entry.infos) for o in result.sources]
    reports = [json.loads((result.release.reports / f"{name}.json").read_text())["counts"] for name in "abc"]
    assert counted == [(r["violations"], r["warnings"], r["infos"]) for r in reports]
    assert counted[0][0] > 0


def test_repairs_can_be_asked_and_nothing_published_is_lost(region: Path) -> None:
    """Step, before, after and number are in the graph; the value before stays in the graph of the source."""
    page = '<https://example.org/b> dcat:landingPage "https://b.example/page" .'
    (region.parent / "b.ttl").write_text(CATALOGUE.format("b") + page)
    result = built(region)
    repair = (
        "?r a odis:Repair ; odis:repairStep 'address' ; odis:valueBefore '\"https://b.example/page\"' ; "
        "odis:valueAfter '<https://b.example/page>' ; odis:occurrences 1 ; "
        "odis:firstSubject <https://example.org/b>"
    )
    assert ask(result, f"ASK {{ GRAPH graph:repairs\\/b {{ {repair} }} }}")
    before = "GRAPH graph:source\\/b { ?d dcat:landingPage 'https://b.example/page' }"
    assert ask(result, f"ASK {{ {before} ?d dcat:landingPage <https://b.example/page> }}")
    assert sum(o.entry.repairs for o in result.sources) == 1


def test_nothing_changed_makes_no_release(region: Path) -> None:
    """The second build takes the results of the first, and the release stays the same one."""
    first = built(region)
    second = built(region)
    assert states(second) == ["unchanged"] * 3
    assert second.release == first.release
    assert len(release.releases(region.parent / "var")) == 1


def test_one_change_makes_one_source_new(region: Path) -> None:
    """Only what changed is worked on again."""
    built(region)
    (region.parent / "b.ttl").write_text(CATALOGUE.format("b2"))
    result = built(region)
    assert states(result) == ["unchanged", "new", "unchanged"]
    assert ask(result, "ASK { <https://example.org/b2> dct:title ?t }")
    assert not ask(result, "ASK { <https://example.org/b> dct:title ?t }")


@pytest.mark.parametrize("content", [BROKEN, "", "<!DOCTYPE html>", "@prefix a: <http://a/> ."])
def test_a_broken_source_keeps_its_last_good_version(region: Path, content: str) -> None:
    """Not a triple of the broken file is used, the others go on, and the outcome says what happened."""
    first = built(region)
    (region.parent / "b.ttl").write_text(content)
    (region.parent / "c.ttl").write_text(CATALOGUE.format("c2"))
    result = built(region)
    assert (states(result), result.exit_code) == (["unchanged", "last good", "new"], 1)
    entry = result.sources[1].entry
    assert entry.message.startswith("b.ttl: ")
    assert (entry.sha256, entry.triples) == (first.sources[1].entry.sha256, first.sources[1].entry.triples)
    assert ask(result, "ASK { <https://example.org/b> dct:title ?t }")
    assert not ask(result, "ASK { <https://example.org/half> dct:title ?t }")
    assert result.release.manifest.sources[1] == entry


def test_a_failure_without_a_change_reuses_the_store(region: Path) -> None:
    """The manifest tells of the failure; what did not change is not loaded again."""
    first = built(region)
    (region.parent / "b.ttl").write_text(BROKEN)
    second = built(region)
    assert second.release != first.release
    assert second.release.graph.samefile(first.release.graph)
    assert ask(second, "ASK { <https://example.org/b> dct:title ?t }")
    release.verify(second.release)


def test_a_source_that_never_worked_is_left_out(region: Path) -> None:
    """The release has the others."""
    (region.parent / "b.ttl").write_text(BROKEN)
    result = built(region)
    assert (states(result), result.exit_code) == (["new", "left out", "new"], 1)
    assert not ask(result, "ASK { <https://example.org/half> dct:title ?t }")


def test_without_any_source_nothing_is_released(region: Path) -> None:
    """An empty graph would be worse than an error."""
    for name in "abc":
        (region.parent / f"{name}.ttl").write_text(BROKEN)
    with pytest.raises(
        ReleaseError, match=r"no source could be used; the first, a: a\.ttl: it cannot be read"
    ):
        built(region)
    assert release.releases(region.parent / "var") == []


def test_the_gate_rejects(region: Path) -> None:
    """With the gate closed, violations keep the last good version, and the report is kept aside."""
    built(region)
    region.write_text(region.read_text().replace('id = "b"', 'id = "b"\ngate = "reject"'))
    (region.parent / "b.ttl").write_text(CATALOGUE.format("b2"))
    result = built(region)
    assert states(result) == ["unchanged", "last good", "unchanged"]
    assert "violations and its gate is `reject`" in result.sources[1].entry.message
    assert (region.parent / "var" / "rejected" / "b" / "report.json").is_file()
    assert not ask(result, "ASK { <https://example.org/b2> dct:title ?t }")


def test_only_some_sources(region: Path) -> None:
    """The others stay as they are, changed or not; one that is unknown is named."""
    built(region)
    for name in "abc":
        (region.parent / f"{name}.ttl").write_text(CATALOGUE.format(f"{name}2"))
    result = built(region, only=["a"])
    assert states(result) == ["new", "unchanged", "unchanged"]
    assert ask(result, "ASK { <https://example.org/a2> dct:title ?t . <https://example.org/b> dct:title ?u }")
    with pytest.raises(ConfigError, match="there is no source 'z'; there are: a, b, c"):
        built(region, only=["z"])


def test_equal_input_gives_equal_bytes(region: Path) -> None:
    """Two builds in two places, with the lines of a catalogue in another order, give the same graph.nq."""
    first = built(region).release.graph.read_bytes()
    blocks = CATALOGUE.format("a").strip().split("\n")
    turned = "\n".join([*blocks[:2], blocks[4], blocks[2], blocks[3]])
    (region.parent / "a.ttl").write_text(turned)
    second = built(region, region.parent / "elsewhere").release.graph.read_bytes()
    assert first == second


def test_the_sample_gives_equal_bytes_twice(tmp_path: Path) -> None:
    """The sample region, tables included, comes out the same in two places."""
    one, two = (built(SAMPLE, tmp_path / name).release.graph.read_bytes() for name in ("one", "two"))
    assert one == two


def test_two_builds_never_meet(region: Path) -> None:
    """The second is told that the first is running."""
    data = region.parent / "var"
    data.mkdir()
    with FileLock(data / "lock"), pytest.raises(ReleaseError, match="another build is running"):
        built(region)


def test_a_damaged_current_release_is_replaced(region: Path) -> None:
    """A build does not trust what is not whole."""
    first = built(region)
    first.release.graph.write_bytes(b"")
    second = built(region)
    assert second.release != first.release
    release.verify(second.release)


def test_last_good_files_that_are_gone_are_made_again(region: Path) -> None:
    """Nothing but time is lost with the folder of the sources."""
    first = built(region)
    shutil.rmtree(region.parent / "var" / "sources")
    second = built(region)
    assert states(second) == ["new"] * 3
    assert second.release.graph.read_bytes() == first.release.graph.read_bytes()


def test_old_releases_are_pruned(region: Path) -> None:
    """As many are kept as the setting says."""
    region.write_text("[odis]\nkeep_releases = 2\n" + region.read_text())
    for number in range(4):
        (region.parent / "a.ttl").write_text(CATALOGUE.format(f"a{number}"))
        last = built(region)
    kept = release.releases(region.parent / "var")
    assert len(kept) == 2
    assert kept[0] == last.release


def test_a_full_disk_is_told(region: Path) -> None:
    """A limit on the size of files stands for a disk without room: the release before stays."""
    first = built(region)
    (region.parent / "a.ttl").write_text(CATALOGUE.format("a2"))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, hard))
    try:
        with pytest.raises(ReleaseError, match="File too large"):
            built(region)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert release.current(region.parent / "var") == first.release
    assert ask(built(region), "ASK { <https://example.org/a2> dct:title ?t }")


PROGRAM = """
import sys; from pathlib import Path; from tests.loaders.quiet import built
from tests.loaders.region import CATALOGUE, ask, states, write_region
print(built(Path(sys.argv[1])).release.id)
"""


def test_kill_at_any_moment(region: Path) -> None:
    """Killed at 20 random moments of a build, the release that is served is whole every time."""
    data = region.parent / "var"
    first = built(region).release
    process, start = start_build(region, -1), time.monotonic()
    assert process.wait() == 0
    length = time.monotonic() - start
    moments = random.Random(2).sample(range(100), 20)
    killed = 0
    for number, moment in enumerate(moments):
        served = release.current(data)
        process = start_build(region, number)
        try:
            process.wait(length * moment / 100)
        except subprocess.TimeoutExpired:
            killed += 1
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
        now = release.current(data)
        release.verify(now)
        assert len(Store.read_only(str(now.store))) > first.manifest.triples
        assert now == served or now.id > served.id
    assert killed >= 10  # the rest were done before, on a machine that is busy elsewhere
    result = built(region)
    assert result.exit_code == 0
    assert not list((data / "releases").glob(".building-*"))
    assert all(len(list(folder.iterdir())) == 2 for folder in (data / "sources").iterdir())


def start_build(region: Path, number: int) -> "subprocess.Popen[bytes]":
    """Start a build of a changed source in a process that can be killed."""
    (region.parent / "a.ttl").write_text(CATALOGUE.format(f"a{number}"))
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(region)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
