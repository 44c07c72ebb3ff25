"""Who is decided on, by whom, and how a decision is taken back."""

import pytest

from gtmos.kernel.exceptions import DomainError, InvalidInputError, NotPermittedError
from gtmos.kernel.people.models import Role
from gtmos.kernel.tests.builders import an_actor
from outreach.models import ResearchJob
from outreach.services.prospects import dismiss_prospects, restore_prospects, select_prospects, undo_decision
from outreach.services.research import start_research
from outreach.tests.research_builders import CMOS, a_graded_search


@pytest.fixture
def graded(db):
    return a_graded_search()


def states(job: ResearchJob) -> dict[str, str]:
    return dict(job.prospects.values_list("contact__name", "state"))


NONE = {"Ann Lee": "new", "Bob Ray": "new", "Cat Orr": "new"}


@pytest.mark.parametrize(
    ("choice", "selected"),
    [
        ({}, {"Ann Lee", "Bob Ray", "Cat Orr"}),
        ({"top_n": 1}, {"Ann Lee"}),
        ({"min_grade": "A"}, {"Ann Lee"}),
        ({"max_grade": "B"}, {"Bob Ray", "Cat Orr"}),
        ({"names": ["cat orr", "Bob"]}, {"Bob Ray", "Cat Orr"}),
    ],
)
def test_some_are_selected_at_once_and_the_decision_is_taken_back_as_a_whole(graded, choice, selected):
    job, actor = graded

    decision = select_prospects(job, actor=actor, **choice)

    assert {name for name, state in states(job).items() if state == "selected"} == selected
    assert decision.count == len(selected)
    assert undo_decision(job, decision.id, actor=actor) == len(selected)
    assert states(job) == NONE
    with pytest.raises(DomainError, match="already taken back"):
        undo_decision(job, decision.id, actor=actor)


def test_the_states_of_a_decision_restore_what_was_before(graded):
    job, actor = graded
    first = select_prospects(job, top_n=1, actor=actor)
    second = dismiss_prospects(job, actor=actor)

    restored = restore_prospects(second.states, actor=actor)

    assert (first.count, second.count, restored) == (1, 3, 3)
    assert states(job) == {**NONE, "Ann Lee": "selected"}


def test_selecting_everybody_leaves_the_dismissed_out(graded):
    job, actor = graded
    dismiss_prospects(job, names=["Ann"], actor=actor)

    select_prospects(job, actor=actor)

    assert states(job) == {"Ann Lee": "dismissed", "Bob Ray": "selected", "Cat Orr": "selected"}


@pytest.mark.parametrize("choice", [{"names": ["Zoe"]}, {"names": [""]}, {"min_grade": "Q"}, {"top_n": 0}])
def test_a_choice_that_means_nobody_is_refused(graded, choice):
    job, actor = graded

    with pytest.raises(InvalidInputError):
        select_prospects(job, actor=actor, **choice)

    assert states(job) == NONE


def test_a_viewer_may_search_and_may_not_decide(graded):
    job, _ = graded
    viewer = an_actor(Role.VIEWER)

    assert start_research(CMOS, actor=viewer).owner == viewer.user
    with pytest.raises(NotPermittedError):
        select_prospects(job, actor=viewer)
    assert states(job) == NONE
