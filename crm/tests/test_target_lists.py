"""Companies that marketing and sales work on together."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from crm.models import Company, TargetAccount, TargetList
from crm.selectors.target_lists import companies_on, coverage
from crm.services.activities import log_activity
from crm.services.merging import merge_companies
from crm.services.target_lists import (
    add_to_list,
    create_target_list,
    delete_target_list,
    remove_from_list,
    update_target_list,
)
from crm.tests.builders import a_company, a_contact, a_deal
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.events.models import EventRecord
from gtmos.kernel.exceptions import DomainError, InvalidInputError, NotPermittedError
from gtmos.kernel.history.models import Change
from gtmos.kernel.people.models import Role, User
from gtmos.kernel.people.services import issue_token
from gtmos.kernel.tests.builders import a_team, a_user, an_actor, serial

pytestmark = pytest.mark.django_db
Queries = Callable[[int], AbstractContextManager[Any]]


def a_target_list(*companies: Company, **fields: Any) -> TargetList:
    target = create_target_list(fields.pop("name", serial("Targets")), actor=SYSTEM, **fields)
    add_to_list(target, these(*companies), actor=SYSTEM)
    return target


def these(*companies: Company) -> Any:
    return Company.objects.filter(pk__in=[each.pk for each in companies])


def names_on(target: TargetList, actor: Actor = SYSTEM) -> list[str]:
    return sorted(each.name for each in companies_on(target, actor=actor))


def test_companies_come_once_go_and_history_and_events_say_so() -> None:
    target = a_target_list()
    first, second = a_company(name="First"), a_company(name="Second")

    added = [add_to_list(target, these(first, second), actor=SYSTEM) for _ in range(2)]
    removed = [remove_from_list(target, these(first), actor=SYSTEM) for _ in range(2)]

    notes = Change.objects.filter(subject_id=target.pk, change_category="TARGET_LIST")
    told = EventRecord.objects.filter(name="crm.target_list_changed", subject_id=target.pk)
    assert (added, removed, names_on(target)) == ([2, 0], [1, 0], ["Second"])
    assert sorted(each.summary for each in notes) in (
        ["Added First, Second", "Removed First"],
        ["Added Second, First", "Removed First"],
    )
    assert told.count() == 3


def test_many_companies_come_in_few_statements(django_assert_max_num_queries: Queries) -> None:
    target = a_target_list()
    Company.objects.bulk_create(Company(name=f"C {n}", name_key=f"c {n}") for n in range(300))

    with django_assert_max_num_queries(9):
        many = add_to_list(target, Company.objects.all(), actor=SYSTEM)

    assert (many, TargetAccount.objects.count()) == (300, 300)


def test_coverage_counts_people_activity_and_open_deals_in_constant_statements(
    django_assert_max_num_queries: Queries,
) -> None:
    known, unknown = a_company(name="Known"), a_company(name="Unknown")
    a_contact(company=known)
    a_contact(company=known)
    a_deal(company=known)
    call = log_activity(type="call", subject="Hello", company=known, actor=SYSTEM)
    target = a_target_list(known, unknown, *(a_company() for _ in range(8)))

    with django_assert_max_num_queries(6):
        found = coverage(target, actor=SYSTEM)

    by_name = {row.company.name: row for row in found.rows}
    assert (found.companies, found.with_people, found.active_lately, found.with_open_deals) == (10, 1, 1, 1)
    assert (by_name["Known"].people, by_name["Known"].open_deals) == (2, 1)
    assert by_name["Known"].last_activity_at == call.happened_at
    assert (by_name["Unknown"].people, by_name["Unknown"].last_activity_at) == (0, None)


def test_of_a_list_everybody_sees_only_the_companies_they_may_see() -> None:
    theirs, mine = an_actor(team=a_team()), an_actor(team=a_team())
    target = a_target_list(a_company(actor=theirs, name="Theirs"), a_company(actor=mine, name="Mine"))

    assert names_on(target, mine) == ["Mine"]
    assert coverage(target, actor=mine).companies == 1


def test_the_list_is_changed_and_its_values_are_checked() -> None:
    gone = a_user()
    gone.is_active = False
    gone.save()
    target, other = a_target_list(name="One"), a_target_list(name="Two")
    mona = a_user(name="Mona")

    update_target_list(target, changes={"plan": "Write first.", "marketing_owner": mona}, actor=SYSTEM)

    target.refresh_from_db()
    assert (target.plan, target.marketing_owner) == ("Write first.", mona)
    with pytest.raises(DomainError):
        update_target_list(other, changes={"name": "One"}, actor=SYSTEM)
    for wrong in ({"name": " "}, {"sales_owner": gone}):
        with pytest.raises(InvalidInputError):
            update_target_list(other, changes=wrong, actor=SYSTEM)
    with pytest.raises(InvalidInputError):
        create_target_list("Three", owner=mona, actor=SYSTEM)


def test_deleting_a_list_leaves_its_companies() -> None:
    target = a_target_list(a_company())

    delete_target_list(target, actor=SYSTEM)

    assert (TargetList.objects.count(), TargetAccount.objects.count(), Company.objects.count()) == (0, 0, 1)


def test_who_only_looks_changes_no_list() -> None:
    target, viewer = a_target_list(), an_actor(Role.VIEWER)

    for refused in (
        lambda: create_target_list("New", actor=viewer),
        lambda: update_target_list(target, changes={"plan": "x"}, actor=viewer),
        lambda: add_to_list(target, Company.objects.all(), actor=viewer),
        lambda: remove_from_list(target, Company.objects.all(), actor=viewer),
        lambda: delete_target_list(target, actor=viewer),
    ):
        with pytest.raises(NotPermittedError):
            refused()


def test_a_merged_company_stays_on_the_list_once() -> None:
    keep, other, alone = a_company(name="Keep"), a_company(name="Other"), a_company(name="Alone")
    both, one = a_target_list(keep, other), a_target_list(alone)

    merge_companies(keep, other, choices={}, actor=SYSTEM)
    merge_companies(keep, alone, choices={}, actor=SYSTEM)

    assert [list(companies_on(each, actor=SYSTEM)) for each in (both, one)] == [[keep], [keep]]


# Pages, files and the API


@pytest.fixture
def me(client: Client) -> User:
    user = a_user(role=Role.ADMIN)
    client.force_login(user)
    return user


def test_a_look_at_what_would_go_on_a_list_adds_nothing(client: Client, me: User) -> None:
    known, fresh = a_company(name="Known"), a_company(name="Fresh")
    target = a_target_list(known)
    wanted = {"target_list": target.pk, "ids": [known.pk, fresh.pk]}

    looked = client.post(reverse("crm:target-list-add"), {**wanted, "preview": "1"})
    before = names_on(target)
    client.post(reverse("crm:target-list-add"), wanted)

    assert (looked.context["fresh"], looked.context["known"], before) == (1, 1, ["Known"])
    assert names_on(target) == ["Fresh", "Known"]


def test_a_list_is_made_filled_by_ticks_and_filter_and_shown_with_both_owners(
    client: Client, me: User
) -> None:
    mona, sid = a_user(name="Mona Mark"), a_user(name="Sid Sale")
    ticked, found, other = (a_company(name=name) for name in ("Ticked", "Zeisig Works", "Other"))
    values = {"name": "Banks", "marketing_owner": mona.pk, "sales_owner": sid.pk, "goal_on": "2026-12-31"}

    made = client.post(reverse("crm:target-lists"), values)
    target = TargetList.objects.get()
    client.post(reverse("crm:target-list-add"), {"target_list": target.pk, "ids": [ticked.pk]})
    client.post(f"{reverse('crm:target-list-add')}?q=zeisig", {"target_list": target.pk, "all": "1"})

    company = client.get(reverse("crm:company", args=[found.pk])).content.decode()
    shown = client.get(reverse("crm:target-list", args=[target.pk])).content.decode()
    elsewhere = client.get(reverse("crm:company", args=[other.pk])).content.decode()
    assert made["Location"] == reverse("crm:target-list", args=[target.pk])
    assert names_on(target) == ["Ticked", "Zeisig Works"]
    assert ("Mona Mark" in company, "Sid Sale" in company, "Banks" in company) == (True, True, True)
    assert ("Ticked" in shown, "31 Dec 2026" in shown, "Banks" in elsewhere) == (True, True, False)
    assert "Banks" in client.get(reverse("crm:companies")).content.decode()


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("where=nothing:is:x", "There is no field"),
        (f"saved={UUID(int=1)}", "That view is deleted, or no longer shared with you."),
    ],
)
def test_all_of_an_address_that_is_not_understood_are_not_all_companies(
    client: Client, me: User, query: str, words: str
) -> None:
    client.force_login(me)
    actor = Actor.of(me)
    a_company(actor=actor)
    target = create_target_list("Wanted", actor=actor)

    answer = client.post(f"{reverse('crm:target-list-add')}?{query}", {"target_list": target.pk, "all": "1"})

    assert (answer.status_code, words in answer["HX-Trigger"]) == (409, True)
    assert TargetAccount.objects.filter(target_list=target).count() == 0


def test_the_page_changes_removes_and_deletes(client: Client, me: User) -> None:
    company = a_company(name="Going")
    target = a_target_list(company, name="Old name")

    client.post(reverse("crm:target-list-edit", args=[target.pk]), {"name": "New name", "plan": "Call."})
    client.post(reverse("crm:target-list-remove", args=[target.pk, company.pk]))
    target.refresh_from_db()
    after = (target.name, target.plan, names_on(target))
    client.post(reverse("crm:target-list-delete", args=[target.pk]))

    assert after == ("New name", "Call.", [])
    assert TargetList.objects.count() == 0


def test_what_is_wrong_is_said(client: Client, me: User) -> None:
    target = a_target_list(name="One")

    same = client.post(reverse("crm:target-lists"), {"name": "One"}).content.decode()
    none = client.post(reverse("crm:target-list-add"), {"target_list": "x"})

    assert "There is a target list One already." in same
    assert none.status_code == 409
    assert client.get(reverse("crm:target-list-edit", args=[target.pk])).status_code == 200


def test_a_list_goes_out_as_a_file_of_its_companies(client: Client, me: User) -> None:
    target = a_target_list(a_company(name="On it"))
    a_company(name="Beside it")

    answer = client.get(
        reverse("crm:export", args=["companies", "csv"]), {"choice": f"target-list:{target.pk}"}
    )
    wrong = client.get(reverse("crm:export", args=["companies", "csv"]), {"choice": "target-list:x"})

    text = b"".join(answer.streaming_content).decode()
    assert ("On it" in text, "Beside it" in text) == (True, False)
    assert wrong.status_code >= 400


def test_the_api_makes_fills_covers_and_empties_a_list(client: Client, me: User) -> None:
    company = a_company(name="Banked")
    key = issue_token(me, scopes=["read", "write"], actor=Actor.of(me))
    headers = {"Authorization": f"Bearer {key}"}

    def post(path: str, body: dict[str, Any]) -> Any:
        return client.post(f"/api/v1/{path}/", body, content_type="application/json", headers=headers)

    made = post("target-lists", {"name": "Banks", "sales_owner_id": str(me.pk)}).json()
    account = post("target-accounts", {"target_list_id": made["id"], "company_id": str(company.pk)})
    covered = client.get(f"/api/v1/target-lists/{made['id']}/coverage/", headers=headers).json()
    gone = client.delete(
        f"/api/v1/target-accounts/{account.json()['id']}/", headers={**headers, "If-Match": account["ETag"]}
    )

    assert made["sales_owner_id"] == str(me.pk)
    assert (covered["companies"], covered["rows"][0]["company_name"]) == (1, "Banked")
    assert (gone.status_code, TargetAccount.objects.count()) == (204, 0)
