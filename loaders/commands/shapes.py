"""`odis shapes`: which profiles there are, the rules of one, and all that is said of a rule."""

import click

from ontology.errors import CheckError


@click.command(epilog="Examples: odis shapes | odis shapes dcat-ap-hvd | odis shapes Dataset-title-required")
@click.argument("name", required=False, metavar="[PROFILE | RULE]")
@click.option(
    "--lang", type=click.Choice(["sv", "en"]), default="sv", show_default=True, help="Of the texts."
)
def shapes(name: str | None, lang: str) -> None:
    """List the profiles, the rules of one, or show one rule, by its name or IRI."""
    from loaders.terminal import show_table
    from shapes.check import profiles
    from shapes.reference import rules

    if name is None:
        rows = [(key, one.title[lang], str(len(rules(one)))) for key, one in profiles().items()]
        show_table(("profile", "title"), ("rules",), rows)
    elif name in profiles():
        found = rules(profiles()[name], lang)
        rows = [(one.name, one.shape.severity, one.shape.messages.get(lang, "")) for one in found]
        show_table(("rule", "level", "what it says"), (), rows)
    else:
        click.echo(_told(name, lang))


def _told(name: str, lang: str) -> str:
    """One rule with its texts, clause, choices and IRI; of several of one name those of every profile."""
    from shapes.check import profiles
    from shapes.profile import BASE
    from shapes.reference import rules

    wanted = name.removeprefix(BASE)
    all_rules = {rule.name: rule for one in profiles().values() for rule in rules(one, lang)}
    found = [rule for key, rule in all_rules.items() if wanted in (key, key.rpartition("/")[2])]
    if not found:
        known = ", ".join(profiles())
        raise CheckError(f"there is no profile or rule {name!r}; profiles are {known}; see their rules first")
    return "\n\n".join(
        "\n".join(
            (
                f"{rule.name}  ({rule.shape.severity})",
                rule.shape.messages.get(lang, ""),
                *(f"{choice.value}  {choice.label}" for choice in rule.choices),
                *rule.shape.see_also,
                rule.shape.name,
            )
        )
        for rule in found
    )
