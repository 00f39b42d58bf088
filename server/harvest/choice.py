"""Which profile and which syntax a client wants of a catalogue."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from loaders.views.hydra import DEFAULT
from loaders.views.profiles import PROFILES, Profile
from loaders.views.schema_shelf import SCHEMA_ORG
from loaders.views.syntaxes import SYNTAXES, Syntax
from server.http import problems
from server.http.negotiation import JSONLD, NTRIPLES, RDFXML, TURTLE, Choice, Format, by_accept, by_name
from server.http.problems import Problem
from server.http.request import Asked
from server.http.words import Words

OFFERS: Final = (RDFXML, TURTLE, JSONLD, NTRIPLES)
"""RDF/XML first: the national portal asks without an Accept header and wants just that."""
SYNTAX: Final[dict[str, Syntax]] = {syntax.name: syntax for syntax in SYNTAXES}
ALL_PROFILES: Final[dict[str, Profile]] = {**PROFILES, SCHEMA_ORG.name: SCHEMA_ORG}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A profile in a syntax, and the media type to label it with."""

    profile: Profile
    syntax: Syntax
    media_type: str


def choose(asked: Asked, ending: str) -> Wanted:
    """What to send; `ending` is the suffix of the address, "" to negotiate. Raises Problem 406 or 404."""
    profile = _profile(asked)
    offers = (JSONLD,) if profile is SCHEMA_ORG else OFFERS
    choice = _format(asked, ending, offers)
    if choice is None:
        raise Problem(
            problems.NOT_ACCEPTABLE,
            Words("Katalogen ges i RDF.", "The catalogue is given in RDF."),
            members={"offers": [offer.media_type for offer in offers]},
        )
    return Wanted(profile, SYNTAX[choice.format.name], choice.media_type)


def _format(asked: Asked, ending: str, offers: tuple[Format, ...]) -> Choice | None:
    if ending:
        return next((Choice(offer, offer.media_type) for offer in offers if offer.ending == ending), None)
    named = asked.one("format") or asked.one("_mediatype")
    if named:
        return by_name(named, offers)
    return by_accept(asked.accept, offers)


def _profile(asked: Asked) -> Profile:
    """The profile of the address, else of Accept-Profile, else the Swedish one."""
    named = asked.one("profile") or asked.one("_profile")
    if named:
        found = _known(named)
        if found is None:
            raise Problem(
                problems.NOT_ACCEPTABLE,
                Words(f"Profilen {named[:80]} finns inte.", f"There is no profile {named[:80]}."),
                members={"offers": list(ALL_PROFILES)},
            )
        return found
    ranked = sorted(_weighted(asked.headers.get("accept-profile", "")), key=lambda one: -one[1])
    return next((found for name, _ in ranked if (found := _known(name))), DEFAULT)


def _known(name: str) -> Profile | None:
    bare = name.strip().strip("<>\"'")
    return next(
        (found for found in ALL_PROFILES.values() if bare in (found.name, found.iri, found.iri.rstrip("/"))),
        None,
    )


def _weighted(header: str) -> Iterator[tuple[str, float]]:
    """The members of Accept-Profile with their quality values."""
    for part in header.split(","):
        name, _, parameter = part.partition(";")
        _, _, quality = parameter.partition("=")
        try:
            weight = float(quality) if quality else 1.0
        except ValueError:
            weight = 0.0
        if name.strip() and weight > 0:
            yield name, weight
