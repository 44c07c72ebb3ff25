"""Who may read whose mails."""

import pytest
from django.test import Client
from django.urls import reverse

from crm.models import Activity
from crm.selectors.exports import export_of
from crm.selectors.mail import readable_condition
from crm.selectors.timeline import timeline
from crm.selectors.visibility import visible_activities
from crm.services.account_teams import add_account_member
from crm.services.activities import log_activity
from crm.tests.builders import a_company
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.people.models import Role, User
from gtmos.kernel.people.services import update_user
from gtmos.kernel.tests.builders import a_team, a_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("visibility", "readers"),
    [
        ("private", ["writer"]),
        ("team", ["writer", "colleague", "executive"]),
        ("all", ["writer", "colleague", "executive", "other"]),
    ],
)
def test_a_mail_is_read_by_whom_its_writer_lets_and_known_of_by_all(
    client: Client, visibility: str, readers: list[str]
) -> None:
    team = a_team()
    people = {
        "writer": a_user(team=team),
        "colleague": a_user(team=team),
        "executive": a_user(role=Role.EXECUTIVE),
        "other": a_user(team=a_team(), role=Role.REVOPS),
    }
    User.objects.filter(pk=people["other"].pk).update(role=Role.AE)
    update_user(people["writer"], changes={"mail_visibility": visibility}, actor=SYSTEM)
    company = a_company()
    mail = log_activity(
        type="email", subject="Plum terms", body="Apricot", company=company, actor=Actor.of(people["writer"])
    )
    Activity.objects.filter(pk=mail.pk).update(owner=people["writer"])

    add_account_member(company, people["other"], actor=SYSTEM)

    read, listed, answered, found, exported = [], [], [], [], []
    for name, person in people.items():
        actor = Actor.of(User.objects.get(pk=person.pk))
        client.force_login(actor.user)
        read += [name for each in visible_activities(actor=actor) if each.body == "Apricot"]
        listed += [
            name for each in timeline(company, actor=actor).items if each.title in {"Plum terms", "E-mail"}
        ]
        body = client.get(reverse("api-activity-list")).content.decode()
        answered += [name] if "Apricot" in body and "Plum" in body else []
        condition, values = readable_condition(actor, "a")
        found += [
            name for _ in Activity.objects.raw(f"SELECT id FROM crm_activity a WHERE {condition}", values)
        ]

        exported += [name for _ in export_of("activities", actor=actor).records]

    assert (read, answered, found, exported) == (readers, readers, readers, readers)
    assert listed == list(people)
