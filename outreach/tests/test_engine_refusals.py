"""Who refused stays refused: a thousand ways back in, through every door that makes or changes a person."""

import csv
import io
import random
from contextlib import suppress as suppress_error
from datetime import timedelta

import pytest
from django.db.models import F

from benchmarks.outbox import a_running_campaign, due_touches
from crm.models import Company, Contact
from crm.services.contacts import create_contact, opt_out, update_contact
from crm.services.import_undo import undo_import
from crm.tests.builders import a_contact
from gtmos.kernel import clock
from gtmos.kernel.actors import SYSTEM
from gtmos.kernel.events.dispatch import dispatch_pending
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.tests.api_client import Api
from outreach.channels.email.addresses import canonical
from outreach.models import ChannelAddress, Enrollment, Touch
from outreach.selectors.readiness import refusals, without_basis
from outreach.selectors.suppression import is_suppressed
from outreach.services.approvals import stamp_content
from outreach.services.campaigns import draft_campaign
from outreach.services.engagement import unsubscribe_by_token
from outreach.services.suppression import suppress, suppress_all
from outreach.services.touches import plan_touches
from outreach.tests.answering import a_bounce, a_complaint, a_reply, a_written_to, receive
from outreach.tests.campaign_builders import a_reader, a_user, an_actor
from outreach.tests.research_builders import bring_in
from outreach.tests.sending import a_post

pytestmark = pytest.mark.django_db(transaction=True)

WAYS_OUT = ("button", "words", "complaint", "bounce", "by hand", "desk", "list")
BY_LIST, BY_API, BY_EDIT, BY_CONSENT = 600, 120, 180, 100


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def test_a_thousand_attempts_through_every_door_bring_no_mail_to_who_refused(tmp_path) -> None:
    dice = random.Random(11)
    refused = [_refuse(way, f"refused{number}@gmail.com") for number, way in enumerate(WAYS_OUT * 3)]
    dispatch_pending()
    others = [a_reader(email=f"other{number}@reader.example", email_status="valid") for number in range(20)]

    attempts = _by_lists(dice, refused) + _by_api(dice, refused) + _by_edits(dice, refused)
    attempts += _by_consent()
    dispatch_pending()
    drafted = draft_campaign(contacts=list(Contact.objects.all()), actor=SYSTEM)
    forced = _with_everybody()
    Touch.objects.filter(state="scheduled").delete()
    while plan_touches(limit=2000):
        continue
    Touch.objects.filter(state="scheduled").update(next_at=clock.now() - timedelta(minutes=1))
    with a_post(tmp_path) as post:
        post.send()
        post.send()

        reached = sorted(recipient for recipient, _ in post.sink.mails)

    assert attempts == BY_LIST + BY_API + BY_EDIT + BY_CONSENT
    assert all(is_suppressed(address) for address in refused)
    assert reached == sorted(person.email for person in others)
    assert set(drafted.enrollments.values_list("contact__email", flat=True)) == set(reached)
    assert forced.enrollments.count() > 500


def _refuse(way: str, address: str) -> str:
    """One person who says no in this way."""
    if way == "by hand":
        suppress(address, reason="by_hand", actor=SYSTEM)
    elif way == "desk":
        opt_out(a_reader(email=address), at=clock.now(), detail="On the phone.", actor=SYSTEM)
    elif way == "list":
        bring_in(f"Name,Email,Unsubscribed\nAnn Lee,{address},yes\n".encode(), "out.csv", actor=an_actor())
    else:
        (touch,) = a_written_to(contacts=[a_reader(email=address)])
        if way == "button":
            unsubscribe_by_token(touch.token, how="button")
        else:
            receive(touch, _MAILS[way](touch))
    return address


_MAILS = {
    "words": lambda touch: a_reply(touch, "Please unsubscribe me."),
    "complaint": a_complaint,
    "bounce": a_bounce,
}


def _by_lists(dice, refused) -> int:
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(["Name", "Email", "Unsubscribed", "Email status"])
    for number in range(BY_LIST):
        rows.writerow([f"Person {number}", spelling(dice.choice(refused), dice), "no", "valid"])
    bring_in(out.getvalue().encode(), "again.csv", actor=an_actor())
    return BY_LIST


def _by_api(dice, refused) -> int:
    api = Api.of(a_user())
    for number in range(BY_API):
        if number % 50 == 0:
            api = Api.of(a_user())
        body = {
            "name": f"Asked {number}",
            "email": spelling(dice.choice(refused), dice),
            "do_not_email": False,
        }
        assert api.post("contacts", body).status_code in {201, 409}
    return BY_API


def _by_edits(dice, refused) -> int:
    for number in range(BY_EDIT):
        person = create_contact(name=f"Edited {number}", actor=SYSTEM)
        with suppress_error(DomainError):  # somebody with exactly this spelling may be there already
            update_contact(person, changes={"email": spelling(dice.choice(refused), dice)}, actor=SYSTEM)
    return BY_EDIT


