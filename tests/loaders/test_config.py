"""A configuration is right, or each fault is one line that says where it is and what was expected."""

from pathlib import Path

import pytest
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from loaders.config import Settings, load_config, with_flags
from loaders.serving import Serving
from loaders.sources import KINDS, CsvSource, DcatSource
from ontology.errors import ConfigError
from server.settings import ServerSettings, default_of, settings_of
from tests.conftest import ROOT

GOOD = """
[odis]
base = "https://graph.example/"
keep_releases = 2

[[source]]
id = "a"
kind = "dcat"
title = "Kommun A"
location = "a.ttl"
gate = "reject"

[[source]]
id = "b"
kind = "csv"
title = "Badplatser"
location = "https://example.org/bad.csv"
specification = "bathing-places"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a catalogue that sources may name."""
    (tmp_path / "a.ttl").write_text("")
    return tmp_path


def load(folder: Path, text: str) -> str:
    """The error message for a configuration, without the path in front of each line."""
    path = folder / "odis.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    lines = str(caught.value).splitlines()
    assert all(line.startswith(f"{path}: ") for line in lines)
    return "\n".join(line.removeprefix(f"{path}: ") for line in lines)


def test_a_good_configuration(folder: Path) -> None:
    """Keys have their values or defaults, and paths are relative to the file, not to where one stands."""
    (folder / "odis.toml").write_text(GOOD)
    config = load_config(folder / "odis.toml")
    first, second = config.sources
    assert (config.odis.base, config.odis.keep_releases) == ("https://graph.example/", 2)
    assert config.odis.data == folder / "var"
    assert isinstance(first, DcatSource)
    assert (first.location.text, first.location.path, first.gate) == ("a.ttl", folder / "a.ttl", "reject")
    assert isinstance(second, CsvSource)
    assert second.location.remote
    assert second.specification.name == "metadata.json"


def source(**keys: str) -> str:
    """A configuration of one catalogue with some keys changed; "" leaves one out."""
    table = {"id": '"a"', "kind": '"dcat"', "title": '"A"', "location": '"a.ttl"', **keys}
    return "[[source]]\n" + "".join(f"{key} = {value}\n" for key, value in table.items() if value)


FAULTS = {
    "[odis": "the configuration is not TOML: Expected ']' at the end of a table declaration",
    "": "source: is missing; expected at least one table [[source]]",
    "source = []": "source: is missing; expected at least one table [[source]]",
    "sources = []\n" + source(): "sources: there is no such key; did you mean source?",
    "[odis]\nkeep_release = 3\n"
    + source(): "[odis]: keep_release: there is no such key; did you mean keep_releases?",
    "[odis]\nbase = 'x'\n" + source(): "[odis]: base: 'x': expected an http or https address, such as "
    "https://example.org/catalogue.rdf",
    "[odis]\nkeep_releases = 0\n"
    + source(): "[odis]: keep_releases: 0: input should be greater than or equal to 1",
    "[serve]\nprot = 1\n" + source(): "[serve]: prot: there is no such key; did you mean port?",
    "[serve]\nport = 70000\n" + source(): "[serve]: port: 70000: input should be less than or equal to 65535",
    source(locatoin='"a.ttl"'): 'source "a": locatoin: there is no such key; did you mean location?',
    source(zzz="1"): 'source "a": zzz: there is no such key; expected one of: '
    "id, title, location, private, publisher, gate, max_fall, schedule, priority, profile, base, "
    "publishers, discover, hosts, kind",
    source(location=""): 'source "a": location: is missing',
    source(location='"b.ttl"'): "source \"a\": location: 'b.ttl': there is no such file or folder; "
    "expected one, or an http(s) address",
    source(
        location='"ftp://example.org/"'
    ): "source \"a\": location: 'ftp://example.org/': expected an http or "
    "https address, such as https://example.org/catalogue.rdf",
    source(
        kind='"dact"'
    ): "source \"a\": kind: 'dact' is no kind of source; expected one of: dcat, ckan, data-json, "
    "entryscape, oai-pmh, sparql, feed, csv",
    source(kind=""): 'source "a": kind: is missing; expected one of: dcat, ckan, '
    "data-json, entryscape, oai-pmh, sparql, feed, csv",
    source(id=""): "source number 1: id: is missing",
    source(id='"Å"'): "source \"Å\": id: 'Å': string should match pattern '^[a-z0-9][a-z0-9-]*$'",
    source(gate='"no"'): "source \"a\": gate: 'no': input should be 'report' or 'reject'",
    source(
        publisher='"Kommunen"'
    ): "source \"a\": publisher: 'Kommunen': expected an http or https address, such as "
    "https://example.org/catalogue.rdf",
    source(
        kind='"csv"', specification='"zoo"'
    ): "source \"a\": specification: 'zoo': expected a CSVW metadata file, or one of: ",
    source(kind='"sparql"'): "source \"a\": location: 'a.ttl': expected an http or https address, such as "
    "https://example.org/sparql",
    source(kind='"sparql"', location='"https://example.org/"', query='"no.rq"'): 'source "a": query: '
    "'no.rq': expected a file with a CONSTRUCT query",
    source() + source(): 'id: "a" is used by 2 sources; expected it once',
}


