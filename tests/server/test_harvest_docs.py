"""The page for portals names every address, profile and step there is."""

import re

import pytest
from starlette.routing import Route

from loaders.views.profiles import PROFILES, Profile
from loaders.views.schema_shelf import SCHEMA_ORG
from server.harvest.routes import ROUTES
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "harvesting.md").read_text("utf-8")


@pytest.mark.parametrize("path", [path for path, *_ in ROUTES])
def test_every_route_is_documented(path: str) -> None:
    """The fixed beginning of every route stands in docs/harvesting.md."""
    fixed = re.split(r"[{]", path)[0].strip("/-").removeprefix("api/").removesuffix(".")
    assert fixed in PAGE


@pytest.mark.parametrize("profile", [*PROFILES.values(), SCHEMA_ORG], ids=lambda profile: profile.name)
def test_every_profile_is_documented(profile: Profile) -> None:
    """Name and IRI of every profile stand in its table."""
    assert f"`{profile.name}`" in PAGE
    assert f"`{profile.iri}`" in PAGE


def test_no_route_hides_another() -> None:
    """Each path is matched by its own route first."""
    routes = [Route(path, lambda request: None, name=str(place)) for place, (path, *_) in enumerate(ROUTES)]
    for place, (path, *_) in enumerate(ROUTES):
        example = re.sub(r"\{(\w+)(:path)?\}", "x1", path)
        scope = {"type": "http", "path": example, "method": "GET"}
        first = next(one for one in routes if one.matches(scope)[0].value == 2)
        assert first.name == str(place), example
