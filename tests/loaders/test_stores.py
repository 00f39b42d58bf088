"""A store that is made out of the one before holds the same quads as one that is loaded whole."""

import random
from collections.abc import Iterable
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, Store

from loaders.lines import differences
from loaders.releases.release import Manifest, Release
from loaders.releases.stores import LOADED, RECORDS, Made, add_records, make_store

XSD = "http://www.w3.org/2001/XMLSchema#"


def line(subject: int, value: str, graph: str = "") -> bytes:
    """A quad about one of many subjects."""
    end = f"<https://example.org/graph/{graph}> " if graph else ""
    return f"<https://example.org/{subject:05}> <http://purl.org/dc/terms/title> {value} {end}.\n".encode()


def written(folder: Path, lines: Iterable[bytes]) -> int:
    """Write the files that a store is loaded from; gives the number of lines."""
    folder.mkdir()
    for name in LOADED:
        (folder / name).write_bytes(b"")
    kept = sorted(set(lines))
    (folder / LOADED[0]).write_bytes(b"".join(kept))
    return len(kept)


def quiet(step: str) -> None:
    """Steps that nobody looks at."""


def release(folder: Path, made: Made) -> Release:
    """The folder as the release before."""
    return Release(folder, Manifest("https://example.org/", 0, 0, engine=made.engine, patched=made.patched))


def both(tmp_path: Path, old: Iterable[bytes], new: Iterable[bytes]) -> tuple[Store, Store, Made]:
    """The store of `new` made out of that of `old`, and loaded whole; and how the first was made."""
    before, after, fresh = (tmp_path / name for name in ("before", "after", "fresh"))
    first = make_store(before, written(before, old), None, quiet)
    made = make_store(after, written(after, new), release(before, first), quiet)
    make_store(fresh, written(fresh, new), None, quiet)
    return Store.read_only(str(after / "store")), Store.read_only(str(fresh / "store")), made


def quads(store: Store) -> set[str]:
    """All quads of a store."""
    return {str(quad) for quad in store.quads_for_pattern(None, None, None)}


def test_a_patched_store_is_equal_to_a_loaded_one(tmp_path: Path) -> None:
    """Quad for quad and graph for graph, after changes in many places; the store before stays as it was."""
    chance = random.Random(5)
    old = [line(n, f'"{n}"@sv', g) for n in range(4000) for g in ("", "a" if n % 2 else "b")]
    old += [line(1, '"only here"', "gone")]
    gone = set(chance.sample(old, 150)) | {old[-1]}
    new = [one for one in old if one not in gone] + [line(n, f'"new {n}"', "c") for n in range(100)]
    patched, fresh, made = both(tmp_path, old, new)
    assert made.patched == 251
    assert quads(patched) == quads(fresh)
    assert set(patched.named_graphs()) == set(fresh.named_graphs())
    assert NamedNode("https://example.org/graph/gone") not in set(patched.named_graphs())
    assert len(Store.read_only(str(tmp_path / "before" / "store"))) == len(set(old))


@pytest.mark.parametrize("goes", range(4))
def test_lines_that_are_one_quad_to_the_store(tmp_path: Path, goes: int) -> None:
    """The store writes 01 as 1: when one of the two lines goes, the quad stays, in its graph and no other."""
    many = [line(n, f'"{n}"') for n in range(10, 60)]
    twins = [line(1, f'"{text}"^^<{XSD}integer>', graph) for graph in ("", "a") for text in ("1", "01")]
    patched, fresh, made = both(tmp_path, [*many, *twins], [*many, *twins[:goes], *twins[goes + 1 :]])
    assert made.patched == 1
    assert quads(patched) == quads(fresh)
    assert len(patched) == 52


@pytest.mark.parametrize("damage", ["CURRENT", "tables"])
def test_a_damaged_store_is_loaded_anew(tmp_path: Path, damage: str) -> None:
    """What cannot be built on is not built on."""
    before, after = tmp_path / "before", tmp_path / "after"
    lines = [line(n, f'"{n}"') for n in range(100)]
    first = make_store(before, written(before, lines), None, quiet)
    for file in (before / "store").iterdir():
        if file.name == damage or (damage == "tables" and file.suffix == ".sst"):
            file.unlink()
    made = make_store(after, written(after, lines[1:]), release(before, first), quiet)
    assert made.patched == 0
    assert len(Store.read_only(str(after / "store"))) == 99


def test_a_worn_store_is_loaded_anew(tmp_path: Path) -> None:
    """When much of it was changed since it was loaded, also over several builds; or by another engine."""
    before, after = tmp_path / "before", tmp_path / "after"
    lines = [line(n, f'"{n}"') for n in range(100)]
    first = make_store(before, written(before, lines), None, quiet)
    count = written(after, lines[2:])
    for made in (first._replace(patched=24), first._replace(engine="another")):
        assert make_store(after, count, release(before, made), quiet).patched == 0
        (after / "store").rename(tmp_path / made.engine)
    assert make_store(after, count, release(before, first), quiet).patched == 2


def test_differences_of_files_larger_than_a_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever blocks the lines fall into, exactly those that one file lacks are told."""
    monkeypatch.setattr("loaders.lines.BLOCK", 800)
    chance = random.Random(3)
    for number in range(20):
        lines = [line(n, f'"{"x" * chance.randrange(40)}"') for n in range(60)]
        left, right = ({*chance.sample(lines, chance.randrange(60))} for _ in range(2))
        (tmp_path / "one").write_bytes(b"".join(sorted(left)))
        (tmp_path / "other").write_bytes(b"".join(sorted(right)))
        found = list(differences(tmp_path / "one", tmp_path / "other"))
        assert [one for gone, _ in found for one in gone] == sorted(left - right), number
        assert [one for _, came in found for one in came] == sorted(right - left), number


def test_catalogue_records_come_after_the_rest(tmp_path: Path) -> None:
    """They are added to a store that was loaded, and to one that was not as what is different in them."""
    before, after = tmp_path / "before", tmp_path / "after"
    lines = [line(n, f'"{n}"') for n in range(100)]
    records = [line(n, f'"record {n}"', "records") for n in range(10)]
    count = written(before, lines)
    (before / RECORDS).write_bytes(b"".join(records))
    first = add_records(before, None, make_store(before, count, None, quiet), quiet)
    assert (first.anew, len(Store.read_only(str(before / "store")))) == (True, 110)
    written(after, lines)
    (after / RECORDS).write_bytes(b"".join(records[2:]))
    old = release(before, first)
    second = add_records(after, old, make_store(after, count, old, quiet), quiet)
    assert (second.anew, second.patched) == (False, 2)
    assert quads(Store.read_only(str(after / "store"))) == {
        one.decode().removesuffix(" .\n") for one in [*lines, *records[2:]]
    }
    assert len(Store.read_only(str(before / "store"))) == 110
