"""docs/command-line.md is what the commands say; `python -m tests.test_command_line` writes it."""

import inspect
import re
from collections.abc import Iterator
from typing import Final

import click

from odis import main
from tests.conftest import ROOT

PAGE: Final = ROOT / "docs" / "command-line.md"
_HEAD: Final = """# The command line

Made from the commands themselves by `python -m tests.test_command_line`; a test says when it is stale.
`odis --help` tells the same, and so does `--help` behind every command.

Answers go to standard output, progress and problems to standard error.

| Exit code | Meaning |
|---|---|
| 0 | all well |
| 1 | something was left out, or a check found faults |
| 2 | it could not run; the last line says why |
| 130 | it was stopped with Ctrl-C |

Settings that a file or the environment may give stand in [configuration.md](configuration.md).

## Options of most commands

| Option | Meaning |
|---|---|
| `-c`, `--config` | The file with the configuration; `odis.toml` in this folder when left out, and the sample region when there is none. |
| `--sample` | Use the sample region that comes with ODIS. |
| `--data` | The folder of the releases, in place of the one that the configuration names. |

## Commands
"""  # noqa: E501  a row of a table is one line
_COMMON: Final = {"config_file", "sample", "data"}


def page() -> str:
    """The whole page: a list of the commands, then a section for each."""
    every = list(_commands(main, "odis"))
    rows = [f"| [`{name}`](#{name.replace(' ', '-')}) | {_short(command)} |" for name, command in every]
    listed = "\n".join(["| Command | Does |", "|---|---|", *rows])
    return "\n".join([_HEAD, listed, *(_section(name, command) for name, command in every), ""])


def _commands(group: click.Group, above: str) -> Iterator[tuple[str, click.Command]]:
    for name, command in sorted(group.commands.items()):
        yield f"{above} {name}", command
        if isinstance(command, click.Group):
            yield from _commands(command, f"{above} {name}")


def _section(name: str, command: click.Command) -> str:
    context = click.Context(command, info_name=name)
    words = [word.make_metavar(context) for word in command.params if isinstance(word, click.Argument)]
    options = [option for option in command.params if isinstance(option, click.Option)]
    own = [_row(option) for option in options if option.name not in _COMMON]
    parts = [f"\n## {name}", *_paragraphs(command)]
    if words:
        parts.append(f"Takes `{' '.join(words)}`.")
    if own:
        parts.append("\n".join(["| Option | Default | Meaning |", "|---|---|---|", *own]))
    if len(own) < len(options):
        parts.append("It has the [options of most commands](#options-of-most-commands).")
    if examples := re.match(r"Examples?: (odis .*)", command.epilog or ""):
        parts.append("\n".join(["```sh", *examples[1].split(" | "), "```"]))
    return "\n\n".join(parts)


def _paragraphs(command: click.Command) -> list[str]:
    """What its help says, a sentence on each line; paragraphs that are set as they stand are left out."""
    told = inspect.cleandoc(command.help or "").split("\n\n")
    kept = [" ".join(paragraph.split()) for paragraph in told if not paragraph.startswith("\b")]
    return [re.sub(r"(?<=\.) (?=[A-Z])", "\n", paragraph) for paragraph in kept]


def _short(command: click.Command) -> str:
    return _paragraphs(command)[0].partition("\n")[0].rstrip(".")


def _row(option: click.Option) -> str:
    names = ", ".join(f"`{name}`" for name in sorted(option.opts, key=len))
    default = option.to_info_dict()["default"]
    shown = f" `{default}`" if default or (default == 0 and not option.is_flag) else ""
    told = [option.help or ""]
    if isinstance(option.type, click.Choice):
        told.append(f"One of {', '.join(f'`{choice}`' for choice in option.type.choices)}.")
    if option.multiple:
        told.append("May be repeated.")
    if option.envvar:
        told.append(f"In the environment: `{option.envvar}`.")
    return f"| {names} |{shown} | {' '.join(filter(None, told))} |"


def test_the_page_is_fresh() -> None:
    """It is what the commands say now."""
    assert PAGE.read_text("utf-8") == page()


def test_every_option_says_what_it_means() -> None:
    """No option is without a word; a section is there for each command."""
    every = list(_commands(main, "odis"))
    bare = [
        f"{name} {option.opts[-1]}"
        for name, command in every
        for option in command.params
        if isinstance(option, click.Option) and not option.help
    ]
    assert bare == []
    assert page().count("\n## odis ") == len(every) >= 20


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
