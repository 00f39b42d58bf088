"""A real Chromium in front of a real server over the sample region."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from tests.conftest import serving

WIDTHS = {"wide": (1280, 900), "phone": (390, 844)}
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
Language = Literal["sv", "en"]
Width = Literal["wide", "phone"]
Scheme = Literal["light", "dark"]
OpenPage = Callable[..., Page]
"""`open_page(path, language="sv", width="wide", scheme="light", scripts=True)`: a page in a fresh profile."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium; the tests are skipped where there is none.

    It is one for each module, not for the session: while Playwright runs, its thread counts as one with a
    running event loop, and tests of other folders that call `asyncio.run` would fail.
    """
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("needs a Chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def site(sample_region: Path) -> Iterator[str]:
    """The address of a server over the sample region, without a slash at its end."""
    with serving(sample_region) as address:
        yield address.rstrip("/")


@pytest.fixture
def open_page(browser: Browser, site: str) -> Iterator[OpenPage]:
    """Opens pages of the site; a script error or a refused resource on any of them fails the test."""
    faults: list[str] = []
    with ExitStack() as stack:

        def opened(
            path: str,
            language: Language = "sv",
            width: Width = "wide",
            scheme: Scheme = "light",
            scripts: bool = True,
        ) -> Page:
            wide, tall = WIDTHS[width]
            context = browser.new_context(
                base_url=site,
                locale="sv-SE" if language == "sv" else "en-GB",
                viewport={"width": wide, "height": tall},
                color_scheme=scheme,
                java_script_enabled=scripts,
                reduced_motion="reduce",
            )
            stack.callback(context.close)
            context.set_default_timeout(15_000)
            page = context.new_page()
            page.on("pageerror", lambda error: faults.append(str(error)))
            page.on("console", lambda message: _note(message, faults))
            page.goto(path)
            return page

        yield opened
    assert not faults


def _note(message: ConsoleMessage, faults: list[str]) -> None:
    """Keep what the console calls an error, but not that an answer failed, which a test may want."""
    if message.type == "error" and not message.text.startswith("Failed to load resource"):
        faults.append(message.text)


expect.set_options(timeout=15_000)
