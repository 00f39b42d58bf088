"""The SPARQL editor in a real browser: what it suggests, marks, shows, shares, stops and keeps."""

import json
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from server.pages.plain import EDITOR
from tests.browser.conftest import Language, OpenPage, Scheme, Width
from tests.conftest import ROOT, serving

pytestmark = pytest.mark.browser
EDITOR_SOURCE = ROOT / "server" / "editor"
DATASETS = """PREFIX dcat: <http://www.w3.org/ns/dcat#>
PREFIX dcterms: <http://purl.org/dc/terms/>
SELECT ?title { ?dataset a dcat:Dataset ; dcterms:title ?title } ORDER BY ?title LIMIT 7"""
SHAPES = """PREFIX geo: <http://www.opengis.net/ont/geosparql#>
SELECT ?name ?wkt { VALUES (?name ?wkt) {
  ("point" "POINT(18.05 59.33)"^^geo:wktLiteral)
  ("points" "MULTIPOINT((18.1 59.3), (18.2 59.4))"^^geo:wktLiteral)
  ("line" "LINESTRING(18.0 59.3, 18.1 59.35)"^^geo:wktLiteral)
  ("hole" "POLYGON((17 59,18 59,18 60,17 59),(17.5 59.1,17.6 59.1,17.6 59.2,17.5 59.1))"^^geo:wktLiteral)
  ("areas" "MULTIPOLYGON(((18 59,18.1 59,18 59.1,18 59)),((19 59,19.1 59,19 59.1,19 59)))"^^geo:wktLiteral)
  ("elsewhere" "<http://www.opengis.net/def/crs/EPSG/0/3006> POINT(674032 6580822)"^^geo:wktLiteral)
} }"""
SLOW = """SELECT * { ?a ?b ?c BIND(REPLACE(STR(?a), ".", "0123456789012345678901234567890123456789") AS ?long)
  OPTIONAL { ?d ?e ?f FILTER(STRLEN(CONCAT(STR(?a), STR(?d))) < 2) } }"""
"""Gives long rows from the start, and takes far longer for all of them than it may."""
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"

MANDATORY = "Obligatoriska enligt profilen"

Editor = Callable[..., Page]


@pytest.fixture
def editor(open_page: OpenPage) -> Editor:
    """Opens /sparql and waits for the editor."""
    if not EDITOR.is_file():
        pytest.skip("the editor is not built: make server/static/editor/editor.js")

    def opened(
        path: str = "/sparql", language: Language = "sv", width: Width = "wide", scheme: Scheme = "light"
    ) -> Page:
        page = open_page(path, language, width, scheme)
        expect(page.locator("#example")).to_be_visible()
        return page

    return opened


def write(page: Page, text: str) -> Locator:
    """Put a text into the editor, the cursor where the text has a bar."""
    before, bar, after = text.partition("¦")
    code = page.get_by_role("textbox", name="SPARQL")
    code.click()
    page.keyboard.press("Control+a")
    page.keyboard.press("Backspace")
    page.keyboard.insert_text(before + after)
    for _ in after if bar else "":
        page.keyboard.press("ArrowLeft")
    return code


def run(page: Page, text: str) -> None:
    """Write a query and run it from the keyboard."""
    write(page, text)
    page.keyboard.press("Control+Enter")


def kept_text(page: Page) -> str:
    """The text of the editor, as the form would send it."""
    return page.locator("textarea").evaluate("field => field.value")  # type: ignore[no-any-return]


def test_without_scripts_the_form_still_answers(open_page: OpenPage) -> None:
    """The plain form sends the query and shows the answer as a table."""
    page = open_page("/sparql", scripts=False)
    page.get_by_role("button", name="Kör frågan").click()
    expect(page.get_by_role("row")).to_have_count(21)


def test_a_query_is_written_and_run_from_the_keyboard(editor: Editor) -> None:
    """Typing and Ctrl+Enter give the rows, with things leading to their pages."""
    page = editor()
    code = write(page, "")
    code.press_sequentially("SELECT ?thing WHERE { ?thing a <http://www.w3.org/ns/dcat#Dataset> ")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#answer-section tbody tr").first.get_by_role("link")).to_have_attribute(
        "href", re.compile(r"^/resource\?iri=http")
    )


