"""Checks one document that is no source of a build: a steward's file or address, read aside."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

from loaders.checking import REPORTS, check_file, profile_of
from loaders.config import Config
from loaders.convert import Job, convert
from loaders.good import read_good
from loaders.harvest.documents import Document, from_files
from loaders.harvest.fetcher import Bounds, Fetcher
from loaders.isolate import Limits, Step, run
from loaders.parts import GRAPH, MERGED
from loaders.sources import CatalogueSource
from ontology.errors import CheckError, ConfigError, SourceError
from shapes.check import load_profile
from shapes.compare import compare
from shapes.present import View, present
from shapes.profile import Profile
from shapes.report import Report
from shapes.surroundings import Surroundings, read_surroundings
from shapes.waivers import Waived
from shapes.writers import WRITERS

BASE = "https://odis.example/"
LIMITS = Limits(memory=4_000_000_000, seconds=1800)

_REMOTE = re.compile(r"https?://", re.I)
_SIZE = 1_000_000_000  # bytes
_ENDINGS = {
    "text/turtle": ".ttl",
    "application/rdf+xml": ".rdf",
    "application/ld+json": ".jsonld",
    "application/n-triples": ".nt",
}
# Whoever sits at the command line may reach their own network.
_FETCH = Bounds(_SIZE, seconds=600, private=True)


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was checked, against what, and what came of it."""

    report: Report
    profile: Profile
    around: Surroundings

    def view(self, language: str, waived: Waived | None = None, before: Report | None = None) -> View:
        """The report for people, less what is waived, compared with an earlier one where there is one."""
        report = waived.report if waived else self.report
        changes = compare(before, report) if before else None
        return present(report, self.profile, self.around, language, waived, changes)


def inspect(location: str, *, profile: str = "dcat-ap-se", engine: str = "shacl") -> Inspection:
    """Check a file or an http(s) address; a folder is checked as one catalogue.

    Raises SourceError when it cannot be fetched or read, CheckError for unusable shapes.
    """
    shapes = load_profile(profile)  # what is wrong with the shapes is told before anything is fetched
    with TemporaryDirectory() as name:
        folder = Path(name)
        report = _inspect(location, folder, profile, engine)
        return Inspection(report, shapes, read_surroundings(folder / MERGED))


@contextmanager
def local_shapes(profile: str) -> Iterator[str]:
    """What to give as profile: shapes at an http(s) address are fetched, and are there inside the block."""
    if not _REMOTE.match(profile):
        yield profile
        return
    with TemporaryDirectory() as name, Fetcher() as fetcher:
        document = fetcher.fetch(profile, Path(name) / "shapes", _FETCH)
        ending = _ENDINGS.get(document.hint) or Path(urlsplit(document.address).path).suffix or ".ttl"
        yield str(document.path.rename(document.path.with_suffix(ending)))


def inspect_source(config: Config, source_id: str, *, profile: str = "", engine: str = "shacl") -> Inspection:
    """Check the last good version of a source of a configuration, against its own profile or another.

    Raises ConfigError for a source that there is not, SourceError when it has no good version.
    """
    source = next((source for source in config.sources if source.id == source_id), None)
    if source is None:
        known = ", ".join(source.id for source in config.sources)
        raise ConfigError(f"there is no source {source_id!r}; there are: {known}")
    good = read_good(config.data, source_id)
    if good is None:
        raise SourceError(f"{source_id} has no good version yet; harvest it with: --harvest")
    catalogue = isinstance(source, CatalogueSource)
    specification = "" if catalogue or profile else str(source.specification)  # type: ignore[union-attr]
    own = (source.profile if catalogue else "") or config.odis.profile  # type: ignore[union-attr]
    chosen = profile_of(profile or own, specification)
    if chosen is None:
        raise CheckError(f"the specification of {source_id} has no shapes to check against")
    with TemporaryDirectory() as name:
        data = Path(name) / "data.nt"
        _write_triples(good.folder / GRAPH, data)
        prefix = f"{config.odis.base}.well-known/genid/{source_id}-"
        report = check_file(data, profile or own, specification, prefix=prefix, engine=engine)
    return Inspection(report, chosen, read_surroundings(good.folder / MERGED))


def _write_triples(quads: Path, target: Path) -> None:
    """The triples of a graph that was harvested, from N-Quads that are all of one graph."""
    with quads.open("rb") as lines, target.open("wb") as file:
        file.writelines(line[: line.rindex(b" <")] + b" .\n" for line in lines)


@dataclass(frozen=True, slots=True)
class Examination:
    """What a stranger wants to have checked, in values that JSON can carry.

    Either `document`, the path of a file, or `address` is given; `hint` is the media type or ending of the
    file; `format` is one of `WRITERS`; `size` is in bytes, and `seconds` is what fetching may take.
    """

    folder: str
    profile: str
    language: str
    format: str
    size: int
    seconds: float
    document: str = ""
    hint: str = ""
    address: str = ""


OUT = "report.out"
"""The report that `examine` writes into its folder."""


def examine(argument: Mapping[str, Any], step: Step) -> dict[str, int]:
    """Do one `Examination`, from fetching to the written report; gives the counts. For `loaders.isolate`."""
    given = Examination(**argument)
    folder = Path(given.folder)
    profile = load_profile(given.profile)
    convert(asdict(_job((_submitted(given),), folder, given.profile, "shacl", given.size)), step)
    report = Report.from_json((folder / REPORTS[0]).read_bytes())
    inspection = Inspection(report, profile, read_surroundings(folder / MERGED))
    text = WRITERS[given.format](inspection.view(given.language))
    (folder / OUT).write_text(text, encoding="utf-8")
    return asdict(report.counts)


def _submitted(given: Examination) -> Document:
    """The document that was sent, or the one that a public address gives."""
    if not given.address:
        return Document(Path(given.document), "document", f"{BASE}id/document/", given.hint, "")
    with Fetcher(direct=True) as fetcher:
        bounds = Bounds(given.size, given.seconds)
        return fetcher.fetch(given.address, Path(given.folder) / "document", bounds)


def _inspect(location: str, folder: Path, profile: str, engine: str) -> Report:
    job = _job(documents(location, folder), folder, profile, engine, _SIZE)
    run(f"{convert.__module__}:{convert.__name__}", asdict(job), LIMITS)
    return Report.from_json((folder / REPORTS[0]).read_bytes())


def _job(found: tuple[Document, ...], folder: Path, profile: str, engine: str, limit: int) -> Job:
    return Job(
        source="document",
        documents=[[str(d.path), d.name, d.address, d.hint] for d in found],
        folder=str(folder),
        base=BASE,
        graph=f"{BASE}graph/source/document",
        limit=limit,
        profile=profile,
        engine=engine,
    )


def documents(location: str, folder: Path) -> tuple[Document, ...]:
    """A file, or all of a folder, or what an http(s) address gives, fetched into `folder`; SourceError."""
    if _REMOTE.match(location):
        with Fetcher() as fetcher:
            return (fetcher.fetch(location, folder / "document", _FETCH),)
    path = Path(location)
    if not path.exists():
        raise SourceError(f"{location}: there is no such file or folder; expected one, or an http(s) address")
    return from_files(path.absolute(), f"{BASE}id/document/", _SIZE)
