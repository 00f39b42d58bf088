"""The change feed: what it says, when, in which order; that replaying it gives the catalogue."""

from datetime import timedelta
from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, Triple, parse, serialize

from loaders.views.feed import FEED_SYNTAXES, PAGE_MEMBERS
from loaders.views.pieces import unpacked
from loaders.views.read import OpenViews
from ontology import iri
from shapes.check import Profile, check
from tests.harvested import NACKA, STOCKHOLM, region
from tests.loaders.test_views import CREATED, build, opened, term, triples

AS = iri("as:")
PUBLISHED, OBJECT = term("as:published"), term("as:object")
TYPES = {"trig": RdfFormat.TRIG, "jsonld": RdfFormat.JSON_LD}
Told = tuple[str, str, str]
"""Time, kind, object."""


def page(views: OpenViews, number: int, syntax: str = "trig") -> set[Quad]:
    """A page of the feed, parsed."""
    found = next(one for one in FEED_SYNTAXES if one.name == syntax)
    packed = (views.folder / "feed" / f"{number:06}.{found.ending}.deflate").read_bytes()
    text = b"".join(unpacked([packed])).decode() + found.close()
    return set(parse(text.encode(), format=TYPES[syntax]))


def activities(found: set[Quad]) -> list[tuple[Told, NamedNode]]:
    """What activities tell, in the order of their times, each with its IRI."""
    default = [quad for quad in found if isinstance(quad.graph_name, DefaultGraph)]
    kinds = {
        q.subject: q.object.value.removeprefix(AS)
        for q in default
        if q.predicate == term("rdf:type")
        and isinstance(q.object, NamedNode)
        and q.object.value.startswith(AS)
    }
    objects, times = (
        {
            q.subject: q.object.value
            for q in default
            if q.predicate == predicate and not isinstance(q.object, Triple)
        }
        for predicate in (OBJECT, PUBLISHED)
    )
    told_ = [
        ((times[one], kind, objects[one]), one) for one, kind in kinds.items() if isinstance(one, NamedNode)
    ]
    return sorted(told_, key=lambda one: one[0])


def all_quads(views: OpenViews) -> set[Quad]:
    """All pages together."""
    return {quad for row in views.feed_pages() for quad in page(views, row.page)}


def replay(found: set[Quad]) -> set[Triple]:
    """What a reader holds that starts empty and follows every activity."""
    store: dict[str, set[Triple]] = {}
    for (_, kind, thing), activity in activities(found):
        store.pop(thing, None)
        if kind != "Delete":
            store[thing] = {quad.triple for quad in found if quad.graph_name == activity}
    return set().union(*store.values())


def dump(folder: Path) -> set[Triple]:
    """The EU view without catalogue records: in the feed the activities play their part."""
    found = triples(folder, "dcat-ap")
    records = {t.object for t in found if t.predicate == term("dcat:record")}
    return {t for t in found if t.subject not in records and t.predicate != term("dcat:record")}


STEPS = [
    region(),
    region(stockholm=STOCKHOLM.replace('"Kort"@sv', '"Längre"@sv')),
    region(nacka=""),
    region(nacka=""),
    region(),
]


