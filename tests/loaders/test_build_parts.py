"""Sources that were worked on elsewhere are taken together: the same graph, by the same gate."""

from collections.abc import Collection
from pathlib import Path

import pytest

from loaders.build import build, build_parts
from loaders.config import SAMPLE, load_config
from loaders.releases.release import verify
from tests.conftest import odis
from tests.loaders.quiet import Quiet, built
from tests.loaders.region import CATALOGUE, states, write_region


def part(config: Path, data: Path, only: Collection[str], **changes: object) -> Path:
    """Work on some sources in a data folder of their own; gives the folder."""
    loaded = load_config(config, data=data)
    changed = loaded.model_copy(update={"odis": loaded.odis.model_copy(update=changes)})
    outcomes = build_parts(changed, Quiet(), only)
    assert {outcome.entry.id for outcome in outcomes} >= set(only)
    assert not (data / "current").exists()
    return data


@pytest.mark.parametrize("sample", [False, True], ids=["small", "sample"])
def test_parts_make_the_same_release(tmp_path: Path, sample: bool) -> None:
    """Byte for byte what one build makes, tables and what is discovered included."""
    config = SAMPLE if sample else write_region(tmp_path)
    names = [source.id for source in load_config(config, data=tmp_path / "var").sources]
    parts = [part(config, tmp_path / f"part{n}", names[n::3]) for n in range(3)]
    whole = built(config, tmp_path / "one").release
    taken = build(load_config(config, data=tmp_path / "var"), Quiet(), take=parts)
    assert taken.exit_code == 0
    verify(taken.release)
    assert taken.release.graph.read_bytes() == whole.graph.read_bytes()


def test_what_is_not_in_a_part_stays_as_it_is(tmp_path: Path) -> None:
    """Later a part with one changed source is enough, and an older part changes nothing."""
    config = write_region(tmp_path)
    old = part(config, tmp_path / "old", ["a"])
    built(config)
    (tmp_path / "a.ttl").write_text(CATALOGUE.format("a2"))
    new = part(config, tmp_path / "new", ["a"])
    here = load_config(config, data=tmp_path / "var")
    assert states(build(here, Quiet(), take=[new, old])) == ["new", "unchanged", "unchanged"]
    assert states(build(here, Quiet(), take=[old])) == ["unchanged"] * 3


def test_the_gate_is_where_they_are_taken(tmp_path: Path) -> None:
    """A part knows nothing of what was there before: a loss is seen, and held back, here."""
    config = write_region(tmp_path)
    many = "".join(CATALOGUE.format(f"a{number}") for number in range(10))
    (tmp_path / "a.ttl").write_text(many)
    built(config)
    (tmp_path / "a.ttl").write_text(CATALOGUE.format("a0"))
    lost = part(config, tmp_path / "lost", ["a"])
    here = load_config(config, data=tmp_path / "var")
    result = build(here, Quiet(), take=[lost])
    assert states(result)[0] == "last good"
    assert "--accept a" in result.sources[0].entry.message
    assert states(build(here, Quiet(), accept=["a"], take=[lost]))[0] == "new"


def test_a_part_of_other_settings_is_refused(tmp_path: Path) -> None:
    """One release is made by one set of rules."""
    config = write_region(tmp_path)
    built(config)
    (tmp_path / "a.ttl").write_text(CATALOGUE.format("a2"))
    other = part(config, tmp_path / "other", ["a"], profile="dcat-ap")
    result = build(load_config(config, data=tmp_path / "var"), Quiet(), take=[other])
    assert states(result)[0] == "last good"
    assert "another version of ODIS, or with other settings" in result.sources[0].entry.message


def test_on_the_command_line(tmp_path: Path) -> None:
    """The parts tell how they ended, and what excludes each other is one line."""
    write_region(tmp_path)
    (tmp_path / "c.ttl").write_text("<https://example.org/x> <")
    assert "no release" in odis(tmp_path, "build", "--no-release", "--only", "a", "--data", "p1").stdout
    assert "left out" in odis(tmp_path, "build", "--no-release", "--only", "c", "--data", "p2", code=1).stdout
    assert "not asked for" in odis(tmp_path, "build", "--take", "p1", "--take", "p2", code=1).stdout
    (tmp_path / "empty").mkdir()
    assert "empty has no sources" in odis(tmp_path, "build", "--take", "empty", code=2).stderr
    assert "exclude each other" in odis(tmp_path, "build", "--take", "p1", "--watch", code=2).stderr
