"""Problems are told in one shape, in two languages, under fixed addresses."""

import json

import pytest

from server.http.problems import OVERLOAD, SORTS, TYPES, Problem, Sort
from server.http.words import Words


def test_there_are_as_many_sorts_as_promised() -> None:
    """Adding or removing a sort is a change of the contract with clients."""
    assert len(SORTS) == 26
    assert len({sort.name for sort in SORTS}) == len(SORTS)


@pytest.mark.parametrize("sort", SORTS, ids=lambda sort: sort.name)
def test_every_sort_is_whole(sort: Sort) -> None:
    """An error status, and title and action that differ between Swedish and English."""
    assert 400 <= sort.status < 600
    for words in (sort.title, sort.action):
        assert words.sv
        assert words.en
        assert words.sv != words.en
    assert sort.action.en.endswith(".")
    assert sort.action.sv.endswith(".")


@pytest.mark.parametrize("sort", [sort for sort in SORTS if sort.status in (429, 503, 504)])
def test_passing_problems_say_when_to_come_back(sort: Sort) -> None:
    """RFC 9110 section 10.2.3: a client that is told to wait is told how long."""
    assert Problem(sort, Words("s", "e")).headers["Retry-After"] == str(sort.retry_after)


def test_the_document() -> None:
    """The members of RFC 9457, then what to do, then what belongs to this one."""
    problem = Problem(OVERLOAD, Words("Kön är full.", "The queue is full."), members={"waiting": 200})
    assert json.loads(problem.to_json("sv")) == {
        "type": TYPES + "overload",
        "title": "Tjänsten har för mycket att göra",
        "status": 503,
        "detail": "Kön är full.",
        "action": "Försök igen om en stund.",
        "waiting": 200,
    }
    assert json.loads(problem.to_json("en"))["detail"] == "The queue is full."
    assert str(problem) == "The queue is full."
