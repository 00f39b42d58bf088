"""Blank nodes get names that depend on what they say, not on how the file spells them."""

import random
from io import BytesIO

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.catalogues.skolem import has_blank, skolemise
from tests.fuzz import FUZZ, bounded

PREFIX = "https://odis.example/.well-known/genid/s-"


def lines(turtle: str) -> list[bytes]:
    """N-Triples of a Turtle text, with new labels each time."""
    text = "@prefix : <http://example.org/> . " + turtle
    quads = ox.parse(text, ox.RdfFormat.TURTLE, rename_blank_nodes=True)
    written = ox.serialize((quad.triple for quad in quads), None, ox.RdfFormat.N_TRIPLES)
    assert written is not None
    return BytesIO(written).readlines()


def named(text: list[bytes]) -> list[bytes]:
    """The skolemised lines, sorted."""
    return sorted(skolemise(text, PREFIX))


def canonical(text: list[bytes]) -> ox.Dataset:
    """The graph with its blank nodes labelled by RDFC-1.0; skolem IRIs become blank nodes again."""
    joined = b"".join(text).decode().replace(f"<{PREFIX}", "_:").splitlines()
    blank = "\n".join(
        " ".join(part.rstrip(">") if "_:" in part[:2] else part for part in line.split(" "))
        for line in joined
    )
    dataset = ox.Dataset(ox.parse(blank, ox.RdfFormat.N_TRIPLES))
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return dataset


CASES = {
    "one": ":a :p [ :q 1 ] .",
    "nested": ":a :p [ :q [ :r [ :s 1 ] ] ] .",
    "twins": ":a :p [ :q 1 ], [ :q 1 ] .",
    "twins with children": ":a :p [ :q [ :r 1 ], [ :r 1 ] ], [ :q [ :r 1 ], [ :r 1 ] ] .",
    "no root": "[] :p [ :q 1 ] . [] :p [ :q 1 ] . [] :p 2 .",
    "list": ":a :p (1 1 1 1 2) , (1 1) .",
    "shared": ":a :p _:x . :b :p _:x . _:x :q 1 .",
    "shared twice": ":a :p _:x . :b :p _:x, _:y . :c :p _:y . _:x :q 1 . _:y :q 1 .",
    "twins, one on a shared node": ":a :p _:x,_:y . _:x :q _:z . _:y :q _:w. _:z :r 1. _:w :r 1. :b :p _:w.",
    "circle": "_:a :p _:b . _:b :p _:c . _:c :p _:a . :x :y _:a .",
    "two circles": "_:a :p _:b . _:b :p _:a . _:c :p _:d . _:d :p _:c .",
    "self": "_:a :p _:a . _:b :p _:b , 1 .",
    "there and back": ":c :dataset [ :dist _:d ; :t 1 ] . _:d :of _:e . _:e :dist _:d .",
    "square": "_:a :p _:b, _:d . _:c :p _:b, _:d .",
}


@pytest.mark.parametrize("case", CASES)
def test_order_and_labels_do_not_matter(case: str) -> None:
    """Shuffled lines with other labels give the same names, and the graph stays the same graph."""
    first = named(lines(CASES[case]))
    assert canonical(first) == canonical(lines(CASES[case]))
    for seed in range(10):
        again = lines(CASES[case])
        random.Random(seed).shuffle(again)
        assert named(again) == first


@FUZZ
@bounded(200)
@given(
    edges=st.lists(st.tuples(st.integers(0, 5), st.sampled_from("pq"), st.integers(0, 7)), max_size=10),
    seed=st.randoms(use_true_random=False),
)
def test_any_graph(edges: list[tuple[int, str, int]], seed: random.Random) -> None:
    """Whatever hangs together how, the names are the same for every order and the graph is the same graph."""
    text = " ".join(
        f"_:b{start} :{link} {f'_:b{end}' if end < 6 else f':{chr(97 + end)}'} ."
        for start, link, end in edges
    )
    text += "".join(f" :root{start} :p _:b{start} ." for start, _, end in edges if end == 6)
    first = named(lines(text))
    assert canonical(first) == canonical(lines(text))
    again = lines(text)
    seed.shuffle(again)
    assert named(again) == first


def test_a_change_elsewhere_renames_nothing() -> None:
    """The names of one dataset do not depend on another, nor a shared publisher on who refers to it."""
    before = named(lines(":a :p [ :q 1 ] ; :by _:x . :b :p [ :q 2 ] ; :by _:x . _:x :n 'X' ."))
    after = named(
        lines(":a :p [ :q 1 ] ; :by _:x . :b :p [ :q 3 ], [ :q 4 ] ; :by _:x . :c :by _:x . _:x :n 'X' .")
    )
    gone = set(before) - set(after)
    assert len(gone) == 2
    assert all(b"/b>" in line or b'"2"' in line for line in gone)


def test_alike_nodes_of_two_datasets_stay_two() -> None:
    """The same contact on two datasets is not merged into one."""
    text = named(lines(":a :contact [ :fn 'X' ] . :b :contact [ :fn 'X' ] ."))
    assert len({line.split(b" ")[2] for line in text if b"/contact>" in line}) == 2


def test_a_long_list_is_named() -> None:
    """Depth is no problem: nothing here calls itself."""
    assert len(named(lines(f":a :p ({'1 ' * 20_000}) ."))) == 40_001


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"_:a <http://p> <http://o> .\n", True),
        (b"<http://s> <http://p> _:b .\n", True),
        (b"<http://s> <http://p> <http://o> .\n", False),
        (b'<http://s> <http://p> "<http://x> _:b" .\n', False),
    ],
)
def test_blank_nodes_are_seen_only_where_they_are(line: bytes, expected: bool) -> None:
    """Text that looks like a blank node is no blank node."""
    assert has_blank(line) is expected
