"""RevOps at the desk: a chain for discounts above 20 %, tried, switched on, changed and put back."""

import json
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from crm.approval_actions import WATCHES
from crm.tests.approval_builders import a_priced_deal, a_seller_and_a_manager, asked
from gtmos.kernel import history
from gtmos.kernel.actors import SYSTEM
from gtmos.kernel.approvals.models import Approval, ApprovalPolicy, ApprovalStep
from gtmos.kernel.approvals.services import decide
from gtmos.kernel.approvals.services.policies import update_policy
from gtmos.kernel.approvals.tests.builders import a_branch, a_policy, above
from gtmos.kernel.people.models import Role
from gtmos.kernel.people.services import create_user
from gtmos.kernel.tests.builders import a_user

pytestmark = pytest.mark.django_db
LIST = reverse("admin:kernel_approvalpolicy_changelist")
ADD = reverse("admin:kernel_approvalpolicy_add")
TYPED = {
    "name": "Discounts",
    "action": "crm.discount_deal",
    "note": "Margins",
    "b1_name": "Above 20 %",
    "b1_join": "all",
    "b1c1_field": "discount",
    "b1c1_operator": "above",
    "b1c1_value": "0.2",
    "b1s1_approvers": ["manager"],
    "b1s1_needs": "any",
    "b1s1_hours": "4",
    "b1s1_business": "on",
    "b1s1_escalate": "role:executive",
    "b1s2_approvers": ["role:executive"],
    "b1s2_needs": "any",
    "expires_hours": "72",
    "time_zone": "UTC",
    "day_from": "9",
    "day_to": "17",
    **{f"{at}-{box}": "0" for at in ("versions",) for box in ("TOTAL_FORMS", "INITIAL_FORMS")},
}


@pytest.fixture
def desk(client: Client) -> Client:
    client.force_login(
        create_user("desk@gtmos.example", name="Dana", role=Role.REVOPS, password=None, actor=SYSTEM)
    )
    return client


@pytest.fixture(autouse=True)
def _somebody_above() -> None:
    a_user(name="Eve", role=Role.EXECUTIVE)


def change(policy: ApprovalPolicy) -> str:
    return reverse("admin:kernel_approvalpolicy_change", args=[policy.pk])


def run(desk: Client, action: str, *rows: Any, url: str = LIST) -> Any:
    return desk.post(url, {"action": action, "_selected_action": [str(each.pk) for each in rows]})


def said(answer: Any) -> list[str]:
    return [str(each) for each in get_messages(answer.wsgi_request)]


def as_shown(desk: Client, policy: ApprovalPolicy) -> dict[str, Any]:
    """What a browser would send back of the form as it stands."""
    form = desk.get(change(policy)).context["adminform"].form
    values = {name: form[name].value() for name in form.fields}
    return {
        **TYPED,
        **{name: each for name, each in values.items() if each not in (None, False, "")},
        "opened_version": str(policy.version),
    }


def test_a_chain_for_discounts_above_a_fifth_is_made_in_the_desk_alone(desk: Client) -> None:
    seller, manager = a_seller_and_a_manager()
    deal = a_priced_deal(seller, name="Orchard")

    made = desk.post(ADD, TYPED)
    policy = ApprovalPolicy.objects.get()
    tried = run(desk, "try_on_records", policy)
    run(desk, "switch_on", policy)
    approval = asked(deal, seller)

    assert made.status_code == 302
    assert said(tried)[-1].startswith("Discounts: 1 of 1 records would need approval")
    assert "Orchard (Above 20 %, by Mona)" in said(tried)[-1]
    decide(approval, granted=True, actor=manager)
    assert Approval.objects.get().state == "requested"  # the second step is the executive's
    assert [each.hours for each in ApprovalStep.objects.order_by("position")] == [Decimal(4), None]


def test_whoever_writes_a_policy_reads_what_it_does_not_watch(desk: Client) -> None:
    pages = [desk.get(ADD), desk.get(change(a_policy()))]

    assert [WATCHES in each.content.decode() for each in pages] == [True, True]


