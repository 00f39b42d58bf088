"""Makes the index of a release: out of its graph and its reports, in a process of its own."""

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from loaders.isolate import Step
from loaders.search import schema
from loaders.search.completion import FILE as COMPLETION
from loaders.search.completion import Usage, write_completion
from loaders.search.facets import Facets, Value, of_iri
from loaders.search.gather import Dataset, Gathered, Gatherer, Thing
from loaders.search.labels import profile_labels
from loaders.search.naming import mark, slug
from loaders.search.points import write_points
from loaders.search.positions import position
from loaders.search.quality import Findings, read_findings, write_changes, write_findings
from loaders.search.specifications import specifications
from loaders.search.subjects import Text, subjects
from loaders.search.texts import Entry, Texts, add_synonyms
from queries.saved import SavedQuery, load_all

Row = tuple[object, ...]
_SERIES: Final = 1.5
"""The weight of a series, which stands for all its members and so comes before them."""
_AFTER_Z: Final = str.maketrans({"å": "{", "ä": "|", "ö": "}"})


def write_search(argument: Mapping[str, Any], step: Step) -> None:
    """Write `<release>/search/index.sqlite`.

    `argument` has `release`, a folder, and `base`; and `queries`, the folder of those that are not ours.
    """
    step("search")
    folder = Path(argument["release"])
    target = folder / schema.FOLDER
    target.mkdir()
    index = schema.create(target / schema.FILE)
    names: dict[str, Text] = dict(profile_labels())
    kinds = frozenset(f"<{one.kind}>" for one in specifications() if one.kind)
    gatherer = Gatherer(argument["base"], kinds, names.__setitem__)
    usage = Usage()
    for term, pairs in subjects(folder / "graph.nq"):
        gatherer.take(term, pairs)
        usage.take(pairs)
    saved = load_all(Path(own) if (own := argument.get("queries")) else None, [])
    _Writer(index, gatherer.found, names, folder / "reports").write(saved)
    write_points(index, folder)
    schema.finish(index)
    write_completion(target / COMPLETION, usage, names)


