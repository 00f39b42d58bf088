"""The check: a file of triples against a profile, by one engine or another, as one report."""

from pathlib import Path

from ontology.errors import CheckError
from shapes.engines import engine as engine_named
from shapes.profile import Profile, load_profile, profiles
from shapes.report import Report, Result, sort_key

__all__ = ["Profile", "check", "load_profile", "profiles"]


def check(data: Path, profile: Profile, *, engine: str = "shacl") -> Report:
    """Checks data against a profile.

    Args:
        data: an N-Triples file, one triple a line, with the terms exactly as they were published. Never the
            export of a store: Oxigraph rewrites literals when it stores them, and datatypes would be wrong.
        profile: what to check against.
        engine: `shacl`, or `pyshacl` for the reference. The results are the same.

    Returns:
        Every result once, worst first.

    Raises:
        CheckError: the data is not there, the shapes cannot be used, or the engine failed.
    """
    if not data.is_file():
        raise CheckError(f"{data}: there is no such file to check.")
    name, validate = engine_named(engine)
    shapes = profile.graph()
    results = _about_data(validate(data, profile.vocabularies(), shapes), data, profile)
    return Report(tuple(sorted(results, key=sort_key)), profile.name, name, shapes.problems)


def _about_data(results: list[Result], data: Path, profile: Profile) -> list[Result]:
    """Leaves out what is wrong with the background vocabularies: whoever made the data cannot mend it."""
    foreign = {result.focus for result in results} & profile.background_subjects()
    if not foreign:
        return results
    with data.open(encoding="utf-8") as lines:
        described = {subject for line in lines if (subject := line.partition(" ")[0]) in foreign}
    return [result for result in results if result.focus not in foreign - described]
