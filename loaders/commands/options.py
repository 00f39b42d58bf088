"""The options that name a configuration and the folder of the releases, shared by the commands."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from loaders.config import Config
    from loaders.serving import Serving

DEFAULT_CONFIG: Final = Path("odis.toml")
DEFAULT_DATA: Final = Path("var")


def config_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--config`, `--sample` and `--data`, as arguments `config_file`, `sample` and `data`."""
    for option in (
        click.option(
            "--data", type=click.Path(path_type=Path), help="Where releases are kept (default: var)."
        ),
        click.option("--sample", is_flag=True, help="Use the sample region that comes with ODIS."),
        click.option(
            "--config", "-c", "config_file", type=click.Path(path_type=Path), help="Default: odis.toml here."
        ),
    ):
        command = option(command)
    return command


def configuration(config_file: Path | None, sample: bool, data: Path | None) -> "Config":
    """The configuration that the options mean; without any file it is the sample region, which is said."""
    from loaders.config import SAMPLE, load_config

    if sample or (config_file is None and not DEFAULT_CONFIG.is_file()):
        if not sample:
            click.echo(f"odis: there is no {DEFAULT_CONFIG} here, so this is the sample region", err=True)
        return load_config(SAMPLE, data=data or DEFAULT_DATA)
    return load_config(config_file or DEFAULT_CONFIG, data=data)


def data_folder(config_file: Path | None, sample: bool, data: Path | None) -> Path:
    """The folder of the releases, without asking a configuration that is not needed for it."""
    return data or configuration(config_file, sample, None).data


def served(config_file: Path | None, sample: bool, data: Path | None) -> tuple[Path, Path | None, "Serving"]:
    """The folder of the releases, that of one's own saved queries, and the table `[serve]`.

    With `--data` alone no configuration is read.
    """
    if data and config_file is None and not sample:
        from loaders.serving import Serving

        return data, None, Serving.model_validate({})
    config = configuration(config_file, sample, data)
    return config.data, config.odis.queries, config.serve
