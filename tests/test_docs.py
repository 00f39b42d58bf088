"""Every fenced block of README and docs is run, or read by what reads such a text; so is every `odis …`."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

import click
import pytest
import yaml
from click.exceptions import NoArgsIsHelpError
from pyoxigraph import NamedNode, RdfFormat, Store, parse

from loaders.config import SAMPLE, config_from
from odis import main
from ontology import PREFIXES, iri
from queries.saved import load_all
from shapes.waivers import read_waivers
from tests.conftest import ROOT, serving
from tests.fences import PAGES, Block, blocks

BLOCKS: Final = [block for page in PAGES for block in blocks(page)]
SHELL: Final = ("console", "sh", "bash")

# The least number of blocks of each language that is checked: fewer means that some are not found any more.
LEAST: Final = {
    "console": 20,
    "sh": 10,
    "toml": 8,
    "turtle": 2,
    "sparql": 5,
    "json": 4,
    "python": 3,
    "yaml": 2,
}
UNREAD: Final = {
    "": "a picture, or an answer",
    "text": "a picture, or an answer",
    "csv": "a table, which tests/test_tutorial.py reads",
}
RUN_ELSEWHERE: Final = {
    "README.md": "tests/test_readme.py",
    "docs/agents.md": "tests/server/test_agents.py",
    "docs/questions.md": "tests/test_questions.py",
    "docs/tutorial.md": "tests/test_tutorial.py",
}
NOT_ASKED: Final = {"address=https://www.example.se/datasets/dcat": "the server would go to the network"}

_COMMAND: Final = re.compile(r"^(\$|odis|curl|python|make|podman|systemctl) ", re.MULTILINE)
_IN_A_SENTENCE: Final = re.compile(r"`((?:odis|curl) [^`]+)`")
_HERE: Final = re.compile(r"(?:http://)?(?:127\.0\.0\.1|localhost):8000/")
_PREFIXES: Final = "".join(f"PREFIX {prefix}: <{namespace}>\n" for prefix, namespace in PREFIXES.items())


def of(*languages: str) -> list[Block]:
    """The blocks of some languages."""
    return [block for block in BLOCKS if block.language in languages]


def named(block: Block) -> str:
    """What a test of a block is called."""
    return block.name


def in_sentences(word: str) -> list[str]:
    """The commands of this word that sentences name, each once."""
    text = "\n".join(page.read_text("utf-8") for page in PAGES).replace(r"\|", "/")
    return sorted({code for code in _IN_A_SENTENCE.findall(text) if code.startswith(f"{word} ")})


def calls(command: str) -> list[list[str]]:
    """The calls of `odis` within a command of the shell, each as its words."""
    lexer = shlex.shlex(command, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    found: list[list[str]] = [[]]
    for word in lexer:
        if set(word) <= set("|&;<>()"):
            found.append([])
        else:
            found[-1].append(word)
    starts = [
        (words, at)
        for words in found
        for at, word in enumerate(words)
        if word.endswith("/bin/odis") or (word == "odis" and at == 0)
    ]
    return [words[at + 1 :] for words, at in starts]


def understood(words: list[str]) -> None:
    """Read the words as the command line does, and run nothing; click says what is wrong with them."""
    command: click.Command = main
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        _, found, words = command.resolve_command(click.Context(command), list(words))
        assert found is not None
        command = found
    if words not in (["--help"], ["--version"]):
        with _without_files():
            command.make_context(command.name, list(words))


@contextmanager
def _without_files() -> Iterator[None]:
    """A file that an option names need not be there."""
    try:
        yield
    except click.BadParameter as error:
        if "does not exist" not in error.message:
            raise


def test_so_many_are_checked() -> None:
    """Each language has what reads it, and a fence that is written another way is noticed."""
    counted = Counter(block.language for block in BLOCKS)
    assert {language for language in LEAST if counted[language] < LEAST[language]} == set()
    assert counted.keys() - LEAST.keys() - UNREAD.keys() - {"bash", "xml"} == set()
    for page in PAGES:
        assert len(re.findall(r"^\s*```", page.read_text("utf-8"), re.M)) == 2 * len(blocks(page)), page
    assert {str(page.relative_to(ROOT)) for page in PAGES} >= RUN_ELSEWHERE.keys()
    assert len(in_sentences("odis")) > 35
    assert len(in_sentences("curl")) > 2


@pytest.mark.parametrize("block", of(*UNREAD), ids=named)
def test_what_is_not_read_is_no_command(block: Block) -> None:
    """A command says that it is one."""
    assert not _COMMAND.search(block.text), "name its language: console or sh"


@pytest.mark.parametrize("block", of(*SHELL), ids=named)
def test_commands_are_those_of_the_command_line(block: Block) -> None:
    """Every call of `odis` has a command and options that there are, with values that they take."""
    assert block.commands
    for words in [words for command in block.commands for words in calls(command)]:
        understood(words)


@pytest.mark.parametrize("command", in_sentences("odis"))
def test_commands_in_sentences_are_those_of_the_command_line(command: str) -> None:
    """The same, but a sentence may name an option without its value, and a command without what it is for."""
    (words,) = calls(command)
    try:
        understood(words)
    except click.BadOptionUsage as error:
        assert "requires an argument" in str(error)
    except (click.MissingParameter, NoArgsIsHelpError):
        pass


@pytest.mark.parametrize("block", of("toml"), ids=named)
def test_toml_is_read(block: Block, tmp_path: Path) -> None:
    """A fragment of odis.toml passes the check of the configuration, a list of waivers its own."""
    file = tmp_path / "odis.toml"
    file.write_text(block.text, encoding="utf-8")
    table = tomllib.loads(block.text)
    if "waiver" in table:
        assert len(read_waivers(file)) == len(table["waiver"])
        return
    for source in table.get("source", ()):
        if "://" not in source["location"]:
            (tmp_path / source["location"]).parent.mkdir(exist_ok=True)
            (tmp_path / source["location"]).touch()
    some = {"id": "a", "kind": "dcat", "title": "A", "location": "https://a.example/"}
    assert config_from({"source": [some], **table}, file).sources


@pytest.mark.parametrize("block", of("turtle"), ids=named)
def test_turtle_is_read(block: Block) -> None:
    """It says something; in a fragment the prefixes of the project need no declaration."""
    text = f"{_PREFIXES}PREFIX : <https://example.org/>\n{block.text}"
    assert list(parse(text.encode(), RdfFormat.TURTLE))


@pytest.mark.parametrize("block", of("sparql"), ids=named)
def test_sparql_is_read(block: Block, tmp_path: Path) -> None:
    """The engine takes it; one with a header is a saved query that can be called with its example."""
    text = _PREFIXES + block.text
    if "#+" in block.text:
        (tmp_path / "shown.rq").write_text(block.text, encoding="utf-8")
        query = load_all(tmp_path)["shown"]
        text = query.bind(query.example)
    Store().query(text, custom_functions={NamedNode(iri("odis:searchRank")): lambda *given: None})


@pytest.mark.parametrize("block", of("yaml"), ids=named)
def test_yaml_is_read(block: Block) -> None:
    """It is a mapping, and the commands in it are those of the command line."""
    assert isinstance(yaml.safe_load(block.text), dict)
    found = re.findall(r"^ *- (?:run: )?(odis .*)$", block.text, re.MULTILINE)
    assert found
    for words in [words for command in found for words in calls(command)]:
        understood(words)


@pytest.mark.parametrize("block", of("json", "xml"), ids=named)
def test_json_and_xml_are_read(block: Block) -> None:
    """They are what they say."""
    if block.language == "json":
        assert json.loads(block.text)
    else:
        ElementTree.fromstring(block.text)


@pytest.mark.parametrize("block", of("python"), ids=named)
def test_programs_run(block: Block, tmp_path: Path) -> None:
    """A program runs where the files are that it names, and prints something."""
    if block.page.relative_to(ROOT).as_posix() in RUN_ELSEWHERE:
        return
    shutil.copy(SAMPLE.parent / "data" / "nacka-badplatser.csv", tmp_path / "badplatser.csv")
    shutil.copy(SAMPLE.parent / "catalogues" / "sodertalje.nt", tmp_path / "catalogue.nt")
    (tmp_path / "ontology").symlink_to(ROOT / "ontology")
    done = subprocess.run(
        [sys.executable, "-c", block.text],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout


def _asked() -> list[str]:
    shown = [
        command
        for block in of(*SHELL)
        if block.page.relative_to(ROOT).as_posix() not in RUN_ELSEWHERE
        for command in block.commands
    ]
    every = [command for command in [*shown, *in_sentences("curl")] if _HERE.search(command)]
    left = [command for command in every if any(part in command for part in NOT_ASKED)]
    assert len(left) == len(NOT_ASKED)
    return [command for command in every if command not in left]


def test_what_is_asked_of_a_server_is_answered(sample_region: Path, tmp_path: Path) -> None:
    """Each `curl` is sent to a server over the sample region, and none is refused."""
    shutil.copy(SAMPLE.parent / "catalogues" / "nacka.rdf", tmp_path / "catalogue.rdf")
    for name in ("catalogue.ttl", "katalog.ttl"):
        shutil.copy(SAMPLE.parent / "catalogues" / "stockholm.ttl", tmp_path / name)
    asked = _asked()
    assert len(asked) >= 6
    with serving(sample_region) as address:
        for command in asked:
            line = _HERE.sub(address, command).replace("curl ", "curl -sS --fail-with-body ", 1)
            done = subprocess.run(["bash", "-c", line], cwd=tmp_path, capture_output=True, text=True)
            assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"


def test_the_tests_of_faults_are_there() -> None:
    """Whatever the page on faults says is tested by a test of that name."""
    rows = re.findall(r"\|([^|\n]+)\|$", (ROOT / "docs/faults.md").read_text("utf-8"), re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`(test_\w+)`", row)}
    found = re.compile(r"^(?:async )?def (test_\w+)\(", re.MULTILINE)
    there = {
        name
        for file in (ROOT / "tests").rglob("test_*.py")
        for name in found.findall(file.read_text("utf-8"))
    }
    assert len(named) >= 25
    assert named <= there
