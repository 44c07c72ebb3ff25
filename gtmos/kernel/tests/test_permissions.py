"""Who may do what: one table, asked by every door."""

import pytest
from django.contrib.auth.models import AnonymousUser

from gtmos.kernel import permissions
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.exceptions import NotPermittedError
from gtmos.kernel.people.models import Role
from gtmos.kernel.people.services import create_user, issue_token
from gtmos.kernel.tests.builders import a_user, an_actor

pytestmark = pytest.mark.django_db

EDITORS = {"admin", "revops", "ae", "sdr", "marketing", "csm"}
SENDERS = {"admin", "revops", "ae", "sdr", "marketing"}
CONFIGURERS = {"admin", "revops"}


@pytest.mark.parametrize("role", Role.values)
@pytest.mark.parametrize(
    ("name", "roles"),
    [
        ("crm.create_company", EDITORS),
        ("outreach.approve_campaign", SENDERS),
        ("crm.configure_pipelines", CONFIGURERS),
        ("kernel.manage_people", CONFIGURERS),
        ("kernel.replay_delivery", CONFIGURERS),
    ],
)
def test_a_role_has_exactly_the_rights_of_its_table(name: str, roles: set[str], role: str) -> None:
    actor = an_actor(Role(role))

    assert permissions.allows(actor, name) is (role in roles)


@pytest.mark.parametrize("name", permissions.names())
def test_somebody_who_was_switched_off_may_do_nothing(name: str) -> None:
    user = a_user(role=Role.REVOPS)
    user.is_active = False
    user.save()

    assert permissions.allows(Actor.of(user), name, a_user()) is False


@pytest.mark.parametrize("name", permissions.names())
def test_the_system_may_do_everything(name: str) -> None:
    assert permissions.allows(SYSTEM, name) is True


def test_a_refusal_says_who_may_not_do_what() -> None:
    actor = Actor.of(a_user(name="Vera", role=Role.VIEWER))

    with pytest.raises(NotPermittedError) as refused:
        permissions.require(actor, "crm.create_company")

    assert refused.value.message == "Vera may not create company: the role viewer has no right to it here."
    assert (refused.value.code, refused.value.status_code) == ("not_permitted", 403)


def test_an_agent_has_the_rights_of_the_person_it_acts_for_and_no_more() -> None:
    viewer, editor = a_user(role=Role.VIEWER), a_user(role=Role.AE)

    allowed = [
        permissions.allows(Actor.for_agent("writer", user), "crm.create_company") for user in (viewer, editor)
    ]

    assert allowed == [False, True]


def test_nobody_is_no_actor() -> None:
    with pytest.raises(NotPermittedError):
        Actor.of(AnonymousUser())


def test_a_permission_cannot_be_registered_twice() -> None:
    with pytest.raises(ValueError, match="registered twice"):
        permissions.rule("crm.create_company")(lambda actor, subject: True)


def test_people_make_keys_for_themselves_only() -> None:
    actor = an_actor(Role.AE)

    key = issue_token(actor.user, scopes=["read"], actor=actor)
    with pytest.raises(NotPermittedError):
        issue_token(a_user(), scopes=["read"], actor=actor)

    assert key.startswith("gtm_")


def test_only_revops_adds_people() -> None:
    with pytest.raises(NotPermittedError):
        create_user("new@gtmos.example", name="New", role=Role.AE, password=None, actor=an_actor(Role.AE))
