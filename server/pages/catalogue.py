"""The catalogue: datasets by facets and words, page by page."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from loaders.search.find import find
from server.http.request import Asked
from server.pages.entries import Bits, Dataset, FacetValue, Organisation
from server.pages.frame import Address, addresses, render
from server.pages.sending import Page, Reading
from server.pages.shelf import Shelf

FACETS: Final = ("municipality", "theme", "specification", "format", "licence", "quality", "publisher")
ORDERS: Final = ("title", "modified", "quality")
SIZE: Final = 20
SHOWN: Final = 8
"""Values of a facet that are shown at once; the rest are unfolded."""


@dataclass(frozen=True, slots=True)
class Option:
    """A value of a facet as a link: how many datasets it would leave, and whether it is chosen."""

    value: FacetValue
    count: int
    chosen: bool
    address: str


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of the catalogue."""

    datasets: list[Dataset]
    publishers: Mapping[str, Organisation]
    total: int
    facets: Mapping[str, list[Option]]
    chosen: list[Option]
    page: int
    pages: int


def chosen_keys(asked: Asked) -> dict[str, list[str]]:
    """The values chosen of each facet."""
    return {name: list(asked.all(name)) for name in FACETS if asked.all(name)}


def chosen_bits(shelf: Shelf, chosen: Mapping[str, list[str]], but: str = "") -> Bits:
    """The datasets that have one of the chosen values of every facet; `but` leaves a facet aside."""
    bits = shelf.every
    for name, keys in chosen.items():
        if name != but:
            some = 0
            for key in keys:
                value = shelf.facet(name, key)
                some |= value.bits if value else 0
            bits &= some
    return bits


def catalogue(reading: Reading) -> Page:
    """`/datasets`: all datasets, those with words, those with the chosen values."""
    asked, shelf = reading.asked, reading.shelf
    words = asked.one("q").strip()
    found = find(shelf.index, words, "dataset") if words else None
    within = bits_of(found.ids, shelf) if found is not None else shelf.every
    chosen = chosen_keys(asked)
    bits = chosen_bits(shelf, chosen) & within
    order = asked.one("sort") if asked.one("sort") in ORDERS else ("" if words else "title")
    total = bits.bit_count()
    page, pages = page_number(asked, total, SIZE)
    start = (page - 1) * SIZE
    if order:
        datasets = shelf.page_of(bits, order, start, SIZE)
    else:
        assert found is not None  # noqa: S101 -- without words there is an order
        datasets = shelf.datasets(_best(found.ids, bits, shelf)[start : start + SIZE])
    options = _facets(shelf, chosen, within, bits, addresses(asked), asked)
    listing = Listing(
        datasets,
        publishers_of(shelf, datasets),
        total,
        options,
        [option for one in options.values() for option in one if option.chosen],
        page,
        pages,
    )
    body = render("datasets.html", asked, listing=listing, words=words, found=found, order=order, kept=chosen)
    return Page(body)


def page_number(asked: Asked, total: int, size: int) -> tuple[int, int]:
    """The page that is asked for and how many there are; the nearest there is when it is none of them."""
    pages = max(1, -(-total // size))
    return min(max(_number(asked.one("page")), 1), pages), pages


def publishers_of(shelf: Shelf, datasets: list[Dataset]) -> dict[str, Organisation]:
    """The publishers of some datasets, by IRI."""
    wanted = {dataset.publisher for dataset in datasets if dataset.publisher}
    return {iri: found for iri in wanted if (found := shelf.organisation(iri))}


def bits_of(numbers: tuple[int, ...], shelf: Shelf) -> Bits:
    """The set of these datasets."""
    data = bytearray(shelf.size // 8 + 2)
    for number in numbers:
        data[number >> 3] |= 1 << (number & 7)
    return int.from_bytes(data, "little")


def _best(numbers: tuple[int, ...], bits: Bits, shelf: Shelf) -> list[int]:
    data = bits.to_bytes(shelf.size // 8 + 2, "little")
    return [number for number in numbers if data[number >> 3] >> (number & 7) & 1]


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 1


def _facets(
    shelf: Shelf, chosen: Mapping[str, list[str]], within: Bits, bits: Bits, address: Address, asked: Asked
) -> dict[str, list[Option]]:
    kept = {name: asked.one(name) for name in ("q", "sort")}
    found: dict[str, list[Option]] = {}
    for name in FACETS:
        base = chosen_bits(shelf, chosen, but=name) & within if name in chosen else bits
        found[name] = list(_options(shelf, name, base, chosen, address, kept))
    return found


def _options(
    shelf: Shelf,
    name: str,
    base: Bits,
    chosen: Mapping[str, list[str]],
    address: Address,
    kept: Mapping[str, Any],
) -> Iterator[Option]:
    keys = chosen.get(name, [])
    counted = [(value, (value.bits & base).bit_count()) for value in shelf.facets.get(name, ())]
    for value, count in sorted(counted, key=lambda one: (one[0].key not in keys, -one[1])):
        if count or value.key in keys:
            other = [key for key in keys if key != value.key]
            new = other if value.key in keys else [*keys, value.key]
            yield Option(
                value, count, value.key in keys, address("/datasets", **kept, **{**chosen, name: new})
            )
