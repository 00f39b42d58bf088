"""The SPARQL editor in a real browser."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage

pytestmark = pytest.mark.browser


def test_without_scripts_the_form_still_answers(open_page: OpenPage) -> None:
    """The plain form sends the query and shows the answer as a table."""
    page = open_page("/sparql", scripts=False)
    page.get_by_role("button", name="Kör frågan").click()
    expect(page.get_by_role("row")).to_have_count(21)
