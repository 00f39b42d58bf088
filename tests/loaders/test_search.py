"""Search over the sample region: what people type has what they look for among the first three hits."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from loaders.releases.release import current
from loaders.search import schema
from loaders.search.ask import distance
from loaders.search.find import Found, find, hits
from loaders.search.words import parts, stem

LIST = Path(__file__).parent / "search-queries.tsv"
_PLACE = """
SELECT d.iri, o.sv FROM dataset d JOIN organisation o ON o.iri = d.publisher
UNION ALL SELECT t.iri, m.sv FROM thing t JOIN municipality m ON m.iri = t.municipality
"""


def searches() -> Iterator[tuple[str, tuple[str, ...]]]:
    """What is typed, and what will do as an answer."""
    for line in LIST.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            typed, _, expected = line.partition("\t")
            yield typed, tuple(one.strip() for one in expected.split("|"))


@pytest.fixture(scope="module")
def index(sample_region: Path) -> Iterator[sqlite3.Connection]:
    """The index of the sample region."""
    opened = schema.open_index(current(sample_region / "var").path / schema.FOLDER / schema.FILE)
    yield opened
    opened.close()


def titles(index: sqlite3.Connection, found: Found, most: int = 3) -> list[str]:
    """The first hits as the list writes them, each without and with its place."""
    places = dict(index.execute(_PLACE).fetchall())
    named = [(f"{hit.kind} {hit.title.sv}", places.get(hit.iri)) for hit in hits(index, found.ids[:most])]
    return [form for title, place in named for form in (title, f"{title} @ {place}")]


def test_the_list_is_whole() -> None:
    """Nobody has shortened the list, and it asks nothing twice."""
    typed = [text for text, _ in searches()]
    assert len(typed) == len(set(typed)) == 138


def test_success_at_three(index: sqlite3.Connection) -> None:
    """At least 95 in 100 searches have what is looked for among the first three hits."""
    missed = [
        (typed, expected)
        for typed, expected in searches()
        if not set(expected) & set(titles(index, find(index, typed)))
    ]
    assert len(missed) <= 0.05 * len(list(searches())), missed


def test_what_is_expected_exists(index: sqlite3.Connection) -> None:
    """The list asks for nothing that the sample region has not, so a miss is a miss of the search."""
    known = {f"{kind} {title}" for kind, title in index.execute("SELECT kind, sv FROM entry")}
    wanted = {one.partition(" @ ")[0] for _, expected in searches() for one in expected}
    assert wanted <= known


@pytest.mark.parametrize(
    "words",
    [
        ("badplats", "badplatser", "badplatserna", "badplatsernas"),
        ("gata", "gatan", "gatorna"),
        ("foto", "foton"),
        ("vatten", "vattnet"),
        ("utegym", "utegymmen"),
    ],
    ids=lambda words: words[0],
)
def test_forms_of_a_word(words: tuple[str, ...]) -> None:
    """All forms of a word have one stem."""
    assert len({stem(word) for word in words}) == 1


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("badvattenprov", ["bad", "vatten", "prov"]),
        ("gatuparkering", ["gata", "parkering"]),
        ("arbetsmarknad", ["arbete", "marknad"]),
        ("badplats", ["bad", "plats"]),
        ("blåmes", []),
        ("bad", []),
    ],
)
def test_parts_of_a_compound(word: str, expected: list[str]) -> None:
    """Compounds are taken apart into words of the list; what is none has no parts."""
    assert parts(word) == tuple(stem(part) for part in expected)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("utegmy", "utegym", 1),
        ("badpltser", "badplatser", 1),
        ("a", "a", 0),
        ("abc", "cab", 2),
        ("a", "abcde", 9),
    ],
)
def test_distance(one: str, other: str, expected: int) -> None:
    """Slips are counted: letters missing, added, changed, or swapped with a neighbour."""
    assert distance(one, other) == distance(other, one) == expected


def test_what_was_corrected_is_told(index: sqlite3.Connection) -> None:
    """A slip is mended and said; a word that exists is left alone."""
    assert find(index, "badpltser").corrected == (("badpltser", "badplatser"),)
    assert find(index, "badplatser").corrected == ()


def test_some_of_the_words(index: sqlite3.Connection) -> None:
    """Where no entry has every word, those with some come, and it is said."""
    assert not find(index, "badplatser nacka").some
    found = find(index, "badplatser kärnkraft")
    assert found.some and "dataset Badplatser" in titles(index, found)


@pytest.mark.parametrize(
    "text", ["", "?!", "i på och", '"', "NEAR(a b)", "title:x", "a AND (b", "*", "^a", "å" * 300]
)
def test_nothing_typed_is_an_error(index: sqlite3.Connection, text: str) -> None:
    """What is typed is never read as the language of the engine."""
    assert isinstance(find(index, text), Found)


def test_one_kind(index: sqlite3.Connection) -> None:
    """One kind alone can be asked for; the counts stay those of all kinds."""
    everything, things = find(index, "badplats"), find(index, "badplats", "thing")
    assert things.kinds == everything.kinds
    assert len(things.ids) == everything.kinds["thing"] < len(everything.ids)