@pytest.mark.parametrize("text", FAULTS, ids=range(len(FAULTS)))
def test_each_fault_is_one_line(folder: Path, text: str) -> None:
    """The line names file, key and what was expected."""
    message = load(folder, text)
    assert message.startswith(FAULTS[text])
    assert "\n" not in message


def test_all_faults_are_told_at_once(folder: Path) -> None:
    """Two faults give two lines."""
    assert len(load(folder, source(gate="1", title="2")).splitlines()) == 2


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    """A missing or foreign file is told in one line."""
    with pytest.raises(ConfigError, match=r"no\.toml: the configuration cannot be read: No such file"):
        load_config(tmp_path / "no.toml")
    (tmp_path / "latin.toml").write_bytes('title = "å"'.encode("latin-1"))
    with pytest.raises(ConfigError, match="not UTF-8"):
        load_config(tmp_path / "latin.toml")


def rows(model: type[BaseModel]) -> list[str]:
    """The rows that the documentation must have for the keys of a model."""
    found = []
    for name, field in model.model_fields.items():
        if name == "kind":
            continue
        default = "required" if field.is_required() else f"`{field.default}`" if field.default else ""
        assert field.default is not PydanticUndefined or field.is_required()
        found.append(f"| `{name}` | {default} | {field.description} |")
    return found


@pytest.mark.parametrize("model", [Settings, Serving, *KINDS.values()], ids=lambda model: model.__name__)
def test_every_key_is_documented(model: type[BaseModel]) -> None:
    """docs/configuration.md has the row of every key, with its default and what the model says of it."""
    page = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8").splitlines()
    missing = [row for row in rows(model) if row not in page]
    assert missing == []
    assert len(rows(model)) > 3


def test_every_kind_is_documented() -> None:
    """Each kind of source has its heading."""
    page = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    assert all(f"## Kind `{kind}`" in page for kind in KINDS)


def test_the_data_folder_can_be_another(folder: Path) -> None:
    """The command line may name another folder; the file stays as it is."""
    (folder / "odis.toml").write_text(GOOD)
    assert load_config(folder / "odis.toml", data=folder / "elsewhere").data == folder / "elsewhere"


def test_the_table_of_the_server_has_its_defaults() -> None:
    """What is left out is as the server has it."""
    assert settings_of(Serving.model_validate({}), Path("var")) == ServerSettings(Path("var"))
    assert {key: default_of(key) for key in Serving.model_fields} == Serving.model_validate({}).model_dump()


def test_flags_go_before_the_file(folder: Path) -> None:
    """Also those that are nothing, such as port 0; what does not fit names the flag."""
    (folder / "odis.toml").write_text(GOOD + "[serve]\nport = 81\nmemory_mib = 5\nservice_hosts = ['a']\n")
    serving = load_config(folder / "odis.toml").serve
    told = with_flags(serving, {"port": 0, "host": None, "contact": "", "service_hosts": ()})
    settings = settings_of(told, folder)
    assert (settings.port, settings.memory, settings.service_hosts) == (0, 5 * 1024 * 1024, ("a",))
    with pytest.raises(ConfigError, match=r"^--in-memory-limit: -1: input should be greater"):
        with_flags(serving, {"in_memory_limit_mib": -1})
