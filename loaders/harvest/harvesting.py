"""The harvest of one source, of whatever kind: files as they lie, or a walk through what a server has."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from loaders.config import Settings
from loaders.good import Good, drop_unfinished, keep_unfinished, read_unfinished
from loaders.harvest.documents import Document, from_files
from loaders.harvest.fetcher import Bounds, Fetcher
from loaders.harvest.walk import Look, Walk
from loaders.kinds import ckan, dcat, entryscape, feed, oai, rows, sparql
from loaders.sources import CatalogueSource, OaiSource, Source, SparqlSource
from ontology.errors import SourceError

MEGABYTE: Final = 1_000_000

Documents = tuple[Document, ...]


def harvest(
    source: Source, folder: Path, good: Good | None, settings: Settings, fetcher: Fetcher, look: Look
) -> Documents:
    """The documents of a source; what is fetched goes into `folder`.

    A harvest that breaks off leaves its documents for the next one. Raises SourceError.
    """
    size = settings.max_mb * MEGABYTE
    path = source.location.path
    if path is not None:
        base = f"{settings.base}id/document/{source.id}/"
        return from_files(path, base, size, every_file=source.kind == "csv")
    walk = Walk(
        fetcher,
        look,
        folder,
        Bounds(size, settings.download_seconds, source.private),
        before=good.documents if good else (),
        unfinished=read_unfinished(settings.data, source.id),
        hosts=source.hosts if isinstance(source, CatalogueSource) else (),
    )
    try:
        documents = _HARVESTS.get(source.kind, _one)(walk, source)
    except SourceError:
        keep_unfinished(folder, walk.documents)
        raise
    drop_unfinished(settings.data, source.id)
    return documents


def _one(walk: Walk, source: Source) -> Documents:
    return (walk.fetch(source.location.text),)


def _oai(walk: Walk, source: Source) -> Documents:
    assert isinstance(source, OaiSource)  # noqa: S101  (its kind says so)
    return oai.harvest(walk, source.location.text, source.prefix, source.set)


def _sparql(walk: Walk, source: Source) -> Documents:
    assert isinstance(source, SparqlSource)  # noqa: S101  (its kind says so)
    return sparql.harvest(walk, source.location.text, source.query)


_HARVESTS: Final[Mapping[str, Callable[[Walk, Source], Documents]]] = {
    "dcat": lambda walk, source: dcat.harvest(walk, source.location.text),
    "csv": lambda walk, source: rows.harvest(walk, source.location.text),
    "ckan": lambda walk, source: ckan.harvest(walk, source.location.text),
    "entryscape": lambda walk, source: entryscape.harvest(walk, source.location.text),
    "feed": lambda walk, source: feed.harvest(walk, source.location.text),
    "oai-pmh": _oai,
    "sparql": _sparql,
}
"""How each kind is walked through; all others are one document."""
