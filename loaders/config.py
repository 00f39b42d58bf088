"""The configuration of a build: which sources there are, and what holds for all of them."""

import difflib
import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    ValidationError,
    ValidationInfo,
)
from pydantic_core import ErrorDetails

from loaders.serving import Serving
from loaders.sources import KINDS, Cron, Model, Share, Source, address, folder_of
from ontology.errors import ConfigError

SAMPLE = Path(str(files(__name__.partition(".")[0]))) / "sample" / "odis.toml"
"""The configuration of the sample region that comes with ODIS."""


def _base(value: str) -> str:
    if not address(value).endswith(("/", "#")):
        raise ValueError("expected an address that ends in / or #, because names are put right behind it")
    return value


def _below(value: object, info: ValidationInfo) -> object:
    return folder_of(info) / value if isinstance(value, str | Path) and str(value) else value


Base = Annotated[str, AfterValidator(_base)]
Count = Annotated[int, Field(ge=1)]


class Settings(Model):
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
    max_fall: Share = Field(
        0.3, description="Share of its datasets that a source may lose at once; more is held back. 1: any."
    )
    schedule: Cron = Field(
        "15 3 * * *", description="When `odis build --watch` harvests the sources: a cron expression."
    )
    timezone: str = Field("Europe/Stockholm", description="Time zone of the schedules.")
    discover: bool = Field(
        False,
        description="Whether distributions that name a specification become sources by themselves.",
    )
    queries: Annotated[Path | None, BeforeValidator(_below)] = Field(
        None, description="Folder of your own saved queries, which every build tries with its own."
    )
    max_mb: Count = Field(1024, description="Largest document that is read, in MB, also after unpacking.")


class Config(Model):
    """A whole configuration file."""

    odis: Settings
    serve: Serving = Serving.model_validate({})
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


def with_flags(serving: Serving, flags: Mapping[str, Any]) -> Serving:
    """The table `[serve]` with what the command line or the environment says; ConfigError names the flag."""
    said = {key: value for key, value in flags.items() if value not in (None, "", ())}
    try:
        return Serving.model_validate({**serving.model_dump(), **said})
    except ValidationError as error:
        fault = error.errors()[0]
        flag = str(fault["loc"][0]).removesuffix("_mib").replace("_", "-")
        raise ConfigError(f"--{flag}: {fault['input']!r}: {fault['msg'].lower()}") from error


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
    if where[0] == "source":
        return KINDS[str(where[2])]
    return Serving if where[0] == "serve" else Settings


def _instead(key: str, model: type[BaseModel]) -> str:
    close = difflib.get_close_matches(key, model.model_fields, n=1)
    known = ", ".join(model.model_fields)
    return f"did you mean {close[0]}?" if close else f"expected one of: {known}"
