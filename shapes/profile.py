"""Profiles: named sets of shapes, ours in folders beside this module and any that somebody brings."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from ontology import FOLDER as ONTOLOGY
from ontology.errors import CheckError
from shapes.graph import Index, ShapesGraph, read_shapes
from shapes.terms import node_name, type_

FOLDER: Final = Path(str(files(__name__.partition(".")[0])))
"""Where our shapes lie: one folder for each profile."""

BASE: Final = "https://odis.example/shapes/"
"""Every shape of ours is `<BASE><profile>/<Class>-<property>-<rule>`."""

_DCT = "http://purl.org/dc/terms/"
_TITLE, _HAS_PART = ox.NamedNode(_DCT + "title"), ox.NamedNode(_DCT + "hasPart")
_PROFILE = ox.NamedNode("http://www.w3.org/ns/dx/prof/Profile")
_ENDINGS: Final = (".ttl", ".nt", ".rdf", ".xml", ".owl", ".jsonld")


@dataclass(frozen=True, slots=True)
class Profile:
    """A set of shapes with the vocabularies its constraints look values up in."""

    name: str
    title: Mapping[str, str]
    files: tuple[Path, ...]
    background: tuple[Path, ...] = ()

    def graph(self) -> ShapesGraph:
        """The shapes, read once in each process.

        Raises:
            CheckError: a file is missing or broken, or holds no shape.
        """
        return _graph(tuple(map(_state, self.files)))

    def vocabularies(self) -> str:
        """The background vocabularies as N-Triples."""
        return _ntriples(tuple(map(_state, self.background)))

    def background_subjects(self) -> frozenset[str]:
        """What the background vocabularies describe, as N-Triples terms."""
        return _subjects(tuple(map(_state, self.background)))


def profiles() -> dict[str, Profile]:
    """Our own profiles by name, in alphabetical order."""
    found = (_ours(path.parent) for path in sorted(FOLDER.glob("*/profile.ttl")))
    return {profile.name: profile for profile in found if profile is not None}


def load_profile(name_or_path: str | Path) -> Profile:
    """One of our profiles by name, or the shapes in a file or a folder.

    Shapes that somebody brings are checked with our code lists as background, because most shapes follow
    `skos:inScheme` or ask for the class of a value, and would otherwise find every value wrong.

    Raises:
        CheckError: it is neither a name nor a file or folder of shapes.
    """
    ours = profiles()
    if str(name_or_path) in ours:
        return ours[str(name_or_path)]
    path = Path(name_or_path)
    if path.is_dir():
        shapes = tuple(sorted(p for p in path.rglob("*") if p.suffix.lower() in _ENDINGS))
    else:
        shapes = (path,) if path.is_file() else ()
    if not shapes:
        raise CheckError(
            f"{name_or_path}: neither a profile ({', '.join(ours)}) nor a file or folder of SHACL shapes."
        )
    return Profile(path.name, {"en": path.name, "sv": path.name}, shapes, _codes())


def _ours(folder: Path) -> Profile | None:
    """The profile a folder describes in its `profile.ttl`; none for a folder that is only part of others."""
    index = Index(_triples(folder / "profile.ttl"))
    node = ox.NamedNode(BASE + folder.name)
    if _PROFILE not in index.objects(node, type_):
        return None
    title = {o.language or "": o.value for o in index.objects(node, _TITLE) if isinstance(o, ox.Literal)}
    return Profile(folder.name, title, _files(folder, node, index))


def _files(folder: Path, node: ox.NamedNode, index: Index) -> tuple[Path, ...]:
    parts = [FOLDER / node_name(part).removeprefix(BASE) for part in index.objects(node, _HAS_PART)]
    folders = [folder, *parts]
    return tuple(path for f in folders for path in sorted(f.glob("*.ttl")) if path.name != "profile.ttl")


def _codes() -> tuple[Path, ...]:
    return tuple(sorted(Path(str(ONTOLOGY)).glob("codes/*.ttl")))


def _triples(path: Path) -> list[ox.Triple]:
    return [q.triple for q in ox.parse(path=path, format=ox.RdfFormat.TURTLE)]


_State = tuple[Path, int]


def _state(path: Path) -> _State:
    """A file with the time it was last written, so that a changed file is read again."""
    try:
        return path, path.stat().st_mtime_ns
    except OSError as error:
        raise CheckError(f"{path}: the shapes cannot be read: {error}") from error


@lru_cache(maxsize=8)
def _graph(files: tuple[_State, ...]) -> ShapesGraph:
    return read_shapes(path for path, _ in files)


@lru_cache(maxsize=8)
def _ntriples(files: tuple[_State, ...]) -> str:
    lines = (f"{t} .\n" for path, _ in files for t in _triples(path))
    return "".join(lines)


@lru_cache(maxsize=8)
def _subjects(files: tuple[_State, ...]) -> frozenset[str]:
    return frozenset(line.partition(" ")[0] for line in _ntriples(files).splitlines())
