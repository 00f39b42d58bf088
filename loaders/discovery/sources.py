"""Offers as sources: those that a build works on by itself, and those that a person is shown."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from loaders.config import Config
from loaders.discovery.offers import Offer, offers
from loaders.good import read_good
from loaders.parts import MERGED
from loaders.sources import CatalogueSource, CsvSource, DatasetSource, Source, address


def catalogues(config: Config, wanted: Iterable[Source]) -> list[tuple[str, Path]]:
    """The last good version of each catalogue among sources, as `offers` reads them."""
    found = [(s.id, read_good(config.data, s.id)) for s in wanted if isinstance(s, CatalogueSource)]
    return [(id, good.folder / MERGED) for id, good in found if good]


def discovered(config: Config) -> list[tuple[CsvSource, str]]:
    """The sources that catalogues lead to, each with the id of its catalogue; none that is configured."""
    wanted = [s for s in config.sources if isinstance(s, CatalogueSource) and _discovers(config, s)]
    private = {source.id: source.private for source in wanted}
    found = new(config, offers(catalogues(config, wanted)))
    return [(source_of(offer, private[offer.source]), offer.source) for offer in found]


def _discovers(config: Config, source: CatalogueSource) -> bool:
    return config.odis.discover if source.discover is None else source.discover


def new(config: Config, found: Sequence[Offer]) -> list[Offer]:
    """The offers whose dataset and address no configured source has."""
    datasets = {source.dataset for source in config.sources if isinstance(source, DatasetSource)}
    places = {source.location.text for source in config.sources}
    return [offer for offer in found if offer.dataset not in datasets and offer.address not in places]


def source_of(offer: Offer, private: bool) -> CsvSource:
    """An offer as a source; it may lie in a private network when its catalogue may."""
    return CsvSource.model_validate(
        {**_keys(offer), "private": private},
        context={"folder": Path()},
    )


def toml(offer: Offer) -> str:
    """An offer as a table for odis.toml."""
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in _keys(offer).items()]
    return "\n".join(["[[source]]", *lines]) + "\n"


def _keys(offer: Offer) -> dict[str, str]:
    keys = {
        "id": offer.id,
        "kind": "csv",
        "title": offer.title,
        "specification": offer.specification,
        "location": offer.address,
        "dataset": offer.dataset,
        "publisher": offer.publisher,
    }
    return {
        key: value for key, value in keys.items() if key not in ("dataset", "publisher") or _usable(value)
    }


def _usable(value: str) -> bool:
    """Whether an IRI of a catalogue can stand in a configuration: a URN, for instance, cannot."""
    try:
        return bool(address(value))
    except ValueError:
        return False
