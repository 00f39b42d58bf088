"""The groups of saved queries: each is a folder, with a title in `groups.yaml`."""

from collections.abc import Mapping
from functools import cache

import yaml

from queries.saved import FOLDER


@cache
def _titles() -> Mapping[str, Mapping[str, str]]:
    found: Mapping[str, Mapping[str, str]] = yaml.safe_load((FOLDER / "groups.yaml").read_text("utf-8"))
    return found


def group_title(group: str) -> Mapping[str, str]:
    """The title of a group in both languages; its name where nobody gave it one."""
    return _titles().get(group, {"sv": group, "en": group})
