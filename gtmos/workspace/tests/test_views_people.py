"""The people of the house: invitations by mail, roles, leaving with a hand-over, coming back."""

from typing import Any

import pytest
from django.core import signing
from django.test import Client
from django.utils import timezone

from crm.models import Company, Deal, Task
from crm.tests.builders import a_company, a_contact, a_deal, a_task
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.events.models import EventRecord
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.history.models import Change
from gtmos.kernel.people.models import ApiToken, Membership, Role, User
from gtmos.kernel.people.services import create_user, issue_token, update_user
from gtmos.kernel.signin import leaving_services as leaving
from gtmos.kernel.signin import link_services as links
from gtmos.kernel.signin.models import SignInLink
from gtmos.kernel.tests.builders import a_team, a_user

pytestmark = pytest.mark.django_db
SECRET = "correct horse battery"
ADA = "ada@gtmos.example"


@pytest.fixture
def boss() -> User:
    return create_user("dana@gtmos.example", name="Dana", role=Role.REVOPS, password=None, actor=SYSTEM)


@pytest.fixture
def desk(client: Client, boss: User) -> Client:
    client.force_login(boss)
    return client


def invite(desk: Client, email: str = ADA, **fields: str) -> SignInLink:
    answer = desk.post("/settings/people/", {"email": email, "role": "sdr", **fields})
    assert answer.status_code == 302, answer.context["form"].errors
    return SignInLink.objects.get(email=email, revoked_at=None)


def accept(link: SignInLink, **fields: str) -> Any:
    given = {"name": "Ada Byron", "password": SECRET, "time_zone": "Europe/Berlin", **fields}
    return Client().post(f"/invitation/{links.token_of(link)}/", given)


def test_who_is_invited_sets_a_name_a_password_and_a_zone_and_is_in(desk: Client) -> None:
    team = a_team("North")
    link = invite(desk, team=str(team.pk))

    shown = Client().get(f"/invitation/{links.token_of(link)}/")
    nobody_yet = User.objects.filter(email=ADA).exists()
    accepted = accept(link)

    ada = User.objects.get(email=ADA)
    assert (shown.status_code, nobody_yet, accepted.status_code) == (200, False, 302)
    assert (ada.name, ada.role, ada.time_zone, ada.is_staff) == ("Ada Byron", "sdr", "Europe/Berlin", False)
    assert Membership.objects.get(user=ada).team == team
    assert Client().login(username=ADA, password=SECRET) is True
    assert EventRecord.objects.filter(name="kernel.invitation_accepted", subject_id=ada.pk).count() == 1


def test_a_link_works_once(desk: Client) -> None:
    link = invite(desk)

    answers = [accept(link).status_code, accept(link, password="another long password").status_code]

    assert (answers, User.objects.filter(email=ADA).count()) == ([302, 404], 1)
    assert Client().login(username=ADA, password=SECRET) is True


def _aged(link: SignInLink) -> None:
    SignInLink.objects.filter(pk=link.pk).update(expires_at=timezone.now())


@pytest.mark.parametrize(
    "end",
    [
        _aged,
        lambda link: links.revoke_invitation(link, actor=SYSTEM),
        lambda link: links.resend_invitation(link, actor=SYSTEM),
        lambda link: update_user(link.invited_by, changes={"role": "viewer"}, actor=SYSTEM),
        lambda link: links.invite(link.email, role="ae", actor=SYSTEM),
    ],
    ids=["old", "taken back", "sent anew", "the inviter may no more", "invited anew"],
)
def test_a_link_that_has_ended_opens_nothing(end: Any, desk: Client) -> None:
    link = invite(desk)

    end(link)

    answer = accept(link)
    assert (answer.status_code, User.objects.filter(email=ADA).exists()) == (404, False)
    assert "This link has ended" in answer.content.decode()


def test_a_forged_link_a_link_of_another_kind_and_an_unknown_one_get_the_same_answer(desk: Client) -> None:
    link = invite(desk)
    reset = signing.dumps([str(link.pk), 1], salt="gtmos.signin.reset")
    unknown = signing.dumps(["00000000-0000-4000-8000-000000000000", 1], salt="gtmos.signin.invitation")
    forged = links.token_of(link)[:-3] + "abc"

    answers = [Client().get(f"/invitation/{token}/") for token in (reset, unknown, forged, "nothing")]

    assert [each.status_code for each in answers] == [404] * 4
    assert len({each.content for each in answers}) == 1


def test_a_weak_password_is_refused_and_the_link_stays_good(desk: Client) -> None:
    link = invite(desk)

    weak = accept(link, password="password")

    assert (weak.status_code, User.objects.filter(email=ADA).exists()) == (422, False)
    assert accept(link).status_code == 302


def test_revops_invites_no_administrators_and_nobody_who_is_here(desk: Client) -> None:
    a_user(name="Bo")

    answers = [
        desk.post("/settings/people/", {"email": email, "role": role}).status_code
        for email, role in (("new@gtmos.example", "admin"), ("BO@gtmos.example", "ae"), ("nonsense", "ae"))
    ]

    assert (answers, SignInLink.objects.count()) == ([422] * 3, 0)


def test_the_pages_are_not_there_for_who_does_not_manage_people(client: Client) -> None:
    somebody = a_user()
    client.force_login(a_user())
    urls = ["/settings/people/", *(f"/settings/people/{somebody.pk}/{end}" for end in ("", "deactivate/"))]

    got = [client.get(url).status_code for url in urls]
    sent = [client.post(url, {"role": "admin", "email": ADA}).status_code for url in urls]

    somebody.refresh_from_db()
    assert (got, sent) == ([404] * 3, [404] * 3)
    assert (somebody.role, somebody.is_active, SignInLink.objects.count()) == ("ae", True, 0)


