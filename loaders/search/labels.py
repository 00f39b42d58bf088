"""What the fields of a catalogue are called, as the shapes of the Swedish profile name them."""

from collections.abc import Iterator

from loaders.search.subjects import Text
from shapes.check import load_profile

_PROFILES = ("dcat-ap", "dcat-ap-se")


def profile_labels() -> Iterator[tuple[str, Text]]:
    """Property and name, from `sh:name`; the Swedish profile comes last and so has the last word."""
    for profile in _PROFILES:
        for shape in load_profile(profile).graph().shapes.values():
            if shape.field and {"sv", "en"} <= set(shape.labels):
                yield shape.field, Text(shape.labels["sv"], shape.labels["en"])
