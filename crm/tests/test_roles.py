"""Roles as RevOps sets them: actions, fields and how far somebody sees, alike at every door."""

import pytest
from django.test import Client
from django.urls import reverse

from agents.selectors.records import query
from crm.models import AccountTeamMember, Activity, Company, Deal
from crm.selectors.visibility import get_deal, visible_companies, visible_contacts, visible_deals
from crm.services.account_teams import add_account_member, remove_account_member
from crm.services.activities import log_activity
from crm.services.companies import update_company
from crm.services.deals import update_deal
from crm.tests.builders import a_company, a_contact, a_deal
from gtmos.kernel import history
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.exceptions import InvalidInputError, NotPermittedError
from gtmos.kernel.people.access_models import AccessRole, Territory
from gtmos.kernel.people.access_services import change_role, create_role
from gtmos.kernel.people.models import Role, User
from gtmos.kernel.people.territory_services import add_territory_member, create_territory
from gtmos.kernel.records import may_see, visible_condition
from gtmos.kernel.tests.builders import a_team, a_user, an_actor

pytestmark = pytest.mark.django_db
SENTENCE = "Ann may not change deal amount: the role Careful has no right to it."


def a_role(*, name: str = "Careful", based_on: str = "ae", **fields: object) -> AccessRole:
    return create_role(name, based_on=based_on, actor=SYSTEM, **fields)


def ann(**fields: object) -> Actor:
    a_role(**fields)
    user = a_user(name="Ann")
    User.objects.filter(pk=user.pk).update(role="careful")
    return Actor.of(User.objects.get(pk=user.pk))


def again(actor: Actor) -> Actor:
    return Actor.of(User.objects.get(pk=actor.user.pk))


def test_a_role_without_an_action_is_refused_it_by_service_page_and_api(client: Client) -> None:
    actor = ann(rights={"company.edit": False})
    company = a_company(actor=actor)
    client.force_login(actor.user)

    with pytest.raises(NotPermittedError):
        update_company(company, changes={"city": "Bonn"}, actor=actor)
    page = client.post(reverse("crm:company-edit", args=[company.pk]), {"name": "New", "city": "Bonn"})
    api = client.patch(
        reverse("api-company-detail", args=[company.pk]),
        {"city": "Bonn"},
        "application/json",
        headers={"If-Match": "*"},
    )

    assert "may not edit company" in page.content.decode()
    assert api.status_code == 403
    assert Company.objects.get().city == ""


def test_a_kind_of_record_that_a_role_may_not_view_does_not_exist_for_it() -> None:
    actor = ann(rights={"deal.view": False}, scope="all")
    deal = a_deal(actor=actor)

    assert (list(visible_deals(actor=actor)), may_see(actor, deal)) == ([], False)
    assert visible_condition(actor, "d", Deal) == ("FALSE", {})


def test_what_a_role_does_not_say_is_as_in_the_built_in_role() -> None:
    actor = ann(based_on="viewer", rights={"task.create": True})

    assert [actor.user.standing.may("create", kind) for kind in ("task", "company")] == [True, False]


def test_a_change_of_the_grid_counts_at_the_next_request() -> None:
    actor = ann()
    role = AccessRole.objects.get()

    change_role(role, changes={"rights": {"company.create": False}}, actor=SYSTEM)

    with pytest.raises(NotPermittedError):
        a_company(actor=again(actor))


def test_only_revops_changes_roles_and_only_to_what_there_is() -> None:
    with pytest.raises(NotPermittedError):
        create_role("Mine", based_on="ae", actor=an_actor(Role.AE))
    with pytest.raises(InvalidInputError):
        a_role(rights={"company.fly": True})
    with pytest.raises(InvalidInputError):
        a_role(fields={"deal.name": "hidden"})


def test_rights_teams_territories_and_accounts_are_one_statement(django_assert_num_queries: object) -> None:
    user = User.objects.get(pk=a_user(team=a_team()).pk)

    with django_assert_num_queries(1):
        answers = (user.may_edit, user.may_send, user.team_ids, user.sees_everything, user.standing.accounts)

    assert (answers[0], len(answers[2])) == (True, 1)


