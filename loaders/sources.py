"""The kinds of sources that a configuration may name, and what each of them may be told."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from cronsim import CronSim, CronSimError
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo

from loaders.tables.csvw import find_specification, specification_names

_REMOTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")


@dataclass(frozen=True, slots=True)
class Location:
    """Where something lies: `text` as configured, and `path` (absolute) unless it is an http(s) address."""

    text: str
    path: Path | None

    @property
    def remote(self) -> bool:
        """Whether it has to be fetched."""
        return self.path is None


def address(value: str) -> str:
    """An http(s) address; ValueError for anything else."""
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or re.search(r"[\s<>\"]", value):
        raise ValueError("expected an http or https address, such as https://example.org/catalogue.rdf")
    return value


def folder_of(info: ValidationInfo) -> Path:
    """The folder of the configuration file, to which paths are relative."""
    folder: Path = (info.context or {})["folder"]
    return folder


def _location(value: object, info: ValidationInfo) -> Location:
    if not isinstance(value, str) or not value:
        raise ValueError("expected a file, a folder or an http(s) address")
    if _REMOTE.match(value):
        return Location(address(value), None)
    path = folder_of(info) / value
    if not path.exists():
        raise ValueError("there is no such file or folder; expected one, or an http(s) address")
    return Location(value, path)


def _service(value: object, info: ValidationInfo) -> Location:
    if not isinstance(value, str) or not _REMOTE.match(value):
        raise ValueError("expected an http or https address, such as https://example.org/sparql")
    return Location(address(value), None)


def _specification(value: object, info: ValidationInfo) -> Path:
    path = find_specification(str(value), folder_of(info))
    if path is None:
        known = ", ".join(specification_names())
        raise ValueError(f"expected a CSVW metadata file, or one of: {known}")
    return path


def _query(value: object, info: ValidationInfo) -> Path:
    path = folder_of(info) / str(value)
    if not path.is_file():
        raise ValueError("expected a file with a CONSTRUCT query")
    return path


def _cron(value: str) -> str:
    try:
        next(CronSim(value, datetime.now(UTC)))
    except (CronSimError, StopIteration) as error:
        raise ValueError('expected a cron expression, such as "15 3 * * *" for 3:15 every day') from error
    return value


Address = Annotated[str, AfterValidator(address)]
Cron = Annotated[str, AfterValidator(_cron)]
Place = Annotated[Location, BeforeValidator(_location)]
Service = Annotated[Location, BeforeValidator(_service)]
Metadata = Annotated[Path, BeforeValidator(_specification)]
Query = Annotated[Path, BeforeValidator(_query)]
Share = Annotated[float, Field(ge=0, le=1)]
Host = Annotated[str, Field(pattern=r"^[a-z0-9.:-]+$")]


class Model(BaseModel):
    """What holds for all tables: no unknown keys, no conversions."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True, strict=True)


class _Source(Model):
    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=60)] = Field(
        description="Short name of the source; it becomes part of IRIs and file names."
    )
    title: str = Field(description="What people call it.")
    location: Place = Field(description="A file, a folder or an http(s) address.")
    private: bool = Field(False, description="Whether its address may lie in a private network.")
    publisher: Address | None = Field(None, description="IRI of the organisation behind it.")
    gate: Literal["report", "reject"] = Field(
        "report",
        description="What a violation does: `report` loads and tells, `reject` keeps the last good version.",
    )
    max_fall: Share | None = Field(None, description="Another share than that of `[odis]`.")
    schedule: Cron | None = Field(None, description="Another schedule than that of `[odis]`.")
    priority: int = Field(
        0, description="Of datasets in several catalogues the highest is taken, then the first in this file."
    )


class CatalogueSource(_Source):
    """What all kinds of catalogues may be told."""

    profile: str | None = Field(None, description="Other shapes than those of `[odis]`.")
    base: Address | None = Field(
        None, description="Where the document is published, for relative IRIs; its location if left out."
    )
    publishers: tuple[Address, ...] = Field(
        (),
        strict=False,
        description="IRIs of organisations: only what they publish is taken. All when left out.",
    )
    discover: bool | None = Field(None, description="Another choice than that of `[odis]`.")
    hosts: tuple[Host, ...] = Field(
        (), strict=False, description="Other hosts that its pages and parts may lie on."
    )


class DcatSource(CatalogueSource):
    """A source of kind `dcat`: a catalogue in RDF, one file or a folder of them, in any syntax."""

    kind: Literal["dcat"]


class CkanSource(CatalogueSource):
    """A source of kind `ckan`: the packages of a CKAN, by its API or from files."""

    kind: Literal["ckan"]


class DataJsonSource(CatalogueSource):
    """A source of kind `data-json`: a catalogue as DCAT-US has it, version 1.1 or 3."""

    kind: Literal["data-json"]


class EntryScapeSource(CatalogueSource):
    """A source of kind `entryscape`: the public catalogues of an EntryStore, or one export of it."""

    kind: Literal["entryscape"]


class OaiSource(CatalogueSource):
    """A source of kind `oai-pmh`: the records of a repository."""

    kind: Literal["oai-pmh"]
    prefix: str = Field("dcat_ap", description="The metadata prefix to ask for; RDF/XML or `oai_dc`.")
    set: str | None = Field(None, description="Only the records of this set.")


class SparqlSource(CatalogueSource):
    """A source of kind `sparql`: what a CONSTRUCT query finds behind an endpoint."""

    kind: Literal["sparql"]
    location: Service = Field(description="The http(s) address of the endpoint.")
    query: Query | None = Field(
        None,
        description="A file with another CONSTRUCT query, paged where it has LIMIT ?_limit OFFSET ?_offset.",
    )


class FeedSource(CatalogueSource):
    """A source of kind `feed`: an LDES of activities, as DCAT-AP Feeds describes it."""

    kind: Literal["feed"]


class DatasetSource(_Source):
    """What all kinds of datasets may be told."""

    specification: Metadata = Field(
        description="A specification that ODIS has, by name, or the path of a CSVW metadata document."
    )
    dataset: Address | None = Field(None, description="IRI of the dcat:Dataset that the rows belong to.")


class CsvSource(DatasetSource):
    """A source of kind `csv`: rows of a dataset, described by a specification."""

    kind: Literal["csv"]


class RdfSource(DatasetSource):
    """A source of kind `rdf`: things of a dataset in RDF of another form, made over by CONSTRUCT queries."""

    kind: Literal["rdf"]
    map: Query | None = Field(
        None, description="A file with another CONSTRUCT query than those of the specification."
    )


Catalogue = (
    DcatSource | CkanSource | DataJsonSource | EntryScapeSource | OaiSource | SparqlSource | FeedSource
)
Source = Catalogue | CsvSource | RdfSource

KINDS: Mapping[str, type[BaseModel]] = {
    "dcat": DcatSource,
    "ckan": CkanSource,
    "data-json": DataJsonSource,
    "entryscape": EntryScapeSource,
    "oai-pmh": OaiSource,
    "sparql": SparqlSource,
    "feed": FeedSource,
    "csv": CsvSource,
    "rdf": RdfSource,
}
"""The model of each kind of source."""