@pytest.mark.parametrize(
    ("text", "section", "offered"),
    [
        ("{ ?d a dcat:Dataset ; ¦ }", MANDATORY, "dcterms:title"),
        ("{ ?d dcterms:title ?t ; ¦ . ?d a dcat:Dataset }", MANDATORY, "dcterms:title"),
        ("{ ?d dcat:distribution [ a dcat:Distribution ; ¦ ] }", MANDATORY, "dcat:accessURL"),
        ("{ ?d a dcat:Dataset ; nyck¦ }", "Rekommenderade", "dcat:keyword"),
        ("{ ?d a dcat:Dataset OPTIONAL { ?d hasv¦ } }", "Valfria", "dcat:hasVersion"),
        ("{ ?d a dcat:Dataset ; versioninfo¦ }", "Används också", "owl:versionInfo"),
        ("{ ?d a datas¦ }", "Klasser", "dcat:Dataset"),
        ("{ ?d keyw¦ }", "Egenskaper", "dcat:keyword"),
        ("{ ?place ?p ?o FILTER(?pl¦) }", "", "?place"),
        ("{ ?d a ?c . opti¦ }", "", "OPTIONAL"),
    ],
)  # fmt: skip
def test_suggestions_depend_on_the_place(editor: Editor, text: str, section: str, offered: str) -> None:
    """Properties of the class at hand under the mark of the profile; and classes, variables, keywords."""
    page = editor()
    prologue = "PREFIX dcat: <http://www.w3.org/ns/dcat#> PREFIX dcterms: <http://purl.org/dc/terms/> "
    write(page, f"{prologue}SELECT * {text}")
    page.keyboard.press("Control+Space")
    listed = page.get_by_role("listbox")
    expect(listed.locator(".cm-completionLabel", has_text=offered).first).to_be_visible()
    lines = listed.locator("li, completion-section").all_text_contents()
    before = lines[: next(place for place, line in enumerate(lines) if line.startswith(offered))]
    sections = listed.locator("completion-section").all_text_contents()
    assert (next((line for line in reversed(before) if line in sections), "")) == section


def test_suggestions_come_from_the_release_without_a_query(editor: Editor) -> None:
    """A chosen suggestion declares its prefix, and nothing is sent to the engine for it."""
    page = editor()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    write(page, "SELECT * {\n  ?place a badplats¦\n}")
    page.keyboard.press("Control+Space")
    expect(page.get_by_role("option", name="odis:BathingPlace")).to_be_visible()
    page.wait_for_timeout(100)  # a list that has just opened takes no Enter, which may be meant for the text
    page.keyboard.press("Enter")
    expect(page.locator("textarea")).to_have_value(
        "PREFIX odis: <https://odis.example/def#>\n\nSELECT * {\n  ?place a odis:BathingPlace\n}"
    )
    assert asked == []


def test_a_syntax_error_is_shown_at_its_place(editor: Editor) -> None:
    """What the server says stands below, the place is marked in the text, and a button leads there."""
    page = editor()
    run(page, "SELECT * {\n  ?s ?p ?o FILTER ?o\n}")
    expect(page.get_by_role("alert")).to_contain_text("Frågan är inte giltig SPARQL")
    expect(page.locator(".cm-lintRange-error")).to_have_text("?o")
    page.get_by_role("button", name="Rad 2, kolumn 19").click()
    expect(page.get_by_role("textbox", name="SPARQL")).to_be_focused()
    page.keyboard.type("1 = 1 #")
    expect(page.locator(".cm-lintRange-error")).to_have_count(0)


def test_a_fault_is_marked_while_one_writes(editor: Editor) -> None:
    """The parser of the editor marks what it cannot make sense of, and what SPARQL 1.2 adds is let be."""
    page = editor()
    write(page, "SELECT * { ?s ?p ?o } LIMIT many")
    expect(page.locator(".cm-lintRange-warning")).to_have_text("many")
    write(page, "SELECT * { << ?s ?p ?o >> ?q ?r }")
    expect(page.locator(".cm-lintRange-warning")).to_have_count(0)


def test_a_forgotten_prefix_is_added(editor: Editor) -> None:
    """One button declares the prefix and runs the query again."""
    page = editor()
    run(page, "SELECT * { ?d a dcat:Dataset } LIMIT 3")
    page.get_by_role("button", name="Lägg till PREFIX dcat:").click()
    expect(page.locator("#answer-section tbody tr")).to_have_count(3)
    expect(page.get_by_role("alert")).to_have_count(0)


def test_an_example_is_fetched(editor: Editor) -> None:
    """A saved query becomes the text, which can be undone."""
    page = editor()
    before = kept_text(page)
    page.get_by_label("Exempel").select_option(index=1)
    page.get_by_role("button", name="Hämta").click()
    expect(page.locator("textarea")).to_have_value(re.compile("^PREFIX"))
    assert kept_text(page) != before
    page.keyboard.press("Control+z")
    assert kept_text(page) == before