# Fields


@pytest.fixture
def hidden() -> Actor:
    return ann(fields={"deal.deal_amount": "hidden"})


@pytest.fixture
def deal(hidden: Actor) -> Deal:
    deal = a_deal(actor=SYSTEM, owner=hidden.user, amount="48123", name="Secret sum")
    return update_deal(deal, changes={"deal_amount": "58123", "next_step": "Call"}, actor=SYSTEM)


def test_a_hidden_field_is_on_no_page_in_no_list_and_no_answer(
    client: Client, hidden: Actor, deal: Deal
) -> None:
    client.force_login(hidden.user)
    addresses = [
        reverse("crm:deal", args=[deal.pk]),
        reverse("crm:deal-edit", args=[deal.pk]),
        reverse("crm:company", args=[deal.company_id]),
        reverse("crm:pipeline"),
        reverse("api-deal-detail", args=[deal.pk]),
        reverse("api-deal-list"),
        f"/api/v1/deals/{deal.pk}/history/",
        reverse("workspace:search") + "?q=Secret",
    ]
    answers = [client.get(address) for address in addresses]
    bodies = [answer.content.decode().replace(",", "") for answer in answers]

    assert [answer.status_code for answer in answers] == [200] * len(addresses)
    assert [body for body in bodies if "48123" in body or "58123" in body] == []
    assert "deal_amount" not in answers[4].json()
    assert "Call" in bodies[0]


def test_its_history_tells_the_rest_of_a_change(hidden: Actor, deal: Deal) -> None:
    update_deal(deal, changes={"deal_amount": "9"}, actor=SYSTEM)

    told = [each.summary for each in history.of_record(get_deal(deal.pk, actor=hidden))]

    assert [each.partition(";")[0] for each in told] == [
        "next step from nothing to Call",
        "Created deal Secret sum",
    ]


def test_the_system_and_everybody_else_still_see_it(deal: Deal) -> None:
    other = an_actor(Role.ADMIN)

    assert [str(get_deal(deal.pk, actor=each).deal_amount) for each in (SYSTEM, other)] == ["58123.00"] * 2


def test_no_agent_adds_it_up_or_sorts_by_it(hidden: Actor, deal: Deal) -> None:
    with pytest.raises(InvalidInputError):
        query({"entity": "deals", "aggregate": "sum"}, actor=hidden)
    with pytest.raises(InvalidInputError):
        query({"entity": "deals", "filters": [{"field": "amount", "op": ">", "value": 1}]}, actor=hidden)
    answer = query({"entity": "deals"}, actor=hidden)

    assert [row.deal_amount for row in answer.rows] == [None]


@pytest.mark.parametrize("word", ["hidden", "read_only"])
def test_writing_it_is_refused_with_one_sentence_everywhere(client: Client, word: str) -> None:
    actor = ann(fields={"deal.deal_amount": word})
    deal = a_deal(actor=SYSTEM, owner=actor.user, amount="5")
    client.force_login(actor.user)
    edit = reverse("crm:deal-edit", args=[deal.pk])

    with pytest.raises(NotPermittedError) as service:
        update_deal(deal, changes={"deal_amount": "7"}, actor=actor)
    with pytest.raises(NotPermittedError) as made:
        a_deal(actor=actor, amount="7")
    page = client.post(edit, {"name": deal.name, "stage": deal.stage_id, "amount": "7", "currency": "USD"})
    api = client.patch(
        reverse("api-deal-detail", args=[deal.pk]),
        {"deal_amount": "7"},
        "application/json",
        headers={"If-Match": "*"},
    )

    assert [service.value.message, made.value.message, api.json()["detail"]] == [SENTENCE] * 3
    assert (api.status_code, SENTENCE in page.content.decode()) == (403, True)
    assert str(Deal.objects.get(pk=deal.pk).deal_amount) == "5.00"


