"""Beliefs move by evidence, once for each source, and the way back can be read."""

import pytest

from gtmos.context.enums import AssumptionStatus
from gtmos.context.models import Assumption
from gtmos.context.services.assumptions import add_evidence, create_assumption
from gtmos.context.services.messages import create_product
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.events.models import EventRecord
from gtmos.kernel.exceptions import InvalidInputError, NotPermittedError
from gtmos.kernel.history import of_record
from gtmos.kernel.people.models import Role, User

pytestmark = pytest.mark.django_db


def a_belief() -> Assumption:
    return create_assumption("Short subjects bring more replies", actor=SYSTEM)


def test_a_new_belief_is_even_and_untested_and_has_the_next_code():
    first, second = a_belief(), create_assumption("Founders answer faster", actor=SYSTEM)

    assert (first.code, second.code) == ("A1", "A2")
    assert (first.confidence, first.status) == (0.5, AssumptionStatus.UNTESTED)


def test_the_same_statement_is_one_belief():
    assert a_belief() == a_belief()


def test_evidence_moves_the_belief_and_keeps_before_and_after():
    belief = a_belief()

    evidence = add_evidence(belief, text="Test of May", supports=True, weight=3, actor=SYSTEM)

    belief.refresh_from_db()
    assert (evidence.confidence_before, evidence.confidence_after) == (0.5, 0.8)
    assert (belief.confidence, belief.status) == (0.8, AssumptionStatus.PARTIALLY_VALIDATED)
    assert of_record(belief).filter(change_category="ASSUMPTION").get().previous_values["confidence"] == 0.5
    assert EventRecord.objects.get(name="context.assumption_moved").payload["confidence_after"] == 0.8


def test_one_source_moves_a_belief_once():
    belief, source = a_belief(), create_product("Compass", actor=SYSTEM)

    first = add_evidence(belief, text="Seen", supports=True, source=source, actor=SYSTEM)
    again = add_evidence(belief, text="Seen again", supports=False, source=source, actor=SYSTEM)

    assert first == again
    belief.refresh_from_db()
    assert (belief.evidence_for, belief.evidence_against) == (1, 0)


@pytest.mark.parametrize(
    ("supports", "status"), [(True, AssumptionStatus.VALIDATED), (False, AssumptionStatus.INVALIDATED)]
)
def test_a_belief_is_decided_when_its_whole_interval_lies_on_one_side(supports, status):
    belief = a_belief()

    for number in range(2):
        add_evidence(belief, text=f"Test {number}", supports=supports, weight=3, actor=SYSTEM)

    belief.refresh_from_db()
    assert belief.status == status


def test_opposite_evidence_opens_a_decided_belief_again():
    belief = a_belief()
    add_evidence(belief, text="For", supports=True, weight=6, actor=SYSTEM)

    add_evidence(belief, text="Against", supports=False, weight=6, actor=SYSTEM)

    belief.refresh_from_db()
    assert (belief.status, belief.confidence) == (AssumptionStatus.PARTIALLY_VALIDATED, 0.5)


@pytest.mark.parametrize(("text", "weight"), [("", 1), ("x", 0), ("x", -1), ("x", float("nan"))])
def test_evidence_without_words_or_weight_is_refused(text, weight):
    with pytest.raises(InvalidInputError):
        add_evidence(a_belief(), text=text, supports=True, weight=weight, actor=SYSTEM)


def test_a_viewer_moves_no_belief():
    viewer = Actor.of(User.objects.create_user("v@ours.example", role=Role.VIEWER))

    with pytest.raises(NotPermittedError):
        add_evidence(a_belief(), text="x", supports=True, actor=viewer)