def test_geometries_are_drawn_on_a_map(editor: Editor) -> None:
    """Points, lines and areas are drawn; a click tells the row, and zooming changes the picture alone."""
    page = editor()
    run(page, SHAPES)
    page.get_by_role("tab", name="Karta").click()
    drawn = page.locator("svg.map")
    counts = {kind: drawn.locator(f".{kind}").count() for kind in ("dot", "line", "area")}
    assert counts == {"dot": 3, "line": 1, "area": 3}
    drawn.locator(".dot").first.click()
    expect(page.locator(".chosen-place")).to_contain_text("point")
    before = drawn.locator(".line").get_attribute("d")
    page.get_by_role("button", name="Zooma in").click()
    assert drawn.locator(".line").get_attribute("d") != before
    page.get_by_role("button", name="Hela kartan").click()
    assert drawn.locator(".line").get_attribute("d") == before


def test_numbers_are_drawn_as_a_chart(editor: Editor) -> None:
    """One bar for each row, of the number and under the name that are chosen; the tabs obey the arrows."""
    page = editor()
    run(page, 'SELECT * { VALUES (?name ?a ?b) { ("x" 3 1) ("y" -2 2) ("z" 5 3) } }')
    page.get_by_role("tab", name="Tabell").press("ArrowRight")
    expect(page.get_by_role("tab", name="Diagram")).to_have_attribute("aria-selected", "true")
    expect(page.locator("svg.chart .amount")).to_have_text(["3", "−2", "5"])
    page.get_by_label("Värde").select_option("b")
    expect(page.locator("svg.chart .amount")).to_have_text(["1", "2", "3"])


def test_a_table_is_sorted_and_goes_on(editor: Editor) -> None:
    """A heading sorts by value, not by letter; long answers are shown some hundred rows at a time."""
    page = editor()
    run(page, "SELECT ?n { VALUES ?n { 10 9 100 } }")
    page.get_by_role("button", name="n", exact=True).click()
    expect(page.locator("#answer-section tbody td")).to_have_text(["9", "10", "100"])
    run(page, "SELECT * { ?s ?p ?o } LIMIT 450")
    page.get_by_role("button", name="Visa 200 rader till").click()
    page.get_by_role("button", name="Visa 50 rader till").click()
    expect(page.locator("#answer-section tbody tr")).to_have_count(450)


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("ASK { ?s ?p ?o }", "Ja"),
        ("SELECT * { ?s <urn:none> ?o }", "Frågan gav inga rader."),
        ("CONSTRUCT { <urn:a> <urn:b> 1 } {}", "<urn:a> <urn:b> 1"),
        ("SELECT ?x { VALUES ?x { <urn:x> } }", "urn:x"),
    ],
)
def test_every_form_of_answer_is_shown(editor: Editor, query: str, shown: str) -> None:
    """ASK, no rows, a graph and a term that is no address have their own views."""
    page = editor()
    run(page, query)
    expect(page.locator("#answer-section")).to_contain_text(shown)


def test_the_raw_answer_is_the_document(editor: Editor) -> None:
    """The raw view holds SPARQL JSON results that can be copied and parsed."""
    page = editor()
    run(page, DATASETS)
    page.get_by_role("tab", name="Rådata").click()
    document = json.loads(page.locator("pre.raw").inner_text())
    assert len(document["results"]["bindings"]) == 7


def test_a_link_gives_the_query_and_its_answer(editor: Editor, open_page: OpenPage) -> None:
    """The copied link opens the same query with its answer, for readers without scripts as well."""
    page = editor()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    run(page, DATASETS)
    page.get_by_role("tab", name="Rådata").click()
    page.get_by_role("button", name="Kopiera länk").click()
    expect(page.get_by_role("status")).to_have_text("Länken är kopierad.")
    link = page.evaluate("navigator.clipboard.readText()")
    other = editor(link)
    expect(other.get_by_role("tab", name="Rådata")).to_have_attribute("aria-selected", "true")
    assert kept_text(other) == DATASETS
    plain = open_page(link, scripts=False)
    expect(plain.get_by_role("row")).to_have_count(8)


def test_stopping_ends_the_query_at_the_server(editor: Editor, site: str) -> None:
    """After a click on Stop no worker is busy with the query, and the page says so."""
    page = editor()

    def busy() -> float:
        text = page.request.get(f"{site}/metrics").text()
        return sum(map(float, re.findall(r"^odis_pool_(?:fast|slow)_queries (\S+)", text, re.M)))

    run(page, ENDLESS)
    until(lambda: busy() == 1)
    page.get_by_role("button", name="Avbryt").click()
    expect(page.get_by_role("status")).to_contain_text("Avbruten efter")
    until(lambda: busy() == 0)
    expect(page.get_by_role("button", name="Avbryt")).to_be_hidden()