class _Writer:
    """Turns what was gathered into rows."""

    def __init__(
        self, index: sqlite3.Connection, found: Gathered, names: Mapping[str, Text], reports: Path
    ) -> None:
        self.index = index
        self.found = found
        self.names = names
        self.things = {thing.iri: thing for thing in found.things}
        self.reports = reports
        self.findings: Findings = read_findings(reports, self.owner)
        self.specifications = specifications()
        self.known = {address: one for one in self.specifications for address in one.addresses}
        self.texts = Texts(index)
        self.rows_of = Counter(thing.dataset for thing in found.things)

    def owner(self, node: str) -> str:
        """What a node belongs to: a dataset, an organisation, or itself."""
        for _ in range(8):
            if node in self.found.datasets or node in self.found.organisations:
                return node
            if node in self.things:
                return self.things[node].dataset
            if node not in self.found.parents:
                return node
            node = self.found.parents[node]
        return node

    def write(self, saved: Mapping[str, SavedQuery]) -> None:
        """Write every table; datasets come first, because their numbers are those of their bits."""
        self._names()
        datasets = sorted(self.found.datasets.values(), key=lambda one: (_order(one.title), one.iri))
        facets = Facets(len(datasets) + 1)
        for number, dataset in enumerate(datasets, 1):
            self._dataset(number, dataset, facets)
        facets.write(self.index)
        self._areas()
        self._organisations()
        self._specifications()
        self._coverage()
        self._queries(saved)
        self._things()
        self.texts.finish()
        add_synonyms(self.index, self.found.synonyms)
        write_findings(self.index, self.findings, self.found.datasets)
        write_changes(self.index, self.reports, self.owner)

    def _names(self) -> None:
        rows = ((iri, text.sv, text.en) for iri, text in self.names.items() if iri not in self.things)
        self.index.executemany("INSERT INTO label VALUES (?, ?, ?)", rows)

    # ------------------------------------------------------------------ datasets

    def _dataset(self, number: int, dataset: Dataset, facets: Facets) -> None:
        address = slug(dataset.iri, dataset.title.sv or dataset.title.en)
        formats = self._formats(dataset)
        counts = self.findings.counts(dataset.iri)
        values = [*self._values(dataset, formats), _quality(counts)]
        facets.add(number, values)
        row: Row = (
            number,
            dataset.iri,
            address,
            mark(dataset.iri),
            dataset.kind,
            dataset.title.sv,
            dataset.title.en,
        )
        row += (dataset.notes.sv, dataset.notes.en, dataset.publisher, " ".join(formats))
        row += (dataset.issued, dataset.modified, int(dataset.hvd), self.rows_of[dataset.iri], *counts)
        _insert(self.index, "dataset", row)
        for series in dataset.series:
            _insert(self.index, "member", (series, number))
        self.texts.add(self._entry(dataset, address, values))

    def _formats(self, dataset: Dataset) -> list[str]:
        known = self.found.distributions
        found = [code for one in dataset.distributions if one in known for code in known[one].formats]
        return list(dict.fromkeys(code.replace(" ", "-") for code in found))

    def _values(self, dataset: Dataset, formats: list[str]) -> Iterator[Value]:
        yield Value("kind", dataset.kind, "", Text(dataset.kind, dataset.kind))
        for iri in self._areas_of(dataset):
            area = self.found.areas[iri]
            yield Value("municipality", area.code, iri, area.title)
        if dataset.publisher:
            yield of_iri("publisher", dataset.publisher, self.names)
        for iri in dataset.themes:
            yield of_iri("theme", iri, self.names)
        for iri in dataset.conforms:
            one = self.known.get(iri)
            yield (
                Value("specification", one.slug, iri, one.title)
                if one
                else of_iri("specification", iri, self.names)
            )
        for code in formats:
            yield Value("format", code, "", Text(code, code))
        for iri in dict.fromkeys(self.found.same.get(iri, iri) for iri in self._licences(dataset)):
            yield of_iri("licence", iri, self.names)

    def _areas_of(self, dataset: Dataset) -> list[str]:
        publisher = self.found.organisations.get(dataset.publisher)
        stated = [publisher.area] if publisher else []
        return list(dict.fromkeys(iri for iri in (*stated, *dataset.spatial) if iri in self.found.areas))

    def _licences(self, dataset: Dataset) -> Iterator[str]:
        yield from dataset.licences
        for one in dataset.distributions:
            if one in self.found.distributions:
                yield from self.found.distributions[one].licences

    def _entry(self, dataset: Dataset, address: str, values: list[Value]) -> Entry:
        said = [value for value in values if value.facet not in ("kind", "quality", "licence")]
        names = [name for value in said for name in dict.fromkeys((value.title.sv, value.title.en))]
        return Entry(
            kind="dataset",
            iri=dataset.iri,
            page=f"/datasets/{address}",
            title=dataset.title or Text(dataset.iri),
            about=dataset.notes,
            tags=tuple(dataset.keywords),
            names=tuple(name for name in names if name and "://" not in name),
            weight=_SERIES if dataset.kind == "series" else 1.0,
        )

    # ------------------------------------------------------------------ organisations, specifications

    def _areas(self) -> None:
        parts = ((iri, title.sv, title.en) for iri, title in self.found.parts.items())
        self.index.executemany("INSERT INTO part VALUES (?, ?, ?)", parts)
        rows = ((iri, area.code, area.title.sv, area.title.en) for iri, area in self.found.areas.items())
        self.index.executemany("INSERT INTO municipality VALUES (?, ?, ?, ?)", rows)

    def _organisations(self) -> None:
        owned: dict[str, list[str]] = defaultdict(list)
        for dataset in self.found.datasets.values():
            owned[dataset.publisher].append(dataset.iri)
        for one in sorted(self.found.organisations.values(), key=lambda one: (_order(one.title), one.iri)):
            if not one.county and one.iri not in owned:
                continue
            address = slug(one.iri, one.title.sv or one.title.en)
            own = owned.get(one.iri, [])
            counts = [self.findings.counts(iri) for iri in (one.iri, *own)]
            things = sum(self.rows_of[iri] for iri in own)
            title = one.title or Text(one.iri)
            row: Row = (
                one.iri,
                address,
                title.sv,
                title.en,
                int(one.county),
                one.area,
                one.homepage,
                len(own),
                things,
            )
            row += (sum(count[0] for count in counts), sum(count[1] for count in counts))
            _insert(self.index, "organisation", row)
            other = (*one.other, *(self.found.areas[one.area].other if one.area in self.found.areas else ()))
            about = Text("Utgivare", "Publisher")
            page = f"/publishers/{address}"
            self.texts.add(Entry("organisation", one.iri, page, title, about, names=other, weight=1.3))

    def _specifications(self) -> None:
        datasets: Counter[str] = Counter()
        for dataset in self.found.datasets.values():
            datasets.update({self.known[iri].slug for iri in dataset.conforms if iri in self.known})
        things = Counter(thing.kind for thing in self.found.things)
        for one in self.specifications:
            address = one.addresses[0] if one.addresses else ""
            row: Row = (one.slug, address, one.kind, one.title.sv, one.title.en, one.notes.sv, one.notes.en)
            row += (datasets[one.slug], things[one.kind])
            _insert(self.index, "specification", row)
            page = f"/specifications/{one.slug}"
            self.texts.add(Entry("specification", address, page, one.title, one.notes, one.words, weight=0.9))

    def _coverage(self) -> None:
        """For each organisation and specification, the datasets that conform and the rows they gave."""
        datasets: Counter[tuple[str, str]] = Counter()
        things: Counter[tuple[str, str]] = Counter()
        for dataset in self.found.datasets.values():
            for name in {self.known[iri].slug for iri in dataset.conforms if iri in self.known}:
                datasets[dataset.publisher, name] += 1
        slugs = {one.kind: one.slug for one in self.specifications}
        for thing in self.found.things:
            owner = self.found.datasets.get(thing.dataset)
            if owner and thing.kind in slugs:
                things[owner.publisher, slugs[thing.kind]] += 1
        rows = ((*place, datasets[place], things[place]) for place in sorted(datasets | things))
        self.index.executemany("INSERT INTO coverage VALUES (?, ?, ?, ?)", rows)

    def _queries(self, saved: Mapping[str, SavedQuery]) -> None:
        for name, query in saved.items():
            title = Text(query.title["sv"], query.title["en"])
            about = Text(query.description["sv"], query.description["en"])
            tags = tuple(("en", tag) for tag in query.tags)
            self.texts.add(Entry("query", "", f"/queries/{name}", title, about, tags, weight=0.7))

    # ------------------------------------------------------------------ things

    def _things(self) -> None:
        for number, thing in enumerate(
            sorted(self.found.things, key=lambda one: (_order(one.title), one.iri))
        ):
            wkt = thing.wkt or self.found.wkt.get(thing.geometry, "")
            place = position(wkt)
            row: Row = (
                number + 1,
                thing.iri,
                thing.kind,
                thing.title.sv,
                thing.title.en,
                thing.area,
                thing.dataset,
            )
            self.index.execute(_THING, (*row, wkt, *(place or (None, None))))
            self.texts.add(self._thing(thing))

    def _thing(self, thing: Thing) -> Entry:
        kind = self.names.get(thing.kind, Text())
        area = self.found.areas[thing.area].title if thing.area in self.found.areas else Text()
        about = Text(*(", ".join(filter(None, pair)) for pair in ((kind.sv, area.sv), (kind.en, area.en))))
        named = tuple(filter(None, (kind.sv, kind.en, area.sv)))
        title = thing.title or Text(thing.iri.rpartition("/")[2])
        return Entry("thing", thing.iri, "", title, about, names=named, weight=0.6)


_THING = "INSERT INTO thing VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"


def _insert(index: sqlite3.Connection, table: str, row: Row) -> None:
    # The table is a word of this file, never data.
    index.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)  # noqa: S608


def _quality(counts: list[int]) -> Value:
    violations, warnings, _ = counts
    if violations:
        return Value("quality", "violations", "", Text("Fel som måste rättas", "Faults that must be mended"))
    if warnings:
        return Value("quality", "warnings", "", Text("Bara varningar", "Only warnings"))
    return Value("quality", "clean", "", Text("Utan anmärkning", "Nothing to remark on"))


def _order(title: Text) -> str:
    """Titles in the order of the Swedish alphabet."""
    return (title.sv or title.en).lower().translate(_AFTER_Z)
