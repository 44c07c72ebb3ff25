"""A mail leaves, lies in the sandbox, and its reader answers: over real sockets, without waiting."""

import asyncio
import smtplib
import socket
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection
from django.utils import timezone

from crm.models import Company, Contact, Reading
from crm.services.pipelines import ensure_default_pipeline
from gtmos.env import env
from gtmos.kernel import clock
from gtmos.kernel.actors import SYSTEM
from gtmos.kernel.tests.builders import a_team, a_user
from gtmos.sandbox.audience import Crowd
from gtmos.sandbox.behaviour import Act
from gtmos.sandbox.doing import Case, Doer
from gtmos.sandbox.letters import read
from gtmos.sandbox.outbound import NoAnswerError, Post, visit
from gtmos.sandbox.places import LOOPBACK, Places
from outreach.channels.email.message import OutgoingMail, build
from outreach.models import Engagement, InboundMail, Touch
from outreach.selectors.suppression import is_suppressed
from outreach.services.inbound import process_waiting, store_mail
from outreach.tests.answering import a_written_to, state_of
from outreach.tests.campaign_builders import a_mailbox
from tests.sandboxing import a_listener, a_sandbox

FORWARDED = """From: {sender}
To: in@ours.example
Subject: Fwd: Pilot

---------- Forwarded message ---------
From: Ana Silva <ana@acme.example>
Date: Thu, 19 Nov 2026 at 09:12
Subject: Pilot
To: us

Ana Silva, CFO at Acme. Our budget is 40k and we want the pilot in May.
"""


def keep(raw, sender, recipients):
    try:
        store_mail(raw, sender=sender, recipients=recipients)
    finally:
        connection.close()


@pytest.fixture
def written_to(tmp_path, live_server):
    """A mail of ours in the sandbox, and what its reader's side can do with it."""
    (touch,) = a_written_to()
    Touch.objects.filter(pk=touch.pk).update(
        handed_at=timezone.now() - timedelta(minutes=5),
        body="Look at https://ours.example/proof?utm_source=m",
    )
    touch.refresh_from_db()
    with a_sandbox(tmp_path) as box, a_listener(keep) as port:
        with smtplib.SMTP("127.0.0.1", box.port) as smtp:
            smtp.sendmail(touch.mailbox.address, [touch.recipient], _mail(touch, live_server.url))
        yield touch, box, Places(tmp_path, box.port, port)


def _mail(touch, url):
    raw = build(
        OutgoingMail(
            sender_name="Kary",
            sender=touch.mailbox.address,
            recipient=touch.recipient,
            subject=touch.subject,
            body=touch.body,
            message_id=touch.message_id,
            token=touch.token,
            sent_at=clock.now(),
        )
    )
    return raw.replace(env.public_url.encode(), url.encode())


def do(written_to, what, kind=""):
    """One act of the reader, and the mail it sent read by us."""
    _, box, places = written_to
    (entry,) = box.seen
    received = read(places.mail(entry.id).read_bytes(), recipient=entry.recipient)

    async def act():
        post = Post(places.inbound_port)
        said = await Doer(places, post).do(Case(Act(what, 0, kind), entry, received))
        await post.close()
        return said

    said = asyncio.run(act())
    process_waiting()
    return said


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("what", "kind", "state", "outcome"),
    [
        ("reply", "interested", "finished", "interested"),
        ("reply", "meeting", "finished", "meeting"),
        ("reply", "not_interested", "finished", "not_interested"),
        ("reply", "stop", "finished", "unsubscribed"),
        ("reply", "later", "paused", ""),
        ("away", "", "paused", ""),
        ("bounce", "hard_bounce", "finished", "bounced"),
        ("bounce", "soft_bounce", "active", ""),
        ("complaint", "", "finished", "complained"),
        ("unsubscribe", "", "finished", "unsubscribed"),
        ("scan", "", "active", ""),
        ("machine_open", "", "active", ""),
        ("open", "", "active", ""),
        ("click", "", "active", ""),
    ],
)
def test_what_a_reader_does_reaches_the_campaign(written_to, what, kind, state, outcome):
    said = do(written_to, what, kind)

    _, enrollment = state_of(written_to[0])
    assert said[:3] in {"250", "200", "302", "5 l"}
    assert (enrollment.state, enrollment.outcome) == (state, outcome)