def test_only_whole_answers_look_whole(editor: Editor, sample_region: Path) -> None:
    """A long answer is shown in its beginning and says so; one that broke off is not shown at all."""
    with serving(sample_region, "--deadline", "2") as address:
        page = editor(f"{address}sparql")
        run(page, "SELECT * { ?a ?b ?c . ?d ?e ?f }")
        expect(page.locator("#answer-section")).to_contain_text("Här är början")
        run(page, SLOW)
        expect(page.get_by_role("alert")).to_contain_text("Svaret bröts av")
        run(page, ENDLESS)
        expect(page.get_by_role("alert")).to_contain_text("Frågan hann inte bli klar")
        expect(page.locator("#answer-section")).to_have_count(0)


def until(holds: Callable[[], bool], seconds: float = 10) -> None:
    """Wait until something holds; it must within the seconds, which is less than the query may take."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_the_text_survives_a_reload(editor: Editor) -> None:
    """What was written is there after a reload and in the other language; a linked query keeps its edits."""
    page = editor()
    write(page, "# mine\nASK {}")
    page.reload()
    expect(page.locator("textarea")).to_have_value("# mine\nASK {}")
    page.get_by_role("link", name="In English").click()
    expect(page.get_by_role("textbox", name="Query in SPARQL")).to_contain_text("# mine")
    page.goto("/sparql?query=ASK%20%7B%7D")
    expect(page.get_by_role("textbox", name="SPARQL")).to_have_text("ASK {}")
    write(page, "ASK { ?s ?p ?o }")
    page.reload()
    expect(page.get_by_role("textbox", name="SPARQL")).to_have_text("ASK { ?s ?p ?o }")


def test_a_broken_link_marks_the_fault(editor: Editor) -> None:
    """A link to a query that is not valid opens the editor with the place marked."""
    page = editor("/sparql?query=SELECT%20*%20%7B%20%3Fs%20%3Fp%20%7D")
    expect(page.locator(".cm-lintRange-error")).to_have_text("}")


def test_the_keyboard_is_not_trapped(editor: Editor) -> None:
    """Tab goes from the editor to the button after it, and back."""
    page = editor()
    code = write(page, "ASK {}")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Kör frågan")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(code).to_be_focused()


@pytest.mark.parametrize(("language", "width", "scheme"), [("sv", "wide", "light"), ("en", "phone", "dark")])
def test_the_editor_is_accessible(editor: Editor, language: Language, width: Width, scheme: Scheme) -> None:
    """axe-core finds nothing wrong with the editor, its list, a fault and each view; nothing sticks out."""
    page = editor(language=language, width=width, scheme=scheme)
    run(page, "SELECT * { ?s ?p }")
    expect(page.get_by_role("alert")).to_be_visible()
    assert faults(page) == []
    run(page, SHAPES.replace("?wkt {", "?wkt (1 AS ?n) {"))
    for tab in page.get_by_role("tab").all():
        tab.click()
        assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    write(page, "SELECT * { ?d a ¦ }")
    page.keyboard.press("Control+Space")
    expect(page.get_by_role("listbox")).to_be_visible()
    assert [one for one in faults(page) if "listbox" not in one] == []  # moved through from the text


def faults(page: Page) -> list[str]:
    """What axe-core finds, by the rules of WCAG 2.1 A and AA."""
    axe = EDITOR_SOURCE / "node_modules" / "axe-core" / "axe.min.js"
    page.evaluate(axe.read_text(encoding="utf-8"))
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
    found = page.evaluate("tags => axe.run(document, {runOnly: tags})", tags)
    return [f"{one['id']}: {one['nodes'][0]['html']}" for one in found["violations"]]


def test_the_vocabulary_is_kept_by_clients(open_page: OpenPage, site: str) -> None:
    """/sparql/completion.json has what is in the release and the marks of the profile, with a validator."""
    page = open_page("/about")
    answer = page.request.get(f"{site}/sparql/completion.json")
    document = answer.json()
    dataset = document["ofClass"]["http://www.w3.org/ns/dcat#Dataset"]
    marks = {name: dataset[f"http://www.w3.org/ns/dcat#{name}"][1] for name in ("keyword", "hasVersion")}
    assert dataset["http://purl.org/dc/terms/title"][1] == "m"
    assert marks == {"keyword": "r", "hasVersion": "o"}
    again = page.request.get(answer.url, headers={"If-None-Match": answer.headers["etag"]})
    assert again.status == 304


@pytest.mark.parametrize("name", ["package.json", "package-lock.json"])
def test_the_lockfile_names_no_registry(name: str) -> None:
    """Packages come from whatever registry npm is set to, and are held by their checksums."""
    text = Path(EDITOR_SOURCE / name).read_text(encoding="utf-8")
    assert "resolved" not in text
    assert "http" not in re.sub(r'"(?:url|homepage)": "[^"]*"', "", text)