def test_the_rest_of_the_record_can_be_edited_on_its_page(client: Client, hidden: Actor, deal: Deal) -> None:
    client.force_login(hidden.user)
    page = client.get(reverse("crm:deal-edit", args=[deal.pk]))

    form = {"name": "Renamed", "stage": deal.stage_id, "currency": "USD", "next_step": "Call"}
    client.post(reverse("crm:deal-edit", args=[deal.pk]), form)

    assert 'name="amount"' not in page.content.decode()
    assert str(Deal.objects.values_list("name", "deal_amount").get()) == "('Renamed', Decimal('58123.00'))"


# Territories and account teams


def test_a_manager_sees_the_subtree_and_a_member_the_territory_itself() -> None:
    europe = create_territory("Europe", actor=SYSTEM)
    germany = create_territory("Germany", parent=europe, actor=SYSTEM)
    manager, member, german = an_actor(), an_actor(), an_actor()
    add_territory_member(europe, manager.user, is_manager=True, actor=SYSTEM)
    add_territory_member(europe, member.user, actor=SYSTEM)
    add_territory_member(germany, german.user, actor=SYSTEM)
    stranger = a_user(team=a_team())
    company = a_company(actor=Actor.of(stranger))
    Company.objects.filter(pk=company.pk).update(territory=germany)
    contact = a_contact(actor=Actor.of(stranger), company=company)

    seen = [
        (list(visible_companies(actor=each)), list(visible_contacts(actor=each)))
        for each in map(again, (manager, member, german))
    ]

    assert seen == [([company], [contact]), ([], []), ([company], [contact])]


@pytest.mark.parametrize(("scope", "count"), [("own", 0), ("team", 1), ("territory", 2), ("all", 3)])
def test_each_scope_holds_the_narrower_one(scope: str, count: int) -> None:
    a_role(scope=scope)
    team = a_team()
    user = a_user(team=team)
    User.objects.filter(pk=user.pk).update(role="careful")
    north = create_territory("North", actor=SYSTEM)
    add_territory_member(north, user, actor=SYSTEM)
    others = Actor.of(a_user(team=a_team()))
    a_company(actor=others)
    Company.objects.filter(pk=a_company(actor=others).pk).update(territory=north)
    a_company(actor=Actor.of(a_user(team=team)))

    assert visible_companies(actor=Actor.of(User.objects.get(pk=user.pk))).count() == count


def test_an_account_team_sees_the_company_and_all_that_belongs_to_it() -> None:
    stranger, me = Actor.of(a_user(team=a_team())), an_actor()
    company = a_company(actor=stranger)
    contact, deal = a_contact(actor=stranger, company=company), a_deal(actor=stranger, company=company)
    note = log_activity(type="note", subject="Met", company=company, actor=stranger)

    add_account_member(company, me.user, role="success", actor=stranger)
    mine = again(me)

    assert [may_see(mine, each) for each in (company, contact, deal, note)] == [True] * 4
    assert [list(each) for each in (visible_companies(actor=mine), visible_deals(actor=mine))] == [
        [company],
        [deal],
    ]
    remove_account_member(AccountTeamMember.objects.get(), actor=stranger)
    assert may_see(again(me), company) is False


@pytest.mark.parametrize("model", [Company, Deal, Activity])
def test_query_statement_and_row_in_hand_agree(model: type) -> None:
    north = create_territory("North", actor=SYSTEM)
    me, others = an_actor(team=a_team()), Actor.of(a_user(team=a_team()))
    add_territory_member(north, me.user, actor=SYSTEM)
    for number, actor in enumerate((SYSTEM, others, others, others, me)):
        company = a_company(actor=actor)
        Company.objects.filter(pk=company.pk).update(territory=north if number == 1 else None)
        if number == 2:
            add_account_member(company, me.user, actor=SYSTEM)
        a_deal(actor=actor, company=company)
        log_activity(type="note", subject="Met", company=company, actor=actor)
    me = again(me)
    condition, values = visible_condition(me, "r", model)

    by_statement = model.objects.raw(f"SELECT r.id FROM {model._meta.db_table} r WHERE {condition}", values)
    by_query = {each.pk for each in model.objects.all() if may_see(me, each)}

    assert {each.pk for each in by_statement} == by_query
    assert len(by_query) == 4
    assert Territory.objects.count() == 1