@pytest.mark.django_db(transaction=True)
def test_scanners_neither_count_nor_unsubscribe(written_to):
    do(written_to, "scan")
    do(written_to, "machine_open")

    sent, _ = state_of(written_to[0])
    assert (sent.opened_at, sent.clicked_at, sent.unsubscribed_at) == (None, None, None)
    assert (sent.machine_opens, Engagement.objects.filter(is_machine=False).count()) == (3, 0)
    assert not is_suppressed(sent.recipient)


@pytest.mark.django_db(transaction=True)
def test_people_who_open_and_click_count(written_to):
    do(written_to, "open")
    do(written_to, "click")

    sent, _ = state_of(written_to[0])
    assert None not in {sent.opened_at, sent.clicked_at}
    assert (sent.machine_opens, sent.machine_clicks) == (0, 0)


@pytest.mark.django_db(transaction=True)
def test_one_click_needs_no_cookie(written_to):
    do(written_to, "unsubscribe")

    assert Contact.objects.get(pk=written_to[0].contact_id).do_not_email
    assert is_suppressed(written_to[0].recipient)


@pytest.mark.django_db(transaction=True)
def test_the_same_answer_twice_is_kept_once():
    with a_listener(keep) as port:
        for _ in range(2):
            with smtplib.SMTP("127.0.0.1", port) as smtp:
                smtp.sendmail("a@b.example", ["c@d.example"], b"Message-ID: <x@b.example>\r\n\r\nhello\r\n")

    assert InboundMail.objects.get().message_id == "<x@b.example>"


def test_a_mail_that_cannot_be_kept_is_not_acknowledged():
    def refuse(raw, sender, recipients):
        raise DatabaseError("the database is away")

    with (
        a_listener(refuse) as port,
        smtplib.SMTP("127.0.0.1", port) as smtp,
        pytest.raises(smtplib.SMTPDataError) as caught,
    ):
        smtp.sendmail("a@b.example", ["c@d.example"], b"Subject: x\r\n\r\nhello\r\n")

    assert caught.value.smtp_code == 451


def test_a_mail_that_is_too_large_is_refused():
    with (
        a_listener(lambda *_: None) as port,
        smtplib.SMTP("127.0.0.1", port) as smtp,
        pytest.raises(smtplib.SMTPException) as caught,
    ):
        smtp.sendmail("a@b.example", ["c@d.example"], b"Subject: x\r\n\r\n" + b"x" * 70 * 1024 * 160)

    assert caught.value.smtp_code == 552


def test_readers_visit_no_other_hosts_and_wait_when_nobody_listens():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

    status = asyncio.run(visit("http://elsewhere.example/t/o/x.gif", hosts=LOOPBACK))

    assert status == 0
    with pytest.raises(NoAnswerError):
        asyncio.run(Post(port).send("a@b.example", "c@d.example", b"x\r\n"))


@pytest.mark.django_db(transaction=True)
def test_an_audience_answers_by_itself_and_its_truth_stands_before(written_to):
    touch, box, places = written_to
    (entry,) = box.seen
    places.control.write_text(
        '{"name": "all", "preset": "small", "seed": 1, "pace": 0, "started_at": "2026-01-01T00:00:00+00:00", '
        '"rates": {"hard_bounce": 1, "soft_bounce": 0, "away": 0, "reply": 0}}'
    )

    async def live():
        crowd = Crowd(places, Post(places.inbound_port))
        crowd.look_at_control()
        waited_for = crowd.waiting
        living = asyncio.get_running_loop().create_task(crowd.run())
        async with asyncio.timeout(20):
            await crowd.idle()
        living.cancel()
        await asyncio.gather(living, return_exceptions=True)
        return waited_for

    waited_for = asyncio.run(live())
    process_waiting()

    assert (waited_for, entry.recipient in places.actions("all").read_text()) == (1, True)
    assert '"hard_bounce": 1.0' in places.truth("all").read_text()
    assert state_of(touch)[1].outcome == "bounced"


@pytest.mark.django_db(transaction=True)
def test_a_mail_that_a_colleague_forwards_is_read_and_waits_for_a_person():
    ensure_default_pipeline(actor=SYSTEM)
    mailbox, colleague = a_mailbox(), a_user(team=a_team())

    with a_listener(keep) as port, smtplib.SMTP("127.0.0.1", port) as smtp:
        smtp.sendmail(colleague.email, [mailbox.address], FORWARDED.format(sender=colleague.email))
    process_waiting()

    reading = Reading.objects.get()
    assert (reading.employee, reading.decision, Company.objects.count()) == (colleague, "create", 0)
