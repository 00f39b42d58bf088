"""Paging with Hydra, the terms of today and of yesterday side by side: readers look for either."""

from typing import Final

from loaders.views.profiles import SWEDISH, Profile
from loaders.views.syntaxes import Syntax
from loaders.views.terms import A, Node, Pair, name, quote

_STEPS: Final = {
    "first": ("hydra:first", "hydra:firstPage"),
    "previous": ("hydra:previous", "hydra:previousPage"),
    "next": ("hydra:next", "hydra:nextPage"),
    "last": ("hydra:last", "hydra:lastPage"),
}
_INTEGER = name("xsd:integer")
DEFAULT: Final = SWEDISH
"""The profile of those who name none."""


def page_address(base: str, profile: Profile, syntax: Syntax, page: int, more: str = "") -> str:
    """Address of a page; it names the syntax, so that whoever follows `next` stays in it."""
    view = "" if profile is DEFAULT else f"profile={profile.name}&"
    return f"{base}catalog.{syntax.ending}?{view}{more}page={page}"


def page_node(
    base: str, profile: Profile, syntax: Syntax, page: int, pages: int, total: int, size: int, more: str = ""
) -> Node:
    """The description of one page: its neighbours, how many things there are and how many a page holds."""
    steps = {"first": 1, "previous": page - 1, "next": page + 1 if page < pages else 0, "last": pages}
    pairs: list[Pair] = [
        (A, name("hydra:PartialCollectionView")),
        (A, name("hydra:PagedCollection")),
        (name("hydra:itemsPerPage"), quote(str(size), datatype=_INTEGER)),
        (name("hydra:totalItems"), quote(str(total), datatype=_INTEGER)),
    ]
    for step, target in steps.items():
        if target:
            address = f"<{page_address(base, profile, syntax, target, more)}>"
            pairs += [(name(term), address) for term in _STEPS[step]]
    return Node(f"<{page_address(base, profile, syntax, page, more)}>", tuple(sorted(pairs)))
