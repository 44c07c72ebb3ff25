"""What a criterion would hold up today: said with its true base, at the same cost for few deals and for many."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.models import Deal
from crm.selectors import criteria_trials
from crm.selectors.criteria_trials import tried
from crm.services.activities import log_activity
from crm.services.pipelines import add_criterion
from crm.tests.builders import a_contact, a_deal
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.people.models import Role
from gtmos.kernel.tests.builders import an_actor

pytestmark = pytest.mark.django_db
KINDS: dict[str, dict[str, Any]] = {
    "activity": {"activity_type": "call"},
    "role": {"role": "decision_maker"},
    "approval": {},
    "amount": {"least": 5},
    "field": {"field": "team"},
}


@pytest.fixture
def revops() -> Actor:
    return an_actor(Role.REVOPS)


def a_criterion(deal: Deal, kind: str) -> Any:
    return add_criterion(deal.stage, moment="exit", kind=kind, actor=SYSTEM, **KINDS[kind])


@pytest.mark.parametrize("kind", KINDS)
def test_a_trial_costs_the_same_for_one_deal_and_for_three(kind: str, revops: Actor) -> None:
    criterion, counts = a_criterion(a_deal(actor=an_actor()), kind), []
    tried(criterion, actor=revops)  # what the role may is read once

    for more in (0, 2):
        for _ in range(more):
            a_deal(actor=an_actor())
        with CaptureQueriesContext(connection) as asked:
            trial = tried(criterion, actor=revops)
        counts.append((trial.total, len(asked)))

    assert counts == [(1, counts[0][1]), (3, counts[0][1])]


def test_each_deal_is_held_against_what_happened_on_it_and_who_its_people_are(revops: Actor) -> None:
    called, bare = a_deal(name="Called"), a_deal(name="Bare")
    log_activity(type="call", subject="spoke", deal=called, actor=SYSTEM)
    log_activity(type="note", subject="thought", deal=bare, actor=SYSTEM)
    a_contact(company=bare.company, influence_role="decision_maker")

    lacking = {kind: tried(a_criterion(bare, kind), actor=revops).lacking for kind in ("activity", "role")}

    assert lacking == {"activity": ("Bare",), "role": ("Called",)}


def test_where_not_all_were_looked_at_the_sentence_says_how_many_there_are(
    revops: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(criteria_trials, "MOST_TRIED", 2)
    for name in ("Old", "Mid", "New"):
        deal = a_deal(name=name)
    amount, approval = a_criterion(deal, "amount"), a_criterion(deal, "approval")

    assert [tried(each, actor=revops).sentence for each in (amount, approval)] == [
        "2 of the newest 2 of 3 open deals that it would be asked of lack it, such as New, Mid.",
        "All of the newest 2 of 3 open deals that it would be asked of have it.",
    ]
