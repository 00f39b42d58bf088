"""The organisations of the county, their areas, and the project that joined them."""

from pyoxigraph import Store

from tests.ontology.conftest import rows

NATIONAL = "http://dataportal.se/organisation/SE"


def passes_check_digit(number: str) -> bool:
    """Whether a Swedish organisation number passes the Luhn check."""
    digits = [int(digit) * (2 - place % 2) for place, digit in enumerate(number)]
    return sum(digit - 9 if digit > 9 else digit for digit in digits) % 10 == 0


def test_the_county_has_26_municipalities(graph: Store) -> None:
    """26 municipalities, each with its own kommunkod: four characters, the first two those of the county."""
    codes = rows(graph, "SELECT ?code { ?org a org:FormalOrganization ; wdt:P525 ?code }")
    assert len(codes) == len(set(codes)) == 26
    assert all(len(code) == 4 and code.startswith("01") and code.isdigit() for (code,) in codes)


def test_organisation_numbers_are_right(graph: Store) -> None:
    """27 organisation numbers pass the check digit and make the national IRI of their organisation."""
    found = rows(graph, "SELECT ?org ?number { ?org a org:FormalOrganization ; dcterms:identifier ?number }")
    assert len(found) == 27
    assert all(passes_check_digit(number) and org == NATIONAL + number for org, number in found)


def test_check_digit_notices_a_slip() -> None:
    """The check itself tells two swapped digits from the right number."""
    assert passes_check_digit("2120000142")
    assert not passes_check_digit("2120000124")


def test_municipalities_agree_with_their_areas(graph: Store) -> None:
    """A municipality and its area share kommunkod and Wikidata item, and the area lies in the county."""
    found = rows(
        graph,
        """SELECT ?code ?area ?item {
            ?org wdt:P525 ?code ; schema:areaServed ?area ; schema:sameAs ?item .
            ?area wdt:P525 ?code ; schema:sameAs ?item ; schema:containedInPlace lan:01 }""",
    )
    assert len(found) == 26
    assert all(area.endswith(f"municipality#{code}") for code, area, _ in found)
    assert len({item for _, _, item in found}) == 26


def test_municipalities_are_found_under_other_names(graph: Store) -> None:
    """Names in the wild lead to one organisation; no two share one."""
    names = rows(
        graph, "SELECT DISTINCT (STR(?n) AS ?name) ?org { ?org a org:FormalOrganization ; skos:altLabel ?n }"
    )
    assert len({name for name, _ in names}) == len(names)
    assert ("Stockholms kommun", NATIONAL + "2120000142") in names
    assert ("Upplands-Väsby", NATIONAL + "2120000019") in names


def test_publishers_have_what_the_profile_asks(graph: Store) -> None:
    """Organisations with a number have name, type and homepage, as DCAT-AP-SE wants of a publisher."""
    found = rows(
        graph,
        """SELECT DISTINCT ?org {
            ?org dcterms:identifier [] ; foaf:name [] ; foaf:homepage [] ; dcterms:type ?type .
            ?type skos:inScheme <http://purl.org/adms/publishertype/1.0> }""",
    )
    assert len(found) == 27


def test_the_project_is_described(graph: Store) -> None:
    """ÖDIS has 28 partners, nine milestones in time, three challenges, and outputs that answer each."""
    project = "<https://odis.example/id/project/odis>"
    partners = rows(
        graph, f"SELECT ?p {{ {project} prov:wasAssociatedWith ?p . ?p a org:FormalOrganization }}"
    )
    dates = rows(
        graph, f"SELECT ?d {{ {project} dcterms:hasPart ?m . ?m a schema:Event ; schema:startDate ?d }}"
    )
    challenges = rows(
        graph, f"SELECT ?c {{ ?c skos:inScheme ?s ; skos:definition [] . ?s dcterms:isPartOf {project} }}"
    )
    answered = rows(graph, f"SELECT DISTINCT ?c {{ ?o prov:wasGeneratedBy {project} ; dcterms:subject ?c }}")
    assert (len(partners), len(dates), len(set(challenges))) == (28, 9, 3)
    assert set(answered) == set(challenges)
    assert all("2018" <= date[:4] <= "2020" for (date,) in dates)
