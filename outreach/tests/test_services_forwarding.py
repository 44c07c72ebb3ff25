"""A colleague passes a customer's mail on to a mailbox of ours."""

from email.message import EmailMessage

import pytest

from crm.models import Activity, Company, Contact, Deal, Reading, Task
from crm.services.pipelines import ensure_default_pipeline
from crm.services.proposals import accept_all
from crm.tests.builders import a_company, a_contact
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.people.models import Role, User
from gtmos.kernel.tests.builders import a_team, a_user
from outreach.channels.email.parsing.classify import body_text
from outreach.channels.email.parsing.forwarded import forwarded
from outreach.channels.email.parsing.mime import parse_mail
from outreach.models import InboundMail
from outreach.selectors.suppression import is_suppressed
from outreach.services.inbound import process_waiting, store_mail
from outreach.tests.answering import a_reply, a_written_to, receive, state_of
from outreach.tests.campaign_builders import a_mailbox

pytestmark = pytest.mark.django_db
INSIDE = """---------- Forwarded message ---------
From: Ana Silva <ana@acme.example>
Date: Thu, 19 Nov 2026 at 09:12
Subject: Pilot
To: Sam <sam@gtmos.example>

Ana Silva, CFO at Acme. Our budget is 40k and we want the pilot in May.
"""


@pytest.fixture
def colleague() -> User:
    ensure_default_pipeline(actor=SYSTEM)
    a_mailbox(address="in@ours.example")
    return a_user(name="Sam", team=a_team())


def a_forward(text: str = INSIDE, *, subject: str = "Fwd: Pilot", sender: str = "sam@gtmos.example") -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, "in@ours.example", subject
    mail["Message-ID"] = "<forward1@ours.example>"
    mail.set_content(text)
    return mail.as_bytes()


def come_in(raw: bytes) -> InboundMail:
    mail = store_mail(raw, sender="sam@gtmos.example", recipients=["in@ours.example"])
    process_waiting()
    return InboundMail.objects.get(pk=mail.pk)


def test_a_forwarded_mail_proposes_company_person_and_deal(colleague: User):
    mail = come_in(a_forward())

    reading = Reading.objects.get()
    kinds = [(each.kind, each.state) for each in reading.proposals.all()]
    assert kinds == [("create_company", "open"), ("create_contact", "open"), ("create_deal", "open")]
    assert (reading.employee, reading.interaction_type, reading.is_untrusted) == (colleague, "email", True)
    assert (mail.kind, mail.verdict["effect"]) == ("other", "forwarded and read: new records")
    assert (Company.objects.count(), Contact.objects.count(), Deal.objects.count()) == (0, 0, 0)


def test_what_it_says_is_accepted_like_what_a_note_says(colleague: User):
    come_in(a_forward())

    outcome = accept_all(Reading.objects.get(), actor=Actor.of(colleague))

    contact = Contact.objects.get()
    assert outcome.refused == []
    assert (contact.name, contact.email, contact.title, contact.company.name) == (
        "Ana Silva",
        "ana@acme.example",
        "CFO",
        "Acme",
    )
    assert Deal.objects.get().company == contact.company


def test_a_known_writer_is_not_made_twice_and_the_mail_stands_in_the_history(colleague: User):
    ana = a_contact(
        name="Ana Silva", email="ana@acme.example", company=a_company(name="Acme"), owner=colleague
    )

    come_in(a_forward())

    activity = Activity.objects.get(contact=ana)
    new = Reading.objects.get().proposals.filter(kind__in=("create_company", "create_contact"))
    assert (activity.subject, activity.direction, activity.owner) == ("Pilot", "in", colleague)
    assert new.count() == 0


def test_the_same_forward_twice_is_read_once(colleague: User):
    come_in(a_forward())
    come_in(a_forward().replace(b"May", b"May "))

    assert (Activity.objects.count(), Reading.objects.count()) == (1, 1)


def test_a_stranger_who_forwards_is_not_read(colleague: User):
    come_in(a_forward(sender="stranger@elsewhere.example"))

    assert Reading.objects.count() == 0


def test_a_forwarded_wish_to_be_left_alone_does_not_silence_the_colleague(colleague: User):
    text = INSIDE.replace("Our budget is 40k and we want the pilot in May.", "Please unsubscribe me.")

    come_in(a_forward(text, subject="Fwd: unsubscribe"))

    assert is_suppressed("sam@gtmos.example") is False


def test_a_viewer_may_keep_nothing_and_the_mail_says_so(colleague: User):
    User.objects.filter(pk=colleague.pk).update(role=Role.VIEWER)

    mail = come_in(a_forward())

    assert Reading.objects.count() == 0
    assert mail.verdict["effect"].startswith("forwarded, not read: ")


def test_a_colleagues_forward_of_an_answer_does_not_count_as_an_answer():
    (touch,) = a_written_to()
    a_user(name="Sam", team=a_team())
    raw = a_reply(touch, INSIDE, sender="sam@gtmos.example", Subject="Fwd: Pilot")

    receive(touch, raw)

    assert state_of(touch)[0].replied_at is None
    assert Task.objects.count() == 0


def test_a_reply_of_a_colleague_is_no_forward():
    parsed = parse_mail(a_forward("Thanks\n\n-----Original Message-----\n" + INSIDE, subject="Re: Pilot"))
    answer = parse_mail(
        a_forward(
            "Thanks\n\n-----Original Message-----\nFrom: A <a@b.example>\nSent: Monday\nSubject: x\nTo: me\n\nHi",
            subject="Re: x",
        )
    )

    assert forwarded(answer, body_text(answer)) is None
    assert forwarded(parsed, body_text(parsed)).address == "ana@acme.example"


@pytest.mark.parametrize(
    ("subject", "block"),
    [
        (
            "WG: Termin",
            "Von: Ana Silva <ana@acme.example>\nGesendet: Montag\nAn: Sam\nBetreff: Termin\n\nHallo",
        ),
        (
            "Fw: Termin",
            "From: Ana Silva <ana@acme.example>\nSent: Monday\nTo: Sam\nSubject: Termin\n\nHallo",
        ),
        (
            "Termin",
            "Begin forwarded message:\n\n> From: Ana Silva <ana@acme.example>\n> Subject: Termin\n> Date: 1\n> To: Sam\n>\n> Hallo",
        ),
    ],
)
def test_forwards_of_several_programs_are_known(subject: str, block: str):
    parsed = parse_mail(a_forward(f"For you\n\n{block}", subject=subject))

    found = forwarded(parsed, body_text(parsed))

    assert (found.note, found.name, found.address, found.subject, found.text) == (
        "For you",
        "Ana Silva",
        "ana@acme.example",
        "Termin",
        "Hallo",
    )


def test_a_mail_forwarded_as_an_attachment_is_read():
    inner = EmailMessage()
    inner["From"], inner["Subject"] = "Ana Silva <ana@acme.example>", "Pilot"
    inner.set_content("We want the pilot.")
    outer = EmailMessage()
    outer["From"], outer["Subject"] = "sam@gtmos.example", "FYI"
    outer.set_content("See attached")
    outer.add_attachment(inner)

    parsed = parse_mail(outer.as_bytes())
    found = forwarded(parsed, body_text(parsed))

    assert (found.note, found.name, found.text) == ("See attached", "Ana Silva", "We want the pilot.")
