"""Coded answers decode to what was given; a stream can be read while it grows and shows when it is cut."""

import gzip
import zlib
from collections.abc import Callable

import brotli  # type: ignore[import-untyped]  # it ships no types
import pytest
import zstandard

from server.http.coding import CODERS, coder, whole

DECODE: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.decompress,
    "br": brotli.decompress,
    "zstd": lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data),
}
PARTIAL: dict[str, Callable[[bytes], bytes]] = {
    "gzip": lambda data: zlib.decompressobj(wbits=31).decompress(data),
    "br": lambda data: brotli.Decompressor().process(data),
    "zstd": DECODE["zstd"],
}
TEXT = b"".join(
    b"<https://odis.example/id/%d> a <https://odis.example/def#Thing> .\n" % n for n in range(5000)
)


@pytest.mark.parametrize("name", CODERS)
def test_parts_make_the_whole(name: str) -> None:
    """What is coded part by part decodes to the same text, in fewer bytes."""
    one = coder(name)
    assert one
    coded = b"".join(one.part(TEXT[at : at + 7000]) for at in range(0, len(TEXT), 7000)) + one.finish()
    assert DECODE[name](coded) == TEXT
    assert len(coded) < len(TEXT) / 4
    assert DECODE[name](whole(name, TEXT)) == TEXT


@pytest.mark.parametrize("name", CODERS)
def test_a_flushed_part_can_be_read_at_once(name: str) -> None:
    """The first rows reach the reader although the answer is not finished."""
    one = coder(name)
    assert one
    assert PARTIAL[name](one.part(TEXT[:5000], flush=True)) == TEXT[:5000]


@pytest.mark.parametrize("name", CODERS)
def test_equal_answers_are_equal_bytes(name: str) -> None:
    """A strong ETag promises the same bytes: no time stamps in the coding."""
    assert whole(name, TEXT) == whole(name, TEXT)


def test_no_coding_leaves_the_answer_alone() -> None:
    """The empty name is the identity coding."""
    assert coder("") is None
    assert whole("", TEXT) is TEXT
