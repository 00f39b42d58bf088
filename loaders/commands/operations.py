"""`odis backup` and `odis restore`."""

from pathlib import Path

import click

from loaders.commands.options import config_options, data_folder

_ARCHIVE = click.Path(path_type=Path, dir_okay=False)


@click.command(epilog="Example: odis backup odis-2026-11-26.tar.gz")
@config_options
@click.argument("archive", type=_ARCHIVE)
def backup(config_file: Path | None, sample: bool, data: Path | None, archive: Path) -> None:
    """Copy the served release, the last good version of each source and all counts into one archive."""
    from loaders.operations.backup import backup as make

    release = make(data_folder(config_file, sample, data), archive)
    click.echo(f"{archive}: release {release.id}, {archive.stat().st_size / 1e6:,.1f} MB")


@click.command(epilog="Example: odis restore odis-2026-11-26.tar.gz --data /srv/odis/var-restored")
@config_options
@click.argument("archive", type=_ARCHIVE)
def restore(config_file: Path | None, sample: bool, data: Path | None, archive: Path) -> None:
    """Bring a backup back into a folder that is not there yet; every file is verified before."""
    from loaders.operations.backup import restore as bring_back

    folder = data_folder(config_file, sample, data)
    click.echo(f"{folder}: release {bring_back(archive, folder).id}")