def test_trying_writes_nothing(desk: Client) -> None:
    a_priced_deal(a_seller_and_a_manager()[0])
    policy = a_policy(is_active=False)

    run(desk, "try_on_records", policy)

    assert Approval.objects.count() == 0


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"b1c1_value": "twenty"}, "twenty is no number"),
        ({"b1c1_value": "20"}, "Discount is a part of 1, and 20 is none. Write 0.2 for 20 %."),
        ({"b1c1_value": "-0.2"}, "Discount is a part of 1, and -0.2 is none. Write 0.2 for 20 %."),
        ({"b1c1_value": ""}, "Write the value"),
        ({"b1c1_operator": ""}, "Choose how the value is compared"),
        ({"b1s1_hours": ""}, "Say after how many hours"),
        ({"b1s1_hours": "-1"}, "more than 0"),
        ({"day_from": "18"}, "The working day begins"),
        ({"time_zone": "Mars"}, "no time zone"),
        ({"rules_text": "{"}, "The rules are no JSON"),
        ({"rules_text": '{"branches": 3}'}, "list of branches"),
        ({"b1c1_field": "", "b2_name": "Rest", "b2s1_approvers": ["manager"]}, "is never reached"),
    ],
)
def test_rules_that_cannot_be_asked_are_refused_with_the_boxes_kept(
    wrong: dict[str, Any], words: str, desk: Client
) -> None:
    answer = desk.post(ADD, {**TYPED, **wrong})

    assert (answer.status_code, words in answer.content.decode().replace("&#x27;", "'")) == (200, True)
    assert 'value="Above 20 %"' in answer.content.decode()
    assert ApprovalPolicy.objects.count() == 0


def test_another_due_time_is_asked_before_it_moves_what_waits(desk: Client) -> None:
    seller, _ = a_seller_and_a_manager()
    desk.post(ADD, TYPED)
    policy = ApprovalPolicy.objects.get()
    run(desk, "switch_on", policy)
    asked(a_priced_deal(seller, name="Orchard"), seller)
    policy.refresh_from_db()
    before = ApprovalStep.objects.get(position=0).due_at
    typed = {**as_shown(desk, policy), "b1s1_hours": "2"}

    first = desk.post(change(policy), typed)
    unchanged = ApprovalStep.objects.get(position=0).due_at
    again = desk.post(
        change(policy), dict(first.context["again"]) | {"b1s1_approvers": ["manager"], "confirmed": "1"}
    )

    assert "1 open request gets another due time: Orchard from" in first.content.decode()
    assert (unchanged, again.status_code) == (before, 302)
    assert ApprovalStep.objects.get(position=0).due_at != before
    assert ApprovalPolicy.objects.get().number == 2


def test_an_earlier_version_is_put_back_and_history_says_who_changed_what(desk: Client) -> None:
    policy = a_policy()
    first = policy.versions.get()
    update_policy(policy, changes={"definition": {"branches": [a_branch(above("0.5"))]}}, actor=SYSTEM)

    run(desk, "put_back", first, url=reverse("admin:kernel_policyversion_changelist"))

    policy.refresh_from_db()
    assert (policy.number, policy.definition) == (3, first.definition)
    assert history.of_record(policy).filter(change_category="POLICY").count() == 3


def test_what_waits_finishes_on_the_rules_it_began_with() -> None:
    seller, manager = a_seller_and_a_manager()
    policy = a_policy()
    approval = asked(a_priced_deal(seller), seller)
    other = a_branch(above("0.2"), approvers=["role:executive"])
    update_policy(policy, changes={"definition": {"branches": [other]}}, actor=SYSTEM)

    decide(approval, granted=True, actor=manager)

    assert Approval.objects.get().state == "granted"


def test_a_policy_travels_as_a_file_with_people_by_their_address(desk: Client) -> None:
    boss = a_user(name="Bea")
    policy = a_policy(a_branch(above("0.2"), approvers=[f"person:{boss.pk}"]))

    text = run(desk, "export_json", policy).content.decode()
    ApprovalPolicy.objects.all().delete()
    desk.post(ADD, {**TYPED, "b1_name": "", "b1s1_approvers": [], "rules_text": text})

    assert json.loads(text)["definition"]["branches"][0]["steps"][0]["approvers"] == [f"person:{boss.email}"]
    assert ApprovalPolicy.objects.get().definition == policy.definition


def test_two_policies_of_one_action_are_not_active_together(desk: Client) -> None:
    a_policy()
    other = a_policy(is_active=False)

    answer = run(desk, "switch_on", other)

    assert "Switch that one off first" in said(answer)[-1]
    assert ApprovalPolicy.objects.filter(is_active=True).count() == 1


def test_rules_with_more_than_the_boxes_hold_stand_as_text(desk: Client) -> None:
    policy = a_policy(*(a_branch(above(f"0.{9 - number}")) for number in range(5)), is_active=False)

    form = desk.get(change(policy)).context["adminform"].form

    assert json.loads(form["rules_text"].value()) == policy.definition


def test_whoever_does_not_configure_writes_no_policy(client: Client) -> None:
    client.force_login(a_user(role=Role.AE))

    answer = client.post(ADD, TYPED)

    assert (answer.status_code, ApprovalPolicy.objects.count()) == (302, 0)