def _by_consent() -> int:
    """The one thing that an edit may not do is to say yes in somebody's place."""
    people = list(Contact.objects.filter(opted_out_at__isnull=False))
    for number in range(BY_CONSENT):
        change = ({"do_not_email": False}, {"opted_out_at": None})[number % 2]
        with pytest.raises(DomainError):
            update_contact(people[number % len(people)], changes=change, actor=SYSTEM)
    return BY_CONSENT


def _with_everybody():
    """A campaign whose list nobody has checked."""
    campaign = a_running_campaign(0)
    Enrollment.objects.bulk_create(
        Enrollment(campaign=campaign, contact=contact, position=position)
        for position, contact in enumerate(Contact.objects.exclude(email=""))
    )
    stamp_content(campaign)
    return campaign


def spelling(address: str, dice: random.Random) -> str:
    """One of the many ways to write an address at Gmail."""
    name = list(address.partition("@")[0])
    for _ in range(dice.randrange(3)):
        name.insert(dice.randrange(1, len(name)), ".")
    local = "".join(dice.choice((letter, letter.upper())) for letter in name)
    while ".." in local:
        local = local.replace("..", ".")
    tag = f"+{dice.randrange(10_000)}" if dice.random() < 0.5 else ""
    written = f"{local}{tag}@{dice.choice(('gmail.com', 'GMail.com', 'googlemail.com', 'GMAIL.COM'))}"
    assert canonical(written) == canonical(address)
    return written


CONTACT = {
    "opted_out": {"opted_out_at": "2026-01-05T10:00:00Z"},
    "do_not_email": {"do_not_email": True},
    "no_address": {"email": ""},
    "bounced": {"email_status": "bounced"},
    "unavailable": {"email_status": "unavailable"},
    "paused": {"paused_until": "2100-01-05T10:00:00Z"},
    "no_basis": {"country": "DE"},
    "no_basis_of_company": {"country": ""},
    "with_basis": {"country": "DE", "consent_basis": "legitimate_interest"},
}


@pytest.mark.parametrize("why", [*CONTACT, "suppressed"])
def test_whoever_may_not_be_taken_in_is_not_written_to_after_the_approval_either(tmp_path, why) -> None:
    """The hand-over asks the same as the list of what blocks a campaign."""
    campaign = due_touches(1)
    contact = campaign.touches.get().contact
    Company.objects.filter(pk=contact.company_id).update(country_hq="FR")
    Contact.objects.update(**{"country": "US", **CONTACT.get(why, {})})
    if why == "suppressed":
        suppress(contact.email, reason="by_hand", actor=SYSTEM)

    with a_post(tmp_path) as post:
        post.send()
        sent = post.copies

    blocked = bool(refusals([contact.pk], now=clock.now()) or without_basis([contact.pk]))
    assert (blocked, sent) == ((False, 1) if why == "with_basis" else (True, 0))


@pytest.mark.parametrize("door", ["service", "api"])
def test_a_date_of_opting_out_is_a_refusal_by_whatever_door_it_comes(door) -> None:
    contact = a_contact(email="ann@corp.example")

    if door == "service":
        update_contact(contact, changes={"opted_out_at": clock.now()}, actor=SYSTEM)
    else:
        body = {"opted_out_at": clock.now().isoformat(), "do_not_email": False}
        assert Api.of(a_user()).patch("contacts", contact.pk, body).status_code == 200
    dispatch_pending()

    contact.refresh_from_db()
    assert contact.do_not_email
    assert is_suppressed("Ann+news@corp.example")


def test_who_opted_out_in_a_list_that_was_taken_back_stays_refused() -> None:
    me = an_actor()
    raw = b"Name,Email,Unsubscribed at\nAnn Lee,ann@corp.example,2025-03-04\nBob,bob@corp.example,\n"

    batch = bring_in(raw, "list.csv", actor=me)
    dispatch_pending()
    undo_import(batch, actor=me)

    assert Contact.objects.count() == 0
    assert is_suppressed("ANN@corp.example")
    assert not is_suppressed("bob@corp.example")


def test_a_list_of_refusals_only_ever_adds(django_assert_max_num_queries) -> None:
    first = suppress("ann@corp.example", reason="complaint", actor=SYSTEM)
    suppress("bob@corp.example", reason="by_hand", expires_at=clock.now() + timedelta(days=1), actor=SYSTEM)

    with django_assert_max_num_queries(8):
        added = suppress_all(
            [f"{name}@corp.example" for name in ("Ann", "bob", "cyd")], reason="imported", actor=SYSTEM
        )

    rows = ChannelAddress.objects.filter(suppressed_at=F("suppressed_at"), expires_at__isnull=True)
    assert added == 2
    assert sorted(rows.values_list("reason", flat=True)) == ["complaint", "imported", "imported"]
    assert ChannelAddress.objects.get(pk=first.pk).suppressed_at == first.suppressed_at
