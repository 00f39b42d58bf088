"""Browsers get pages at the same addresses, in Swedish and English, and no data can inject into them."""

import re
from html.parser import HTMLParser

import httpx2
import pytest

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
EX = "https://odis.example/test/"


class Reader(HTMLParser):
    """Collects tags and text of a page, and checks that every tag is closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.tags: list[str] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.tags.append(tag)
        if tag not in ("meta", "link", "input", "br"):
            self.open.append(tag)
        self.links += [value for name, value in attrs if name in ("href", "src", "action") and value]

    def handle_endtag(self, tag: str) -> None:
        """Close a tag."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Note text."""
        self.text += data


def page(client: httpx2.Client, path: str, language: str = "en", **parameters: str) -> Reader:
    """A page, checked for what all have in common."""
    response = client.get(path, params=parameters, headers={**BROWSER, "Accept-Language": language})
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert f'<html lang="{language}">' in response.text
    reader = Reader(response.text)
    assert reader.tags.count("script") == response.text.count('<script type="module" src="/static/editor/')
    return reader


def test_home(client: httpx2.Client) -> None:
    """Figures of the release, its sources, and a box to search in."""
    reader = page(client, "/")
    assert "9,000" in reader.text
    assert "Prövning <b>" in reader.text
    assert {"form", "input", "table"} <= set(reader.tags)


def test_both_languages(client: httpx2.Client) -> None:
    """By header and by link; numbers are written as each language does."""
    reader = page(client, "/", "sv")
    assert "9\u202f000" in reader.text
    assert "Öppna data i Stockholms län" in reader.text
    assert "/?lang=en" in reader.links
    switched = client.get("/", params={"lang": "en"}, headers={**BROWSER, "Accept-Language": "sv"})
    assert '<html lang="en">' in switched.text


def test_every_link_of_the_home_page_leads_somewhere(client: httpx2.Client) -> None:
    """No dead ends, the style sheet included."""
    links = [link for link in page(client, "/").links if link.startswith("/")]
    assert len(links) > 6
    for link in links:
        assert client.get(link, headers=BROWSER).status_code in (200, 406), link


def test_the_form(client: httpx2.Client) -> None:
    """Without a query a browser gets the form, not RDF."""
    assert "textarea" in page(client, "/sparql").tags


def test_rows(client: httpx2.Client) -> None:
    """A table with links, languages and the way to every format; the query stays in the form."""
    query = 'SELECT ?t ?s { ?s <http://purl.org/dc/terms/title> ?t FILTER(?t = "Sak 7"@sv) }'
    reader = page(client, "/sparql", query=query)
    assert query in reader.text
    assert "Sak 7 sv" in reader.text
    assert f"{EX}thing/7" in reader.links
    downloads = [link for link in reader.links if "download=1" in link]
    assert len(downloads) == 4
    for link in downloads:
        assert "Sak 7" in client.get(link).text


def test_long_answers_are_begun(client: httpx2.Client) -> None:
    """The page says that it shows the first rows only."""
    reader = page(client, "/sparql", query="SELECT * { ?s ?p ?o }")
    assert "first rows" in reader.text
    assert reader.tags.count("tr") == 501


def test_yes_and_no(client: httpx2.Client) -> None:
    """The answer to ASK is a word."""
    assert "Ja" in page(client, "/sparql", "sv", query="ASK {}").text
    assert "Nej" in page(client, "/sparql", "sv", query="ASK { <a:> ?p ?o }").text


def test_triples(client: httpx2.Client) -> None:
    """Graphs are shown as Turtle."""
    reader = page(client, "/sparql", query="CONSTRUCT WHERE { ?s ?p ?o } LIMIT 1")
    assert "@prefix" in reader.text
    assert len([link for link in reader.links if "download=1" in link]) == 4


def test_no_rows(client: httpx2.Client) -> None:
    """Nothing found is said in words."""
    assert "no rows" in page(client, "/sparql", query="SELECT * { <a:> ?p ?o }").text


def test_data_cannot_inject(client: httpx2.Client) -> None:
    """Markup in values is text, and only web addresses become links."""
    query = (
        "SELECT ('<script>alert(1)</script>' AS ?a) (<javascript:alert(1)> AS ?b) ('\"><img src=x>' AS ?c) {}"
    )
    reader = page(client, "/sparql", query=query)
    assert "img" not in reader.tags
    assert "<script>alert(1)</script>" in reader.text
    assert not any(link.startswith("javascript") for link in reader.links)


@pytest.mark.parametrize("query", ['SELECT <script> "', "ASK { ?s ?p ?o ", "INSERT DATA { <a:> <b:> 1 }"])
def test_problems_are_pages_too(client: httpx2.Client, query: str) -> None:
    """With the status of the problem, what to do, and the query to correct."""
    response = client.get("/sparql", params={"query": query}, headers=BROWSER)
    assert response.status_code in (400, 403)
    reader = Reader(response.text)
    assert query.strip() in reader.text
    assert "textarea" in reader.tags


def test_an_unknown_page(client: httpx2.Client) -> None:
    """404 as a page for people, as a problem for programs."""
    assert client.get("/nowhere", headers=BROWSER).headers["content-type"] == "text/html; charset=utf-8"
    assert client.get("/nowhere").headers["content-type"] == "application/problem+json"


def test_pages_load_nothing_from_elsewhere(client: httpx2.Client) -> None:
    """The policy says so, and no link to a style or script leads out."""
    response = client.get("/", headers=BROWSER)
    assert "default-src 'self'" in response.headers["content-security-policy"]
    assert not re.search(r'(?:src|<link[^>]*href)="https?:', response.text)
