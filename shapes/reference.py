"""Every rule of a profile, for the command line, for pages and for docs/shapes.md.

python -m shapes.reference        writes docs/shapes.md; a test says when it is stale
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from shapes.choices import Choice, CodeLists
from shapes.graph import Shape
from shapes.lint import reporting
from shapes.profile import BASE, Profile, profiles
from shapes.report import LEVELS, Level

PAGE: Final = Path(__file__).parent.parent / "docs" / "shapes.md"

_SIGNS: Final = {"Violation": "must", "Warning": "should", "Info": "could"}


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule as a reader sees it."""

    shape: Shape
    name: str
    """What stands after the IRI of all shapes: `<profile>/<Class>-<property>-<rule>`."""
    subject: str
    """The class of things it is about."""
    choices: tuple[Choice, ...] = ()
    """The permitted values, where they come from a code list."""


def rules(profile: Profile, language: str = "sv") -> tuple[Rule, ...]:
    """All rules of a profile that can give a result, by class and name."""
    graph = profile.graph()
    lists = CodeLists(graph, language)
    found = (graph.shape(name) for name in reporting(graph))
    made = (_rule(shape, lists) for shape in found)
    return tuple(sorted(made, key=lambda rule: (rule.subject, rule.name)))


def _rule(shape: Shape, lists: CodeLists) -> Rule:
    name = shape.name.removeprefix(BASE)
    return Rule(shape, name, name.rpartition("/")[2].partition("-")[0], lists.choices(shape.name))


def page() -> str:
    """docs/shapes.md: a table for each class in each profile, made from the shapes themselves."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# The rules"
    yield ""
    yield "Made from the shapes by `python -m shapes.reference`; change the shapes, not this page."
    yield "How they are used stands in [shacl.md](shacl.md)."
    yield "*must* is a violation, *should* a warning, *could* a piece of advice."
    for profile in profiles().values():
        yield from _profile(profile)


def _profile(profile: Profile) -> Iterator[str]:
    own = [rule for rule in rules(profile, "en") if rule.name.startswith(f"{profile.name}/")]
    by_level = {level: sum(rule.shape.severity == level for rule in own) for level in LEVELS}
    yield ""
    yield f"## {profile.title['en']}"
    yield ""
    yield f"`{profile.name}`: {len(own)} rules, of which {_counted(by_level)}."
    for subject in dict.fromkeys(rule.subject for rule in own):
        yield ""
        yield f"### {profile.name}: {subject}"
        yield ""
        yield "| Rule | | What it says | Vad den säger |"
        yield "|---|---|---|---|"
        yield from (_row(rule) for rule in own if rule.subject == subject)


def _counted(by_level: Mapping[Level, int]) -> str:
    return ", ".join(f"{number} {_SIGNS[level]}" for level, number in by_level.items())


def _row(rule: Rule) -> str:
    shape = rule.shape
    clause = shape.see_also[0] if shape.see_also else ""
    name = rule.name.partition("/")[2]
    texts = (_cell(shape.messages.get(tag, "")) for tag in ("en", "sv"))
    return f"| [{name}]({clause}) | {_SIGNS.get(shape.severity, shape.severity)} | {' | '.join(texts)} |"


def _cell(text: str) -> str:
    """Text that Markdown shows as it is: IRIs in angle brackets and bars would be taken for markup."""
    return text.replace("|", "\\|").replace("<", "\\<").replace("_", "\\_").replace("*", "\\*")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
