"""A dataset that several catalogues describe is one node with one description."""

from pathlib import Path

from loaders.releases.duplicates import Duplicate, duplicates, write_without

PREFIXES = {
    "a": "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>",
    "title": "<http://purl.org/dc/terms/title>",
    "id": "<http://purl.org/dc/terms/identifier>",
    "lists": "<http://www.w3.org/ns/dcat#dataset>",
    "has": "<http://www.w3.org/ns/dcat#distribution>",
    "period": "<http://purl.org/dc/terms/temporal>",
    "same": "<http://www.w3.org/2002/07/owl#sameAs>",
    "Dataset": "<http://www.w3.org/ns/dcat#Dataset>",
    "Distribution": "<http://www.w3.org/ns/dcat#Distribution>",
}
UUID = "0f0e2c1a-1111-4222-8333-abcdefabcdef"


def term(word: str) -> str:
    """A word of a test as a term: a name from above, a text, or an IRI of a local name."""
    if word.startswith('"'):
        return word
    return PREFIXES.get(word, f"<https://example.org/{word}>")


def lines(text: str) -> set[bytes]:
    """Statements of three words each, one a line, as N-Triples."""
    rows = (row.split() for row in text.strip().splitlines())
    return {f"{term(s)} {term(p)} {term(o)} .\n".encode() for s, p, o in rows}


def written(path: Path, text: str) -> Path:
    """A file of sorted N-Triples."""
    path.write_bytes(b"".join(sorted(lines(text))))
    return path


def found(tmp_path: Path, *texts: str) -> list[Duplicate]:
    """The duplicates of sources, which are called 0, 1, 2 ..."""
    sources = [(str(number), written(tmp_path / f"{number}.nt", text)) for number, text in enumerate(texts)]
    return duplicates(sources, tmp_path / "keys")


def told(dataset: str, source: int, taken: str, by: int) -> Duplicate:
    """A duplicate by local names."""
    return Duplicate(term(dataset).encode(), str(source), term(taken).encode(), str(by))


def test_datasets_are_known_by_iri_and_by_uuid(tmp_path: Path) -> None:
    """A UUID in any case, with or without urn:uuid:; any other identifier says nothing."""
    first = f'x a Dataset\nx id "{UUID}"\ny a Dataset\ny id "17"\nz a Distribution'
    second = f'u a Dataset\nu id "urn:uuid:{UUID.upper()}"\ny a Dataset\nw a Dataset\nw id "17"\nz a Dataset'
    assert found(tmp_path, first, second) == [told("u", 1, "x", 0), told("y", 1, "y", 0)]
    assert found(tmp_path, second, first) == [told("x", 1, "u", 0), told("y", 1, "y", 0)]


def test_the_first_source_is_taken_over_any_number_of_steps(tmp_path: Path) -> None:
    """What is the same as a dataset that is itself not taken leads to the one that is."""
    texts = (f'x a Dataset\nx id "{UUID}"', f'y a Dataset\ny id "{UUID}"', "y a Dataset")
    assert found(tmp_path, *texts) == [told("y", 1, "x", 0), told("y", 2, "x", 0)]


def test_two_datasets_of_one_source_stay_two(tmp_path: Path) -> None:
    """Whoever gave two datasets one UUID made a mistake, but may not lose one of them for it."""
    assert found(tmp_path, f'x a Dataset\nx id "{UUID}"\ny a Dataset\ny id "{UUID}"', "z a Dataset") == []


def test_only_what_hangs_on_the_dataset_alone_is_left_out(tmp_path: Path) -> None:
    """Inner nodes go with their distribution; what another dataset uses stays, inner nodes and all."""
    source = written(
        tmp_path / "source.nt",
        """
        catalogue lists u
        catalogue lists v
        u a Dataset
        u title "U"
        u period genid/1
        genid/1 title "P"
        u has alone
        alone a Distribution
        alone period genid/2
        genid/2 title "Q"
        u has shared
        v has shared
        shared a Distribution
        shared period genid/3
        genid/3 title "R"
        v a Dataset
        """,
    )
    others = {term("u").encode(): term("x").encode()}
    write_without(source, others, "https://example.org/genid/", tmp_path / "target.nt")
    kept = (tmp_path / "target.nt").read_bytes().splitlines(keepends=True)
    assert kept == sorted(kept)
    assert set(kept) == lines(
        """
        catalogue lists x
        catalogue lists v
        u same x
        v has shared
        shared a Distribution
        shared period genid/3
        genid/3 title "R"
        v a Dataset
        """
    )
