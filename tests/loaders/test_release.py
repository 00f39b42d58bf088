"""Releases are whole or refused, and the one that is served changes at once."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, Store

from loaders.releases import release
from loaders.releases.release import Manifest, Release, SourceState
from ontology.errors import ReleaseError

LINE = b'<https://example.org/a> <http://purl.org/dc/terms/title> "%d" .\n'


def publish(data: Path, number: int = 1) -> Release:
    """Publish a release with one triple."""
    folder = release.unfinished(data)
    (folder / "graph.nq").write_bytes(LINE % number)
    (folder / "reports").mkdir()
    (folder / "reports" / "a.json").write_text("{}")
    store = Store(folder / "store")
    store.bulk_load(path=folder / "graph.nq", format=RdfFormat.N_QUADS)
    del store
    source = SourceState("a", "dcat", "A", "a.ttl", "new", triples=1, message="åäö")
    return release.publish(data, folder, Manifest("https://odis.example/", 1, 1, (source,)))


def test_a_published_release_is_current(tmp_path: Path) -> None:
    """Publishing gives the release its name, serves it, and reading it back gives the same manifest."""
    published = publish(tmp_path)
    opened = release.current(tmp_path)
    assert opened == published
    assert opened.path == tmp_path / "releases" / opened.id
    assert opened.graph.read_bytes() == LINE % 1
    assert opened.manifest.sources[0].message == "åäö"
    assert {"graph.nq", "reports/a.json"} < set(opened.manifest.files)
    release.verify(opened)


def test_reading_the_store_changes_no_file(tmp_path: Path) -> None:
    """A release stays as it was published while it is served."""
    published = publish(tmp_path)
    assert len(Store.read_only(str(published.store))) == 1
    release.verify(release.current(tmp_path))


def test_without_a_release_the_error_says_what_to_do(tmp_path: Path) -> None:
    """A fresh machine is told to build."""
    with pytest.raises(ReleaseError, match="odis build"):
        release.current(tmp_path)
    assert release.releases(tmp_path) == []


def test_switch_goes_back_and_forth(tmp_path: Path) -> None:
    """An earlier release is served again after a switch, and nothing is left of the way there."""
    first, second = publish(tmp_path, 1), publish(tmp_path, 2)
    assert [r.id for r in release.releases(tmp_path)] == [second.id, first.id]
    assert release.switch(tmp_path, first.id) == release.current(tmp_path) == first
    assert release.switch(tmp_path, second.id) == release.current(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"releases", "current"}


@pytest.mark.parametrize("name", ["20260101T000000Z-00000000", "../..", ".building-x", ""])
def test_switch_refuses_what_is_no_release(tmp_path: Path, name: str) -> None:
    """An unknown name leaves the current release alone and the message lists those there are."""
    published = publish(tmp_path)
    with pytest.raises(ReleaseError, match=published.id):
        release.switch(tmp_path, name)
    assert release.current(tmp_path) == published


def damage_missing(path: Path) -> None:
    """A file is gone."""
    (path / "graph.nq").unlink()


def damage_short(path: Path) -> None:
    """A file is cut short."""
    (path / "graph.nq").write_bytes(b"")


def damage_manifest(path: Path) -> None:
    """The manifest is cut in the middle."""
    text = (path / "release.json").read_bytes()
    (path / "release.json").write_bytes(text[: len(text) // 2])


def damage_type(path: Path) -> None:
    """A value in the manifest is of the wrong type."""
    edit(path, "triples", "many")


def damage_name(path: Path) -> None:
    """The manifest is that of another release."""
    edit(path, "id", "20260101T000000Z-00000000")


def damage_not_an_object(path: Path) -> None:
    """The manifest is JSON, but a list."""
    (path / "release.json").write_text("[]")


def edit(path: Path, key: str, value: object) -> None:
    """Change one value of the manifest."""
    manifest = json.loads((path / "release.json").read_text())
    (path / "release.json").write_text(json.dumps({**manifest, key: value}))


DAMAGES = [
    damage_missing, damage_short, damage_manifest, damage_type, damage_name, damage_not_an_object,
]  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_release_is_refused(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    """It is not opened, not switched to, not listed among the whole ones, and named among the faults."""
    good, bad = publish(tmp_path, 1), publish(tmp_path, 2)
    release.switch(tmp_path, good.id)
    damage(bad.path)
    with pytest.raises(ReleaseError, match=f"{bad.id} is damaged"):
        release.open_release(bad.path)
    with pytest.raises(ReleaseError, match="damaged"):
        release.switch(tmp_path, bad.id)
    assert release.releases(tmp_path) == [good]
    assert list(release.faults(tmp_path)) == [bad.id]
    assert release.current(tmp_path) == good


def test_verify_finds_a_changed_byte(tmp_path: Path) -> None:
    """Equal size does not hide a change from the full check."""
    published = publish(tmp_path)
    published.graph.write_bytes(LINE % 2)
    opened = release.current(tmp_path)
    with pytest.raises(ReleaseError, match=r"graph\.nq has changed"):
        release.verify(opened)


def test_another_format_is_refused(tmp_path: Path) -> None:
    """A release of a later ODIS is refused by its number, whatever else it holds."""
    published = publish(tmp_path)
    (published.path / "release.json").write_text('{"format": 2, "everything": "else"}')
    with pytest.raises(ReleaseError, match="has format 2, this version of ODIS reads 1"):
        release.current(tmp_path)


def test_prune_keeps_the_newest_and_the_current(tmp_path: Path) -> None:
    """The served release survives even when it is older than those kept."""
    made = [publish(tmp_path, number) for number in range(4)]
    release.switch(tmp_path, made[0].id)
    names = sorted(r.id for r in made)
    removed = release.prune(tmp_path, 2)
    assert set(removed) == set(names[:-2]) - {made[0].id}
    assert release.current(tmp_path) == made[0]
    assert len(release.releases(tmp_path)) == 4 - len(removed)


def test_clean_removes_what_a_killed_build_left(tmp_path: Path) -> None:
    """Half-made directories and links go; releases stay."""
    published = publish(tmp_path)
    (release.unfinished(tmp_path) / "graph.nq").write_bytes(b"half")
    (tmp_path / "current.abc").symlink_to("releases/nowhere")
    release.clean(tmp_path)
    assert [path.name for path in (tmp_path / "releases").iterdir()] == [published.id]
    assert {path.name for path in tmp_path.iterdir()} == {"releases", "current"}


def test_previous_is_the_one_before_the_current(tmp_path: Path) -> None:
    """It is what a rollback goes to; from the oldest there is nowhere to go."""
    first, second, third = (publish(tmp_path, number) for number in range(3))
    assert release.previous(tmp_path).id == second.id
    release.switch(tmp_path, second.id)
    assert release.previous(tmp_path).id == first.id
    (third.path / "release.json").unlink()
    release.switch(tmp_path, first.id)
    with pytest.raises(ReleaseError, match="no release older"):
        release.previous(tmp_path)