def test_role_and_teams_are_changed_at_once_with_history(desk: Client) -> None:
    north, south = a_team("North"), a_team("South")
    ada = a_user(name="Ada", team=north)

    desk.post(f"/settings/people/{ada.pk}/", {"role": "csm", "teams": [str(south.pk)]})
    refused = desk.post(f"/settings/people/{ada.pk}/", {"role": "admin"})

    ada = User.objects.get(pk=ada.pk)
    assert (ada.role, [each.team for each in ada.memberships.all()]) == ("csm", [south])
    assert (refused.status_code, ada.is_superuser) == (403, False)
    assert Change.objects.filter(subject_id=ada.pk, changed_fields=["role"]).count() == 1


# Leaving


def rich(owner: User) -> dict[str, str]:
    """Somebody who owns some of each; answers the form that gives them all away."""
    actor = Actor.of(owner)
    company = a_company(actor=actor)
    for _ in range(3):
        a_contact(actor=actor, company=company)
    a_deal(actor=actor, company=company)
    a_task(actor=actor)
    return {each.key: each.words for each in leaving.owned_by(owner, actor=SYSTEM)}


def test_leaving_shows_what_is_owned_moves_it_all_and_closes_every_door(desk: Client) -> None:
    team, bo = a_team("North"), a_user(name="Bo")
    ada = a_user(name="Ada")
    browser = Client()
    browser.force_login(ada)
    key = issue_token(ada, scopes=["read"], actor=Actor.of(ada))
    kinds = rich(ada)
    companies = list(Company.objects.filter(owner=ada).values_list("pk", "version"))
    url = f"/settings/people/{ada.pk}/deactivate/"

    preview = desk.get(url)
    heirs = {f"heir:{kind}": f"user:{bo.pk}" for kind in kinds} | {
        "heir:crm.company.owner": f"team:{team.pk}"
    }
    done = desk.post(url, heirs)

    ada.refresh_from_db()
    counts = {each.key: each.count for each in preview.context["owned"]}
    assert (counts["crm.contact.owner"], counts["crm.deal.owner"]) == (3, 1)
    assert (done.status_code, ada.is_active, leaving.owned_by(ada, actor=SYSTEM)) == (302, False, [])
    for company_id, version in companies:
        company = Company.objects.get(pk=company_id)
        assert (company.owner, company.team, company.version) == (None, team, version + 1)
        assert Change.objects.filter(subject_id=company_id, change_category="OWNER").count() == 1
    assert list(Deal.objects.values_list("owner", flat=True)) == [bo.pk]
    left = EventRecord.objects.get(name="kernel.person_deactivated")
    assert left.payload["moved"]["crm.contact.owner"] == 3
    assert browser.get("/companies/").status_code == 302
    assert Client().get("/api/v1/companies/", headers={"Authorization": f"Bearer {key}"}).status_code == 401


def test_a_kind_without_an_heir_an_heir_who_has_left_and_oneself_change_nothing(
    desk: Client, boss: User
) -> None:
    ada, gone = a_user(name="Ada"), a_user(name="Gone")
    User.objects.filter(pk=gone.pk).update(is_active=False)
    kinds = rich(ada)
    url = f"/settings/people/{ada.pk}/deactivate/"

    answers = [
        desk.post(url, {}).status_code,
        desk.post(url, {f"heir:{kind}": f"user:{gone.pk}" for kind in kinds}).status_code,
        desk.post(url, {f"heir:{kind}": f"user:{ada.pk}" for kind in kinds}).status_code,
        desk.post(f"/settings/people/{boss.pk}/deactivate/").status_code,
    ]

    ada.refresh_from_db()
    assert (answers, ada.is_active) == ([422, 422, 422, 409], True)
    assert {each.key for each in leaving.owned_by(ada, actor=SYSTEM)} == set(kinds)
    assert EventRecord.objects.filter(name="kernel.person_deactivated").count() == 0


def test_a_thousand_tasks_move_in_a_few_statements(boss: User, django_assert_max_num_queries: Any) -> None:
    ada, bo = a_user(name="Ada"), a_user(name="Bo")
    Task.objects.bulk_create([Task(title=f"Call {number}", owner=ada) for number in range(1000)])

    with django_assert_max_num_queries(100):
        moved = leaving.deactivate_person(ada, heirs={"crm.task.owner": bo}, actor=Actor.of(boss))

    assert (moved, Task.objects.filter(owner=bo).count()) == ({"crm.task.owner": 1000}, 1000)
    assert Change.objects.filter(subject_type="crm.task", change_category="OWNER").count() == 1000


def test_who_comes_back_signs_in_again_and_old_keys_stay_ended(desk: Client) -> None:
    ada = a_user(name="Ada", password=SECRET)
    issue_token(ada, scopes=["read"], actor=Actor.of(ada))
    desk.post(f"/settings/people/{ada.pk}/deactivate/")
    away = Client().login(username=ada.email, password=SECRET)

    desk.post(f"/settings/people/{ada.pk}/reactivate/")

    assert (away, Client().login(username=ada.email, password=SECRET)) == (False, True)
    assert ApiToken.objects.filter(revoked_at=None).count() == 0


def test_the_last_administrator_is_not_deactivated() -> None:
    root = create_user("root@gtmos.example", name="Root", role=Role.ADMIN, password=None, actor=SYSTEM)

    with pytest.raises(DomainError, match="stay administrator"):
        leaving.deactivate_person(root, heirs={}, actor=SYSTEM)

    root.refresh_from_db()
    assert root.is_active is True
