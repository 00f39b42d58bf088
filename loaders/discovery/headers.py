"""Offers told from headers: distributions that name no specification are fetched and looked at."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from loaders.discovery.offers import Offer
from loaders.harvest.fetcher import Bounds, Fetcher
from loaders.isolate import Limits, Step, run
from loaders.kinds.rows import ACCEPT
from loaders.tables.fit import fits, sample
from ontology.errors import SourceError

_LARGEST: Final = 50_000_000  # bytes
_LIMITS: Final = Limits(memory=1_000_000_000, seconds=120)


def by_header(
    found: Iterable[Offer], private: Mapping[str, bool], contact: str
) -> Iterator[tuple[Offer, str]]:
    """Each offer with what its header says: a specification, or in words why there is none.

    `private` says of each catalogue whether its addresses may lie in a private network.
    """
    with Fetcher(contact) as fetcher, TemporaryDirectory() as folder:
        for offer in found:
            target = Path(folder) / "document"
            bounds = Bounds(_LARGEST, 60, private.get(offer.source, False))
            try:
                document = fetcher.fetch(offer.address, target, bounds, accept=ACCEPT)
                name = run(f"{__name__}:{look.__name__}", str(document.path), _LIMITS)
            except SourceError as error:
                yield offer, str(error)
            else:
                why = "header" if name else ""
                yield (
                    replace(offer, specification=name, why=why),
                    "" if name else "its header follows no specification",
                )


def look(argument: Any, step: Step) -> str:
    """The specification that the header of a file follows for sure, in a process of its own; "" if none."""
    step("read")
    found = fits(sample(Path(argument), 20))
    return found[0].name if found and found[0].sure else ""
