"""The result cache is bounded in bytes and never mixes releases, formats or codings."""

from server.sparql.cache import OVERHEAD, Key, ResultCache


def key(number: int, release: str = "one") -> Key:
    """A key that differs by number or release."""
    return Key(release, str(number), "text/csv", "")


def test_an_answer_is_found_only_under_its_own_key() -> None:
    """Release, query, format and coding each make another answer."""
    cache = ResultCache(100_000, 100_000)
    cache.put(key(1), b"a")
    assert cache.get(key(1)) == b"a"
    others = [
        Key("two", "1", "text/csv", ""),
        key(2),
        Key("one", "1", "x/y", ""),
        Key("one", "1", "text/csv", "br"),
    ]
    assert [cache.get(other) for other in others] == [None] * 4
    assert (cache.hits, cache.misses) == (1, 4)


def test_the_least_recently_used_goes_first() -> None:
    """A full cache makes room from the cold end; its size never passes the limit."""
    cache = ResultCache(3 * (OVERHEAD + 10), 10_000)
    for number in (1, 2, 3):
        cache.put(key(number), b"0123456789")
    assert cache.get(key(1))
    cache.put(key(4), b"0123456789")
    assert cache.get(key(2)) is None
    assert cache.get(key(1))
    assert cache.size <= cache.limit


def test_a_large_answer_is_not_kept() -> None:
    """One answer cannot push out all the others."""
    cache = ResultCache(10_000, 1_000)
    cache.put(key(1), b"x" * 1_000)
    assert len(cache) == 0


def test_putting_again_counts_once() -> None:
    """The size is that of what is held."""
    cache = ResultCache(10_000, 10_000)
    cache.put(key(1), b"x" * 100)
    cache.put(key(1), b"x" * 200)
    assert cache.size == 200 + OVERHEAD


def test_a_limit_of_zero_keeps_nothing() -> None:
    """The cache can be turned off."""
    cache = ResultCache(0, 1_000)
    cache.put(key(1), b"x")
    assert cache.get(key(1)) is None


def test_answers_of_other_releases_are_forgotten() -> None:
    """After a switch only the new release takes room."""
    cache = ResultCache(10_000, 10_000)
    cache.put(key(1, "old"), b"x")
    cache.put(key(1, "new"), b"y")
    cache.keep_only("new")
    assert cache.get(key(1, "old")) is None
    assert cache.get(key(1, "new")) == b"y"
    assert cache.size == 1 + OVERHEAD


def test_several_keys_count_as_one_look() -> None:
    """An answer may be kept in one coding or another."""
    cache = ResultCache(10_000, 10_000)
    cache.put(key(2), b"b")
    assert cache.find([key(1), key(2)]) == (key(2), b"b")
    assert cache.find([key(3), key(4)]) is None
    assert (cache.hits, cache.misses) == (1, 1)
