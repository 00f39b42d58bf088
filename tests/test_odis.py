"""The command line as people use it: the real command, in a folder of its own."""

import csv
import io
import json
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from loaders.config import SAMPLE
from tests.conftest import COMMAND, ROOT, odis

VERBS = (
    "backup",
    "build",
    "check",
    "datasets",
    "diff",
    "doctor",
    "links",
    "mcp",
    "publish",
    "query",
    "releases",
    "restore",
    "rollback",
    "serve",
    "shapes",
    "specs",
    "table",
    "up",
)


def test_help_lists_every_verb_and_the_readme_names_it(tmp_path: Path) -> None:
    """`odis --help` lists the verbs we know of, and each stands in the README."""
    text = odis(tmp_path, "--help").stdout
    listed = [line.split()[0] for line in text.split("Commands:")[1].splitlines() if line.strip()]
    assert tuple(listed) == VERBS
    readme = (ROOT / "README.md").read_text("utf-8")
    assert [verb for verb in VERBS if f"`odis {verb}" not in readme] == []


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself(tmp_path: Path, verb: str) -> None:
    """Every verb has a help text that says what it does."""
    assert len(odis(tmp_path, verb, "--help").stdout.splitlines()) > 4


def test_a_build_can_be_read_by_a_machine(tmp_path: Path) -> None:
    """`odis build --json` prints the manifest: every source with its state and counts."""
    manifest = json.loads(odis(tmp_path, "build", "--sample", "--json").stdout)
    states = {source["id"]: source["state"] for source in manifest["sources"]}
    assert len(states) == len(SAMPLE.read_text("utf-8").split("[[source]]")) - 1
    assert set(states.values()) == {"new"}
    assert manifest["triples"] > 5000


def test_a_dry_run_changes_nothing(tmp_path: Path) -> None:
    """`odis build --dry-run` names the sources it would harvest and writes no file."""
    assert "nacka\tdcat\tcatalogues/nacka.rdf" in odis(tmp_path, "build", "--sample", "--dry-run").stdout
    assert list(tmp_path.iterdir()) == []


def _own_region(folder: Path) -> Path:
    """A copy of two sources of the sample that a test may break."""
    shutil.copytree(SAMPLE.parent / "catalogues", folder / "catalogues")
    source = '[[source]]\nid = "{0}"\nkind = "dcat"\ntitle = "{0}"\nlocation = "catalogues/{1}"\n'
    text = source.format("nacka", "nacka.rdf") + source.format("huddinge", "huddinge.ttl")
    (folder / "odis.toml").write_text(text, encoding="utf-8")
    return folder / "catalogues/nacka.rdf"


def test_a_broken_source_keeps_its_last_good_version_and_the_exit_code_tells(tmp_path: Path) -> None:
    """Exit code 1, the file named, the other source new, and the old triples still there to query."""
    broken = _own_region(tmp_path)
    odis(tmp_path, "build")
    broken.write_text(broken.read_text("utf-8").replace("</rdf:RDF>", ""), encoding="utf-8")
    done = odis(tmp_path, "build", code=1)
    assert "nacka: last good: nacka.rdf: " in done.stdout
    question = "ASK { <https://nacka.example/datasets/badplatser> a dcat:Dataset }"
    assert odis(tmp_path, "query", question).stdout == "yes\n"


def test_rollback_goes_to_the_release_before_and_releases_shows_it(tmp_path: Path) -> None:
    """After two builds and a rollback the older release is the served one; a build of nothing new is none."""
    catalogue = _own_region(tmp_path)
    first = json.loads(odis(tmp_path, "build", "--json").stdout)["id"]
    assert json.loads(odis(tmp_path, "build", "--json").stdout)["id"] == first
    catalogue.write_text(catalogue.read_text("utf-8").replace("Nacka", "NACKA"), encoding="utf-8")
    second = json.loads(odis(tmp_path, "build", "--json").stdout)["id"]
    assert odis(tmp_path, "rollback").stdout == f"now serving {first}\n"
    rows = json.loads(odis(tmp_path, "releases", "--json").stdout)
    assert {row["id"]: row["current"] for row in rows} == {first: True, second: False}
    assert "no release older" in odis(tmp_path, "rollback", code=2).stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("query", "SELECT * {"), "Line 1, column 11"),
        (("query", "SELECT * { ?s a nope:X }"), 'the prefix "nope:" is not declared'),
        (("query", "{" * 5000), "deep"),
        (("query",), "expected one of: SPARQL in quotes"),
        (("query", "--saved", "bathing-place-in-municipality"), "did you mean bathing-places-"),
        (("query", "--saved", "bathing-places-in-municipality", "municipality=x"), "municipality"),
        (("query", "--saved", "bathing-places-in-municipality", "0182"), "expected KEY=VALUE"),
        (("query", "ASK {}", "--format", "ttl"), "choose table, json, xml, csv, tsv"),
        (("query", r'SELECT ("\u0001" AS ?x) {}', "--format", "xml"), "XML cannot carry"),
        (("query", "-f", "missing.rq"), "missing.rq: No such file"),
        (("check", "missing.ttl"), "missing.ttl: there is no such file or folder"),
        (("check", "odis.toml", "--profile", "nope"), "nope: neither a profile"),
        (("check",), "name a file or an address to check"),
        (("check", "--sample", "--source", "nope"), "there is no source 'nope'"),
        (("check", "--sample", "--source", "nacka", "--data", "empty"), "nacka has no good version yet"),
        (("check", "odis.toml", "--profile", "http://127.0.0.1:9/shapes.ttl"), "cannot be fetched"),
        (("shapes", "nope"), "there is no profile or rule 'nope'"),
        (("build", "-c", "missing.toml"), "missing.toml: the configuration cannot be read"),
        (("build", "--sample", "--only", "nope"), "there is no source 'nope'"),
        (("rollback", "nope"), "there is no release 'nope'"),
        (("serve", "--data", "empty"), "has no current release; build one with: odis build"),
    ],
)
def test_bad_input_is_one_clear_line(sample_region: Path, words: tuple[str, ...], said: str) -> None:
    """What cannot be run ends with exit code 2 and a line that says why, never with a traceback."""
    error = odis(sample_region, *words, code=2).stderr
    assert said in error
    assert error.splitlines()[-1].startswith("odis: ")


