"""Rows are taken away at the desk by the service that does it, one by one or ticked in the list, or not at all."""

from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.utils import timezone

from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.history.models import Change
from gtmos.kernel.people.access_models import AccessRole, Territory
from gtmos.kernel.people.access_services import create_role
from gtmos.kernel.people.models import Role, User
from gtmos.kernel.people.territory_services import create_territory
from gtmos.kernel.tests.builders import a_user
from gtmos.kernel.workflows.models import Workflow
from gtmos.kernel.workflows.services.workflows import create_workflow
from outreach.models import MailTemplate
from outreach.services.mail_templates import create_template

pytestmark = pytest.mark.django_db


def ticked(desk: Client, where: str, *rows: AccessRole | Territory | MailTemplate | Workflow) -> list[str]:
    """What the desk said when these were ticked in the list, deleted, and the question answered with yes."""
    chosen = {"action": "delete_selected", "_selected_action": [str(each.pk) for each in rows], "post": "yes"}
    answer = desk.post(f"/admin/{where}/", chosen)
    return [str(each) for each in get_messages(answer.wsgi_request)]


def a_role(name: str) -> AccessRole:
    return create_role(name, based_on=Role.AE, actor=SYSTEM)


def test_a_role_that_somebody_has_is_not_taken_away_with_others_and_the_others_stay_too(desk: Client) -> None:
    free, used = a_role("Free"), a_role("Used")
    User.objects.create_user("ada@gtmos.example", name="Ada", role=used.key)
    before = Change.objects.count()

    said = ticked(desk, "kernel/accessrole", free, used)

    assert len(said) == 1
    assert "Successfully" not in said[0]
    assert set(AccessRole.objects.all()) == {free, used}
    assert Change.objects.count() == before


def test_what_is_ticked_and_taken_away_has_its_line_in_the_history(desk: Client) -> None:
    one, other = create_territory("One", actor=SYSTEM), create_territory("Other", actor=SYSTEM)
    before = Change.objects.count()

    ticked(desk, "kernel/territory", one, other)

    assert not Territory.objects.exists()
    assert Change.objects.count() == before + 2


def test_a_role_that_somebody_has_stays_where_its_own_page_is_asked(desk: Client) -> None:
    used = a_role("Used")
    User.objects.create_user("ada@gtmos.example", name="Ada", role=used.key)

    answer = desk.post(f"/admin/kernel/accessrole/{used.pk}/delete/", {"post": "yes"})

    assert answer.status_code == 302
    assert AccessRole.objects.get() == used


def test_taking_roles_away_asks_who_sits_there(desk: Client) -> None:
    role = a_role("Free")
    session = desk.session
    session["confirmed_at"] = (timezone.now() - timedelta(minutes=16)).isoformat()
    session.save()

    answers = [
        desk.post(f"/admin/kernel/accessrole/{role.pk}/delete/", {"post": "yes"}),
        desk.post(
            "/admin/kernel/accessrole/",
            {"action": "delete_selected", "_selected_action": [str(role.pk)], "post": "yes"},
        ),
    ]

    assert [each["Location"].split("?")[0] for each in answers] == ["/login/again/"] * 2
    assert AccessRole.objects.get() == role


def test_a_template_is_taken_away_by_whoever_configures_and_by_nobody_else(desk: Client, user: User) -> None:
    templates = [create_template(name, subject="x", body="x", actor=SYSTEM) for name in ("A", "B")]
    other = Client()
    other.force_login(user)

    other.post(f"/admin/outreach/mailtemplate/{templates[0].pk}/delete/", {"post": "yes"})
    kept = MailTemplate.objects.count()
    ticked(desk, "outreach/mailtemplate", *templates)

    assert (kept, MailTemplate.objects.count()) == (2, 0)


def test_workflows_that_are_ticked_are_taken_away_with_a_line_in_the_history_each(desk: Client) -> None:
    step = {"do": "wait", "with": {"days": 1}}
    rows = [
        create_workflow(
            name, event_name="crm.deal_stage_changed", steps=[step], actor=Actor.of(a_user(role=Role.REVOPS))
        )
        for name in ("A", "B")
    ]

    said = ticked(desk, "kernel/workflow", *rows)

    assert said == ["Successfully deleted 2 workflows."]
    assert not Workflow.objects.exists()
    assert (
        Change.objects.filter(change_category="DELETED", subject_id__in=[each.pk for each in rows]).count()
        == 2
    )
