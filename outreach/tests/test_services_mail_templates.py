"""Templates of mails: written, tried on people who are there, offered, begun with, and taken away."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm.models import Contact
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.exceptions import DomainError, NotPermittedError
from gtmos.kernel.history import of_record
from gtmos.kernel.history.models import Change
from gtmos.kernel.people.access_services import create_role
from gtmos.kernel.people.models import Role, User
from outreach.models import MailTemplate
from outreach.selectors.mail_templates import MOST_TRIED, offered_templates, tried
from outreach.services.mail_templates import (
    create_template,
    delete_template,
    offer_template,
    update_template,
    withdraw_template,
)
from outreach.tests.campaign_builders import a_campaign, a_product, a_reader, a_signal, a_user, an_actor

pytestmark = pytest.mark.django_db


def a_template(**given: Any) -> MailTemplate:
    values = {
        "name": "After the fair",
        "subject": "{FirstName}, a word about {Company}",
        "body": "We met in {City}.",
        **given,
    }
    return create_template(values.pop("name"), actor=SYSTEM, **values)


def test_a_new_template_is_offered_to_nobody_before_it_is_switched_on() -> None:
    template = a_template()
    before = list(offered_templates())

    offer_template(template, actor=SYSTEM)
    offered = list(offered_templates())
    withdraw_template(template, actor=SYSTEM)

    assert (before, offered, list(offered_templates())) == ([], [template], [])


def test_its_words_are_kept_as_a_message_would_keep_them_and_each_change_has_its_line() -> None:
    template = a_template(name="  After   the fair ", body="Hi\r\n\r\nThere  ")

    update_template(template, changes={"subject": "Again"}, actor=SYSTEM)

    kept = MailTemplate.objects.get()
    assert (kept.name, kept.subject, kept.body, kept.version) == (
        "After the fair",
        "Again",
        "Hi\n\nThere",
        2,
    )
    change = of_record(kept).order_by("-id").first()
    assert change is not None
    assert (change.previous_values, change.new_values) == (
        {"subject": "{FirstName}, a word about {Company}"},
        {"subject": "Again"},
    )


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"name": " "}, "name_missing"),
        ({"name": "Taken"}, "name_taken"),
        ({"name": "x" * 121}, "invalid_value"),
        ({"purpose": "x" * 201}, "invalid_value"),
        ({"subject": ""}, "bad_subject"),
        ({"body": "x" * 10_001}, "bad_text"),
        ({"body": "Hi {Nick}"}, "unknown_merge_field"),
        ({"body": "Hi {FirstName"}, "unknown_merge_field"),
        ({"subject": "{Variant}"}, "variant_in_template"),
        ({"is_active": True}, "unknown_field"),
    ],
    ids=str,
)
def test_what_no_mail_could_say_is_refused_and_changes_nothing(wrong: dict[str, Any], code: str) -> None:
    a_template(name="Taken")
    template = a_template()
    before = list(MailTemplate.objects.values())

    with pytest.raises(DomainError) as refused:
        update_template(template, changes=wrong, actor=SYSTEM)

    assert refused.value.code == code
    assert list(MailTemplate.objects.values()) == before


@pytest.mark.parametrize("role", [Role.AE, Role.MARKETING, Role.VIEWER], ids=str)
def test_only_who_configures_writes_tries_offers_or_takes_away(role: Role) -> None:
    template, actor = a_template(), an_actor(role)
    before = list(MailTemplate.objects.values())

    verbs = (
        lambda: create_template("Mine", subject="x", body="x", actor=actor),
        lambda: update_template(template, changes={"name": "Mine"}, actor=actor),
        lambda: offer_template(template, actor=actor),
        lambda: withdraw_template(template, actor=actor),
        lambda: delete_template(template, actor=actor),
        lambda: tried(template, actor=actor),
    )

    for verb in verbs:
        with pytest.raises(NotPermittedError):
            verb()
    assert list(MailTemplate.objects.values()) == before


def test_a_template_that_is_taken_away_leaves_its_words_in_the_history() -> None:
    template = a_template()
    key = template.pk

    delete_template(template, actor=SYSTEM)

    last = Change.objects.filter(subject_id=key).order_by("-id").first()
    assert last is not None
    assert (MailTemplate.objects.count(), last.previous_values["body"]) == (0, "We met in {City}.")


def test_a_trial_fills_it_for_three_people_and_names_the_holes_of_all_whoever_gets_no_mail_first() -> None:
    known = [a_reader(first_name=name, city="Oslo") for name in ("Ada", "Bo")]
    a_reader(first_name="Cy", city="")
    newest = [a_reader(first_name=name, city="Bergen") for name in ("Di", "Ed")]
    a_product("Compass")

    trial = tried(a_template(), actor=an_actor(Role.REVOPS))

    assert (trial.count, trial.blocked, trial.holes) == (len(known) + 1 + len(newest), 1, (("City", 1),))
    assert [(each.person.first_name, each.body.text, each.missing) for each in trial.samples] == [
        ("Cy", "We met in {City}.", ("City",)),
        ("Ed", "We met in Bergen.", ()),
        ("Di", "We met in Bergen.", ()),
    ]


def test_a_trial_says_the_signal_of_the_company_and_where_its_own_sentence_was_taken() -> None:
    a_signal(a_reader(first_name="Ada"))
    a_reader(first_name="Bo")

    samples = tried(a_template(body="{Signal}"), actor=an_actor(Role.REVOPS)).samples

    assert [(each.person.first_name, each.used_fallbacks) for each in samples] == [
        ("Bo", ("Signal",)),
        ("Ada", ()),
    ]
    assert "Growth lead" in samples[1].body.text


def test_a_trial_shows_only_people_whom_the_reader_may_see_and_nothing_that_their_role_hides() -> None:
    role = create_role(
        "Desk", based_on=Role.REVOPS, scope="own", fields={"contact.city": "hidden"}, actor=SYSTEM
    )
    reader = User.objects.create_user("desk@ours.example", name="Dana", role=role.key)
    mine, theirs = a_reader(first_name="Ada", city="Oslo"), a_reader(first_name="Bo", city="Oslo")
    Contact.objects.filter(pk=mine.pk).update(owner=reader)
    Contact.objects.filter(pk=theirs.pk).update(owner=a_user(Role.AE))

    samples = tried(a_template(), actor=Actor.of(reader)).samples

    assert [(each.person, each.body.text) for each in samples] == [(mine, "We met in {City}.")]


def test_a_trial_costs_the_same_for_one_person_and_for_three(django_assert_max_num_queries: Any) -> None:
    actor, template, costs = an_actor(Role.REVOPS), a_template(body="{Signal}"), []
    tried(template, actor=actor)  # what the role may is read once
    for people in (1, 2):
        for _ in range(people):
            a_signal(a_reader())
        with django_assert_max_num_queries(8) as asked:
            tried(template, actor=actor)
        costs.append(len(asked))

    assert costs[0] == costs[1]
    assert MOST_TRIED == 200


def test_whoever_writes_a_message_begins_with_a_template_and_nothing_is_saved_by_it(client: Client) -> None:
    campaign = a_campaign(1)
    step = campaign.steps.get(number=1)
    template = offer_template(a_template(purpose="After a fair."), actor=SYSTEM)
    a_template(name="Still being written")
    client.force_login(a_user(Role.ADMIN))
    address = reverse("outreach:campaign-step", args=[campaign.pk, 1])

    def opened(**begin: str) -> tuple[Any, int]:
        with CaptureQueriesContext(connection) as asked:
            context = client.get(address, begin).context
            return context, sum('FROM "outreach_mailtemplate"' in each["sql"] for each in asked)

    plain, reads = opened()
    begun, more = opened(template=str(template.pk))
    unknown, most = opened(template="nothing")

    assert (reads, more, most) == (1, 1, 1)
    assert list(plain["templates"]) == [template]
    assert (plain["values"]["body"], unknown["values"]["body"]) == (step.body, step.body)
    assert (begun["values"]["subject"], begun["values"]["body"]) == (template.subject, template.body)
    step.refresh_from_db()
    assert step.body != template.body


def test_a_subject_that_is_tested_stays_where_somebody_begins_with_a_template(client: Client) -> None:
    campaign = a_campaign(2, ab_element="subject", ab_variants=("a", "b"))
    template = offer_template(a_template(), actor=SYSTEM)
    client.force_login(a_user(Role.ADMIN))

    values = client.get(
        reverse("outreach:campaign-step", args=[campaign.pk, 1]), {"template": str(template.pk)}
    ).context["values"]

    assert (values["subject"], values["body"]) == (campaign.steps.get(number=1).subject, template.body)


def test_at_the_desk_the_trial_marks_the_hole_and_nothing_is_written(client: Client) -> None:
    a_reader(first_name="Cy", city="")
    template = a_template()
    client.force_login(a_user(Role.REVOPS, is_staff=True))
    before = Change.objects.count()

    page = client.get(reverse("admin:outreach_mailtemplate_trial", args=[template.pk])).content.decode()

    assert "<mark>{City}</mark>" in page
    assert Change.objects.count() == before
