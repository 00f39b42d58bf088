"""How much made-up input a test tries: some in every run, many times as much with `make fuzz TIMES=100`."""

import os
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, settings

TIMES: Final = int(os.environ.get("ODIS_FUZZ", "1"))
"""How many times as many examples as in an ordinary run."""
FUZZ: Final = pytest.mark.fuzz


def bounded(examples: int, **more: Any) -> settings:
    """Settings for a test that tries some examples, in an ordinary run always the same."""
    return settings(
        max_examples=examples * TIMES,
        deadline=None,
        derandomize=TIMES == 1,
        suppress_health_check=list(HealthCheck),
        **more,
    )