def test_a_query_comes_in_every_format(sample_region: Path) -> None:
    """Rows come as JSON, XML, CSV and TSV, graphs as Turtle, N-Triples, RDF/XML and JSON-LD."""
    rows = "SELECT ?s { ?s a dcat:Catalog } ORDER BY ?s"
    counted: dict[str, Callable[[str], int]] = {
        "json": lambda text: len(json.loads(text)["results"]["bindings"]),
        "xml": lambda text: text.count("<result>"),
        "csv": lambda text: len(list(csv.reader(io.StringIO(text)))) - 1,
        "tsv": lambda text: len(text.splitlines()) - 1,
        "table": lambda text: int(text.splitlines()[-1].split()[0]),
    }
    counts = {
        form: count(odis(sample_region, "query", rows, "--format", form).stdout)
        for form, count in counted.items()
    }
    assert set(counts.values()) == {counts["json"]}
    assert counts["json"] >= 4
    graph = "CONSTRUCT { ?s a dcat:Catalog } { ?s a dcat:Catalog }"
    for form, sign in {"ttl": "dcat:Catalog", "nt": "> <", "rdf": "<rdf:RDF", "jsonld": '"@id"'}.items():
        assert sign in odis(sample_region, "query", graph, "--format", form).stdout


def test_a_reader_who_has_enough_is_no_fault(sample_region: Path) -> None:
    """`odis … | head` says nothing on standard error, however long the answer is."""
    command = shlex.join(
        [*COMMAND, "query", "--data", "var", "--format", "nt", "CONSTRUCT WHERE { ?s ?p ?o }"]
    )
    done = subprocess.run(
        f"{command} | head -1", shell=True, cwd=sample_region, capture_output=True, text=True
    )
    assert (done.stdout.count("\n"), done.stderr) == (1, "")


def test_check_tells_a_steward_what_to_mend_and_fails_on_demand(tmp_path: Path) -> None:
    """A faulty catalogue gives exit code 1 in Swedish and English, a faultless threshold gives 0."""
    catalogue = str(SAMPLE.parent / "catalogues/nacka.rdf")
    swedish = odis(tmp_path, "check", catalogue, code=1).stdout
    assert "språktagg" in swedish
    assert "Badplatser i Nacka" in swedish
    assert "language tag" in odis(tmp_path, "check", catalogue, "--lang", "en", code=1).stdout
    odis(tmp_path, "check", catalogue, "--fail-on", "never")
    odis(tmp_path, "check", str(SAMPLE.parent / "catalogues/stockholm.ttl"))


def test_a_source_is_checked_from_its_last_good_version(sample_region: Path, tmp_path: Path) -> None:
    """`--source` gives what the build found, rows of a table too; `--harvest` needs no build before."""
    report = json.loads((sample_region / "var/current/reports/nacka.json").read_bytes())["counts"]
    told = odis(sample_region, "check", "--sample", "--source", "nacka", "--format", "json", code=1).stdout
    assert json.loads(told)["report"]["counts"] == report
    odis(sample_region, "check", "--sample", "--source", "norrtalje-badplatser", code=1)
    odis(tmp_path, "check", "--sample", "--source", "stockholm", "--harvest")
    assert not (tmp_path / "var/current").exists()


def test_shapes_are_listed_and_shown(tmp_path: Path) -> None:
    """Profiles with their number of rules, the rules of one, and one rule with its clause and choices."""
    assert "dcat-ap-hvd" in odis(tmp_path, "shapes").stdout
    assert "dcat-ap-hvd/" in odis(tmp_path, "shapes", "dcat-ap-hvd", "--lang", "en").stdout
    shown = odis(tmp_path, "shapes", "Themed-theme-eu", "--lang", "en").stdout
    assert "https://odis.example/shapes/dcat-ap-se/Themed-theme-eu" in shown


def test_ctrl_c_leaves_nothing_broken(tmp_path: Path) -> None:
    """An interrupted build says so, has the usual exit code, and the next build works."""
    _own_region(tmp_path)
    building = subprocess.Popen([*COMMAND, "build"], cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 30
    while not (tmp_path / "var/sources").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    building.send_signal(signal.SIGINT)
    _, error = building.communicate(timeout=30)
    assert building.returncode == 130, error
    assert error.splitlines()[-1] == "odis: stopped; nothing that is served was changed"
    odis(tmp_path, "build")
