"""Every page in a real browser: accessible, light, from one place, and whole without scripts."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from starlette.routing import compile_path

from server.pages.routes import PATHS
from tests.browser.conftest import WIDTHS, Language
from tests.browser.pages import PAGES
from tests.conftest import ROOT

pytestmark = pytest.mark.browser
AXE = ROOT / "server" / "editor" / "node_modules" / "axe-core" / "axe.min.js"
HEAVIEST = 150_000
LANGUAGES: tuple[Language, ...] = ("sv", "en")
RUN = """async only => {
  const found = await axe.run(document, { resultTypes: ["violations"], ...only });
  return found.violations.map(one => `${one.id}: ${one.nodes.map(node => node.html).join("  ")}`);
}"""
WEIGHT = """() => [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
  .filter(one => !one.name.includes("/static/editor/"))
  .reduce((sum, one) => sum + one.decodedBodySize, 0)"""
CONTRAST = {"runOnly": ["color-contrast"]}


@pytest.fixture(scope="session")
def axe() -> str:
    """The text of axe-core."""
    if not AXE.is_file():
        pytest.skip("needs axe-core: npm --prefix server/editor ci")
    return AXE.read_text(encoding="utf-8")


def test_every_route_has_a_page() -> None:
    """What is tested here is all there is."""
    assert len(PAGES) == 35
    patterns = {path: compile_path(path)[0] for path in PATHS}
    addresses = [address.partition("?")[0] for address in PAGES.values()]
    assert [path for path, pattern in patterns.items() if not any(map(pattern.match, addresses))] == []


@pytest.fixture(scope="module")
def readers(browser: Browser, site: str) -> Iterator[dict[Language, Page]]:
    """A tab for each language, for all pages: a fresh profile for each would take most of the time."""
    contexts = {one: browser.new_context(base_url=site, locale=one) for one in LANGUAGES}
    yield {language: context.new_page() for language, context in contexts.items()}
    for context in contexts.values():
        context.close()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_accessible(readers: dict[Language, Page], axe: str, name: str, language: Language) -> None:
    """axe-core finds nothing, wide and narrow, light and dark; nothing sticks out sideways."""
    page = readers[language]
    page.goto(PAGES[name])
    page.evaluate(axe)
    found: dict[str, Any] = {}
    for width, (wide, tall) in WIDTHS.items():
        page.set_viewport_size({"width": wide, "height": tall})
        page.emulate_media(color_scheme="light")
        found[width] = page.evaluate(RUN, {})
        found[f"{width}, outside"] = page.evaluate("document.documentElement.scrollWidth > innerWidth")
        page.emulate_media(color_scheme="dark")  # changes colours only
        found[f"{width}, dark"] = page.evaluate(RUN, CONTRAST)
    assert {where: what for where, what in found.items() if what} == {}


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_light_and_alone(browser: Browser, site: str, language: Language, scripts: bool) -> None:
    """No page weighs more than 150 kB unpacked, without the editor; asks anyone else; or sets a cookie."""
    context = browser.new_context(base_url=site, locale=language, java_script_enabled=scripts)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    weights: dict[str, int] = {}
    for name, path in PAGES.items():
        page.goto(path)
        assert page.locator("main h1").inner_text()
        weights[name] = page.evaluate(WEIGHT)
    assert {name: weight for name, weight in weights.items() if not 10_000 < weight < HEAVIEST} == {}
    assert [address for address in asked if not address.startswith(f"{site}/")] == []
    assert context.cookies() == []
    context.close()
