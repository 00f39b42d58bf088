"""The configuration of a build: which sources there are, and what holds for all of them."""

import difflib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
)
from pydantic_core import ErrorDetails

from loaders.tables.csvw import find_specification, specification_names
from ontology.errors import ConfigError

SAMPLE = Path(str(files(__name__.partition(".")[0]))) / "sample" / "odis.toml"
"""The configuration of the sample region that comes with ODIS."""

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


def _address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or re.search(r"[\s<>\"]", value):
        raise ValueError("expected an http or https address, such as https://example.org/catalogue.rdf")
    return value


def _base(value: str) -> str:
    if not _address(value).endswith(("/", "#")):
        raise ValueError("expected an address that ends in / or #, because names are put right behind it")
    return value


def _location(value: object, info: ValidationInfo) -> Location:
    if not isinstance(value, str) or not value:
        raise ValueError("expected a file, a folder or an http(s) address")
    if _REMOTE.match(value):
        return Location(_address(value), None)
    path = _folder(info) / value
    if not path.exists():
        raise ValueError("there is no such file or folder; expected one, or an http(s) address")
    return Location(value, path)


def _specification(value: object, info: ValidationInfo) -> Path:
    path = find_specification(str(value), _folder(info))
    if path is None:
        known = ", ".join(specification_names())
        raise ValueError(f"expected a CSVW metadata file, or one of: {known}")
    return path


def _folder(info: ValidationInfo) -> Path:
    folder: Path = (info.context or {})["folder"]
    return folder


def _below(value: object, info: ValidationInfo) -> object:
    return _folder(info) / value if isinstance(value, str | Path) and str(value) else value


Address = Annotated[str, AfterValidator(_address)]
Base = Annotated[str, AfterValidator(_base)]
Place = Annotated[Location, BeforeValidator(_location)]
Metadata = Annotated[Path, BeforeValidator(_specification)]
Count = Annotated[int, Field(ge=1)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True, strict=True)


class Settings(_Model):
    """The table `[odis]`: what holds for all sources."""

    base: Base = Field("https://odis.example/", description="All IRIs that ODIS makes begin with it.")
    data: Annotated[Path, BeforeValidator(_below)] = Field(
        Path("var"), validate_default=True, description="Folder for the releases and the last good versions."
    )
    keep_releases: Count = Field(5, description="So many releases are kept; older ones are removed.")
    profile: str = Field("dcat-ap-se", description="The shapes that catalogues are checked against.")
    contact: str = Field("", description="An address or e-mail that harvested servers see in the User-Agent.")
    workers: Count | None = Field(
        None, description="Sources that are worked on at once; one per core if left out."
    )
    memory_mb: Annotated[int, Field(ge=256)] = Field(
        4096, description="Memory that the work on one source may take, in MB."
    )
    seconds: Count = Field(1800, description="Time that the work on one source may take.")
    download_seconds: Count = Field(600, description="Time that fetching one source may take.")
    max_mb: Count = Field(1024, description="Largest document that is read, in MB, also after unpacking.")


class _Source(_Model):
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


class DcatSource(_Source):
    """A source of kind `dcat`: a catalogue in RDF, one file or a folder of them, in any syntax."""

    kind: Literal["dcat"]
    profile: str | None = Field(None, description="Other shapes than those of `[odis]`.")
    base: Address | None = Field(
        None, description="Where the document is published, for relative IRIs; its location if left out."
    )


class CsvSource(_Source):
    """A source of kind `csv`: rows of a dataset, described by a specification."""

    kind: Literal["csv"]
    specification: Metadata = Field(
        description="A specification that ODIS has, by name, or the path of a CSVW metadata document."
    )
    dataset: Address | None = Field(None, description="IRI of the dcat:Dataset that the rows belong to.")


Source = DcatSource | CsvSource


KINDS: Mapping[str, type[BaseModel]] = {"dcat": DcatSource, "csv": CsvSource}
"""The model of each kind of source."""


class Config(_Model):
    """A whole configuration file."""

    odis: Settings
    source: tuple[Annotated[Source, Field(discriminator="kind")], ...] = Field((), strict=False)

    @property
    def sources(self) -> tuple[Source, ...]:
        """The sources, in the order of the file."""
        return self.source

    @property
    def data(self) -> Path:
        """The folder of the releases and the last good versions."""
        return self.odis.data


def load_config(path: Path, *, data: Path | None = None) -> Config:
    """Read a configuration file; `data` takes the place of the folder that it names for releases.

    Raises:
        ConfigError: one line for each fault, naming file, key, and what was expected.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: the configuration cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: the configuration is not UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: the configuration is not TOML: {error}") from error
    config = config_from(table, path)
    if data is None:
        return config
    return config.model_copy(update={"odis": config.odis.model_copy(update={"data": data.absolute()})})


def config_from(table: Mapping[str, Any], path: Path) -> Config:
    """Check a configuration that was read already; `path` is its file, to which other paths are relative."""
    table = {"odis": {}, **table}
    try:
        config = Config.model_validate(table, context={"folder": path.parent.absolute()})
    except ValidationError as error:
        lines = [_line(path, table, fault) for fault in error.errors()]
        raise ConfigError("\n".join(dict.fromkeys(lines))) from error
    names = [source.id for source in config.sources]
    if not names:
        raise ConfigError(f"{path}: source: is missing; expected at least one table [[source]]")
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            raise ConfigError(
                f'{path}: id: "{name}" is used by {names.count(name)} sources; expected it once'
            )
    return config


def _line(path: Path, table: Mapping[str, Any], fault: ErrorDetails) -> str:
    kind, given, details = fault["type"], fault["input"], fault.get("ctx", {})
    *where, key = fault["loc"]
    if kind in ("union_tag_not_found", "union_tag_invalid"):
        where, key = [*where, key], "kind"
        found = f"{details['tag']!r} is no kind of source" if "tag" in details else "is missing"
        message = f"{found}; expected one of: {', '.join(KINDS)}"
    elif kind == "missing":
        message = "is missing"
    elif kind == "extra_forbidden":
        message = f"there is no such key; {_instead(str(key), _model(where))}"
    else:
        said = str(details["error"]) if kind == "value_error" else fault["msg"]
        message = f"{given!r}: {said[0].lower()}{said[1:]}" if isinstance(given, str | int | float) else said
    return f"{path}: {_place(where, table)}{key}: {message}"


def _place(where: list[str | int], table: Mapping[str, Any]) -> str:
    """`source "stockholm": ` for a fault in a source, `[odis]: ` for one in the settings."""
    if len(where) < 2 or not isinstance(where[1], int):
        return f"[{where[0]}]: " if where else ""
    entry = table["source"][where[1]]
    name = entry.get("id") if isinstance(entry, dict) else None
    return f'source "{name}": ' if isinstance(name, str) else f"source number {where[1] + 1}: "


def _model(where: list[str | int]) -> type[BaseModel]:
    """The model whose keys are allowed at a place."""
    if not where:
        return Config
    return KINDS[str(where[2])] if where[0] == "source" else Settings


def _instead(key: str, model: type[BaseModel]) -> str:
    close = difflib.get_close_matches(key, model.model_fields, n=1)
    known = ", ".join(model.model_fields)
    return f"did you mean {close[0]}?" if close else f"expected one of: {known}"