@pytest.fixture(scope="module")
def years(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five releases of the small region, one after the other."""
    folder = tmp_path_factory.mktemp("feed")
    for number, found in enumerate(STEPS):
        before = folder / str(number - 1) if number else None
        build(folder / str(number), found, CREATED + timedelta(days=number), before)
    return folder


@pytest.mark.parametrize("release", range(len(STEPS)))
def test_replay_gives_the_dump(years: Path, release: int) -> None:
    """Test 6 of the harvesting rules: all activities up to a release make its catalogue, and no more."""
    views = opened(years / str(release))
    assert replay(all_quads(views)) == dump(years / str(release))
    views.close()


def told(folder: Path, day: int) -> list[tuple[str, str]]:
    """Kind and object of the activities of one day."""
    views = opened(folder)
    date = f"2026-11-{24 + day}"
    found = [
        (kind, thing) for (time, kind, thing), _ in activities(all_quads(views)) if time.startswith(date)
    ]
    views.close()
    return found


def test_one_changed_dataset_is_one_activity(years: Path) -> None:
    """A release with one changed dataset adds one activity: its update."""
    assert told(years / "1", 1) == [("Update", "https://stockholm.example/noise")]


def test_an_unchanged_release_adds_nothing(years: Path) -> None:
    """Nothing changed, nothing told."""
    assert told(years / "3", 3) == []


def test_what_goes_is_deleted_once_and_may_come_back(years: Path) -> None:
    """A source that goes: updates of what referred to it, then deletes, owners first; later it is created."""
    gone = told(years / "4", 2)
    assert gone[:2] == [
        ("Update", "https://stockholm.example/noise"),
        ("Update", "https://odis.example/id/catalogue/odis"),
    ]
    names = [thing.rpartition("/")[2] for _, thing in gone[2:]]
    assert {kind for kind, _ in gone[2:]} == {"Delete"}
    assert names[:3] == ["catalogue", "parks", "parks-shp"]
    assert len(names) == 5
    back = [thing for kind, thing in told(years / "4", 4) if kind == "Create"]
    assert {thing.rpartition("/")[2] for thing in back} == set(names)


def test_things_come_before_those_that_refer_to_them(years: Path) -> None:
    """In the first release agents and contacts come first, then distributions, datasets, catalogues."""
    order = [thing for _, thing in told(years / "0", 0)]
    place = {thing: number for number, thing in enumerate(order)}
    assert len(place) == len(order) == 16
    for first, then in (
        ("https://nacka.example/org", "https://nacka.example/parks"),
        ("https://nacka.example/parks-shp", "https://nacka.example/parks"),
        ("https://stockholm.example/api", "https://stockholm.example/bathing-api"),
        ("https://stockholm.example/series", "https://stockholm.example/bathing"),
        ("https://nacka.example/parks", "https://nacka.example/catalogue"),
    ):
        assert place[first] < place[then]


def test_both_syntaxes_say_the_same(years: Path) -> None:
    """TriG and JSON-LD of a page are the same quads."""
    views = opened(years / "4")
    for row in views.feed_pages():
        assert page(views, row.page) == page(views, row.page, "jsonld")
    views.close()


def test_closed_pages_never_change(tmp_path: Path) -> None:
    """A full page is the same file in the next release; the open one grows by appending."""
    many = "".join(
        f'n:d{n} a dcat:Dataset ; dcterms:title "Data {n}"@sv ; dcterms:publisher n:org .\n'
        for n in range(PAGE_MEMBERS)
    )
    build(tmp_path / "0", region(nacka=NACKA + many))
    changed = (NACKA + many).replace('"Data 7"', '"Data sju"')
    build(tmp_path / "1", region(nacka=changed), CREATED + timedelta(days=1), tmp_path / "0")
    before, after = opened(tmp_path / "0"), opened(tmp_path / "1")
    assert [row.closed for row in before.feed_pages()] == [1, 0]
    assert before.feed_pages()[0] == after.feed_pages()[0]
    for syntax in FEED_SYNTAXES:
        first, last = (f"feed/{number:06}.{syntax.ending}.deflate" for number in (1, 2))
        assert (before.folder / first).samefile(after.folder / first)
        old, new = (views.folder / last for views in (before, after))
        assert new.read_bytes().startswith(old.read_bytes())
        assert new.stat().st_size > old.stat().st_size
    assert after.feed_pages()[1].members == before.feed_pages()[1].members + 1
    assert replay(all_quads(after)) == dump(tmp_path / "1")
    before.close()
    after.close()


def test_times_never_repeat_or_go_back(tmp_path: Path) -> None:
    """A clock that went back does not put activities before those already told."""
    build(tmp_path / "0", region())
    build(tmp_path / "1", region(nacka=""), CREATED - timedelta(days=9), tmp_path / "0")
    views = opened(tmp_path / "1")
    times = [time for (time, _, _), _ in activities(all_quads(views))]
    assert len(set(times)) == len(times)
    assert [row.first for row in views.feed_pages()] == [times[0]]
    assert max(times) == views.feed_pages()[-1].last
    views.close()


@pytest.mark.shared
def test_activities_meet_the_shape_of_the_specification(shared: Path, years: Path) -> None:
    """Every activity passes the published activity shape with the EU shapes it refers to."""
    views = opened(years / "4")
    found = all_quads(views)
    views.close()
    lines = {serialize([quad.triple], format=RdfFormat.N_TRIPLES) or b"" for quad in found}
    data = years / "activities.nt"
    data.write_bytes(b"".join(sorted(lines)))
    folder = shared / "conformance" / "shapes"
    files = (folder / "ldes-dcat-ap-feeds" / "shape.ttl", folder / "dcat-ap-3.0.0" / "shapes.ttl")
    results = check(data, Profile("feed", {}, files)).results
    activity = [one for one in results if "/feed/activity/" in one.focus]
    assert activity == []
