"""Approvals, policies, deputies and flags for programs."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from crm.models import Deal
from crm.tests.approval_builders import QUARTER, a_priced_deal, a_seller_and_a_manager
from gtmos.kernel import clock
from gtmos.kernel.actors import Actor
from gtmos.kernel.approvals.models import ApprovalPolicy, Delegation
from gtmos.kernel.approvals.tests.builders import a_branch, a_policy, above
from gtmos.kernel.flags.models import FeatureFlag
from gtmos.kernel.people.models import Role
from gtmos.kernel.people.services import SCOPES, issue_token
from gtmos.kernel.tests.builders import a_user

pytestmark = pytest.mark.django_db


def ask(actor: Actor, method: str, path: str, body: Any = None) -> Any:
    assert actor.user is not None
    key = issue_token(actor.user, scopes=list(SCOPES), actor=actor)
    headers = {"Authorization": f"Bearer {key}", "If-Match": "*"}
    given = {} if method == "get" else {"data": body or {}, "content_type": "application/json"}
    return getattr(Client(), method)(f"/api/v1/{path}", headers=headers, **given)


def a_request(deal: Deal, **values: str) -> dict[str, Any]:
    return {
        "action": "crm.discount_deal",
        "subject_id": str(deal.pk),
        "values": values,
        "reason": "Three years",
    }


def test_a_program_asks_another_decides_and_the_first_reads_it() -> None:
    seller, manager = a_seller_and_a_manager()
    a_policy()
    deal = a_priced_deal(seller)

    made = ask(seller, "post", "approval-requests/", a_request(deal, discount="0.25"))
    waiting = ask(manager, "get", "approval-requests/waiting/").json()
    key = made.json()["id"]
    decided = ask(manager, "post", f"approval-requests/{key}/decide/", {"is_granted": True})
    read = ask(seller, "get", "approval-requests/?state=granted").json()

    assert (made.status_code, made.json()["state"], decided.status_code) == (201, "requested", 200)
    assert [each["id"] for each in waiting["results"]] == [key]
    assert [each["steps"][0]["decisions"][0]["is_granted"] for each in read["results"]] == [True]
    assert Deal.objects.get().discount == QUARTER


def test_where_nobody_has_to_be_asked_it_is_done_at_once() -> None:
    seller, _ = a_seller_and_a_manager()
    deal = a_priced_deal(seller)

    assert ask(seller, "post", "approval-requests/", a_request(deal, discount="0.1")).status_code == 204


@pytest.mark.parametrize("values", [{}, {"discount": "much"}, {"discount": "2"}, {"price": "1"}], ids=str)
def test_what_cannot_be_asked_is_refused(values: dict[str, str]) -> None:
    seller, _ = a_seller_and_a_manager()
    deal = a_priced_deal(seller)

    assert ask(seller, "post", "approval-requests/", a_request(deal, **values)).status_code == 422
    assert ask(seller, "post", "approval-requests/", {**a_request(deal), "action": "x"}).status_code == 422


def test_a_rejection_without_a_reason_is_refused_and_the_requester_withdraws() -> None:
    seller, manager = a_seller_and_a_manager()
    a_policy()
    key = ask(seller, "post", "approval-requests/", a_request(a_priced_deal(seller), discount="0.25")).json()[
        "id"
    ]

    refused = ask(manager, "post", f"approval-requests/{key}/decide/", {"is_granted": False})
    others = ask(manager, "post", f"approval-requests/{key}/withdraw/")
    own = ask(seller, "post", f"approval-requests/{key}/withdraw/")

    assert (refused.json()["code"], others.status_code, own.json()["state"]) == (
        "reason_missing",
        403,
        "withdrawn",
    )


PART, STEP = above("0.2"), {"approvers": ["manager"]}


@pytest.mark.parametrize(
    "part",
    [
        {"groups": [[{**PART, "operator": "is", "value": 5}]]},
        {"groups": [[{**PART, "field": ["stage"]}]]},
        {"groups": [[{**PART, "operator": 5}]]},
        {"name": 5},
        {"steps": [{"approvers": [[1]]}]},
        {"steps": [{**STEP, "needs": []}]},
        {"steps": [{**STEP, "hours": 2, "escalate_to": ["manager"]}]},
        {"steps": [{**STEP, "hours": 10**400}]},
    ],
    ids=lambda part: next(iter(part)),
)
def test_a_policy_whose_parts_are_no_text_is_refused_in_words(part: dict[str, Any]) -> None:
    revops = Actor.of(a_user(role=Role.REVOPS))
    branch = {"name": "Large", "groups": [[PART]], "steps": [STEP], **part}
    body = {"name": "Discounts", "action": "crm.discount_deal", "definition": {"branches": [branch]}}

    answer = ask(revops, "post", "approval-policies/", body)

    assert (answer.status_code, answer.json()["code"], ApprovalPolicy.objects.count()) == (
        422,
        "bad_policy",
        0,
    )


def test_a_time_zone_that_is_no_text_is_refused_in_words() -> None:
    revops = Actor.of(a_user(role=Role.REVOPS))
    rules = {"branches": [a_branch(PART)], "time_zone": 5}
    body = {"name": "Discounts", "action": "crm.discount_deal", "definition": rules}

    answer = ask(revops, "post", "approval-policies/", body)

    assert (answer.json()["code"], ApprovalPolicy.objects.count()) == ("bad_policy", 0)


def test_policies_are_written_tried_and_switched_by_programs() -> None:
    revops, seller = Actor.of(a_user(role=Role.REVOPS)), a_seller_and_a_manager()[0]
    a_priced_deal(seller, name="Orchard")
    body = {
        "name": "Discounts",
        "action": "crm.discount_deal",
        "definition": {"branches": [a_branch(above("0.2"), name="Large")]},
    }

    made = ask(revops, "post", "approval-policies/", body)
    key = made.json()["id"]
    trial = ask(revops, "get", f"approval-policies/{key}/trial/").json()
    active = ask(revops, "post", f"approval-policies/{key}/activate/").json()
    wrong = ask(revops, "patch", f"approval-policies/{key}/", {"definition": {"branches": []}})
    others = ask(seller, "get", "approval-policies/").json()

    assert (made.status_code, active["is_active"], wrong.status_code) == (201, True, 422)
    assert [(each["record"], each["branch"], each["people"]) for each in trial["needing"]] == [
        ("Orchard", "Large", ["Mona"])
    ]
    assert (others["results"], ApprovalPolicy.objects.count()) == ([], 1)


def test_a_deputy_is_named_and_ended_by_programs_for_oneself_only() -> None:
    seller, manager = a_seller_and_a_manager()
    now = clock.now()
    body = {"starts_at": now.isoformat(), "ends_at": (now + timedelta(days=1)).isoformat()}

    mine = ask(manager, "post", "delegations/", {**body, "deputy_id": str(seller.user.pk)})
    theirs = ask(
        seller,
        "post",
        "delegations/",
        {**body, "deputy_id": str(seller.user.pk), "person_id": str(manager.user.pk)},
    )
    ended = ask(manager, "post", f"delegations/{mine.json()['id']}/end/")

    assert (mine.status_code, theirs.status_code, ended.status_code) == (201, 403, 204)
    assert Delegation.objects.get().ends_at <= clock.now()


def test_flags_are_set_by_programs() -> None:
    revops = Actor.of(a_user(role=Role.REVOPS))

    made = ask(revops, "post", "feature-flags/", {"key": "agents.suggestions", "roles": ["ae"]})
    ask(revops, "patch", f"feature-flags/{made.json()['id']}/", {"share": 0.5})
    unknown = ask(revops, "post", "feature-flags/", {"key": "agents.other"})

    assert (made.status_code, unknown.status_code) == (201, 422)
    assert FeatureFlag.objects.values("roles", "share").get() == {"roles": ["ae"], "share": 0.5}
