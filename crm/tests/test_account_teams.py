"""Who works on a company besides its owner: by page and API, and what it opens."""

import pytest
from django.test import Client
from django.urls import reverse

from crm.models import AccountTeamMember
from crm.selectors.visibility import visible_companies, visible_deals
from crm.services.account_teams import add_account_member, remove_account_member
from crm.tests.builders import a_company, a_deal
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import NotPermittedError
from gtmos.kernel.history import of_record
from gtmos.kernel.people.models import Role, User
from gtmos.kernel.tests.api_client import Api
from gtmos.kernel.tests.builders import a_team, a_user, an_actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> Actor:
    return an_actor(team=a_team())


def fresh(user: User) -> Actor:
    """As the next request meets this person."""
    return Actor.of(User.objects.get(pk=user.pk))


def test_a_member_sees_the_company_and_its_deals_until_taken_out(owner: Actor) -> None:
    company = a_company(actor=owner)
    deal = a_deal(actor=owner, company=company)
    colleague = a_user(team=a_team())

    member = add_account_member(company, colleague, role="engineer", actor=owner)
    seen = [list(visible_companies(actor=fresh(colleague))), list(visible_deals(actor=fresh(colleague)))]
    remove_account_member(member, actor=owner)

    assert seen == [[company], [deal]]
    assert list(visible_companies(actor=fresh(colleague))) == []
    assert [row.change_category for row in of_record(company)][:2] == ["ACCOUNT_TEAM", "ACCOUNT_TEAM"]


def test_the_page_adds_changes_the_role_and_takes_out(client: Client, owner: Actor) -> None:
    company, colleague = a_company(actor=owner), a_user(name="Rosa Lind")
    client.force_login(owner.user)
    add = reverse("crm:company-team", args=[company.pk])

    shown = client.post(add, {"user": colleague.email, "role": "sales"}).content.decode()
    client.post(add, {"user": colleague.email, "role": "success"})
    member = AccountTeamMember.objects.get()
    role = member.role
    wrong = client.post(add, {"user": "nobody@gtmos.example", "role": "sales"})
    gone = client.post(reverse("crm:company-team-remove", args=[company.pk, member.pk]))

    assert "Take Rosa Lind out of the account team" in shown
    assert (role, wrong.status_code, gone.status_code) == ("success", 409, 200)
    assert AccountTeamMember.objects.count() == 0


def test_who_may_not_edit_the_company_changes_nobody(client: Client) -> None:
    company, viewer = a_company(), a_user(role=Role.VIEWER)
    client.force_login(viewer)

    answer = client.post(reverse("crm:company-team", args=[company.pk]), {"user": viewer.email})
    page = client.get(reverse("crm:company", args=[company.pk])).content.decode()

    assert (answer.status_code, "Role in the account" in page) == (403, False)
    with pytest.raises(NotPermittedError):
        add_account_member(company, viewer, actor=Actor.of(viewer))


def test_the_api_lists_makes_changes_and_deletes(owner: Actor) -> None:
    company, colleague, programs = a_company(actor=owner), a_user(), Api.of(owner.user)
    body = {"company_id": str(company.pk), "user_id": str(colleague.pk), "role": "sales"}

    made = programs.post("account-team-members", body).json()
    changed = programs.patch("account-team-members", made["id"], {"role": "executive"})
    other = programs.patch("account-team-members", made["id"], {"user_id": str(owner.user.pk)})
    listed = programs.get("account-team-members", company_id=str(company.pk)).json()["results"]
    deleted = programs.delete("account-team-members", made["id"])

    assert (made["role"], changed.json()["role"], other.status_code) == ("sales", "executive", 422)
    assert [(row["user_id"], row["role"]) for row in listed] == [(str(colleague.pk), "executive")]
    assert (deleted.status_code, AccountTeamMember.objects.count()) == (204, 0)
