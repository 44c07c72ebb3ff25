"""Mails that come in: how large they may be, and that what hangs on them is neither opened, shown nor fetched."""

import io
import smtplib
import zipfile
from email.message import EmailMessage

import pytest
from django.test import Client

from gtmos.kernel.people.models import Role
from outreach.channels.email.listener import LARGEST_MAIL
from outreach.models import InboundMail
from outreach.services.inbound import process_waiting, store_mail
from outreach.tests.answering import a_reply, a_written_to
from outreach.tests.campaign_builders import a_user
from tests.sandboxing import a_listener

SMALL_BOMB = 64 << 20


def sent(port: int, raw: bytes) -> int:
    """What the listener says to it."""
    with smtplib.SMTP("127.0.0.1", port, timeout=60) as smtp:
        smtp.helo("reader.example")
        smtp.mail("nat@reader.example")
        smtp.rcpt("kary@ours.example")
        return smtp.data(raw)[0]


@pytest.mark.enable_socket
def test_a_mail_of_more_than_ten_megabytes_is_refused_and_one_below_is_kept() -> None:
    kept: list[int] = []
    line = b"x" * 70 + b"\r\n"
    head = b"Subject: Plans\r\n\r\n"

    with a_listener(lambda raw, sender, recipients: kept.append(len(raw))) as port:
        said = [
            sent(port, head + line * (size // len(line))) for size in (LARGEST_MAIL + 72, LARGEST_MAIL - 1000)
        ]

    assert said == [552, 250]
    assert [LARGEST_MAIL - 2000 < size < LARGEST_MAIL for size in kept] == [True]


@pytest.mark.enable_socket
def test_who_announces_a_larger_mail_is_refused_before_it_comes() -> None:
    with a_listener(lambda *_: None) as port, smtplib.SMTP("127.0.0.1", port, timeout=60) as smtp:
        smtp.ehlo("reader.example")

        said = smtp.mail("nat@reader.example", [f"SIZE={LARGEST_MAIL + 1}"])

    assert said[0] == 552


def a_bomb() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as pack:
        pack.writestr("canary-of-a-bomb.txt", b"\0" * SMALL_BOMB)
    return packed.getvalue()


def with_attachments(reply: bytes) -> bytes:
    """The answer, with HTML that calls home, a bomb, a program, a page and a mail in a mail behind it."""
    from email import message_from_bytes, policy  # noqa: PLC0415 -- only here

    mail = message_from_bytes(reply, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    mail.add_alternative(
        "<p>Yes, gladly</p><img src='https://tracker.example/canary-pixel.png'><script>canaryScript()</script>",
        subtype="html",
    )
    mail.add_attachment(a_bomb(), maintype="application", subtype="zip", filename="../../canary-name.zip")
    mail.add_attachment(
        b"MZ canary-program", maintype="application", subtype="x-msdownload", filename="a.exe"
    )
    mail.add_attachment("<script>canary-page</script>", subtype="html", filename="page.html")
    return mail.as_bytes()


@pytest.mark.django_db
def test_attachments_and_html_of_an_answer_are_neither_unpacked_kept_apart_nor_shown(client: Client) -> None:
    (touch,) = a_written_to()
    store_mail(
        with_attachments(a_reply(touch, "Yes, gladly. Call me on Monday.")),
        sender=touch.contact.email,
        recipients=[touch.mailbox.address],
    )
    client.force_login(a_user(Role.ADMIN))

    process_waiting()

    mail = InboundMail.objects.get()
    places = [
        f"/campaigns/{touch.campaign_id}/",
        f"/contacts/{touch.contact_id}/",
        f"/companies/{touch.contact.company_id}/",
        f"/companies/{touch.contact.company_id}/timeline/",
    ]
    shown = "".join(client.get(place).content.decode() for place in places)
    assert (mail.error, mail.kind, mail.text) == ("", "reply", "Yes, gladly. Call me on Monday.")
    assert [
        word for word in ("canary", "tracker.example") if word in shown + str(mail.verdict) + mail.text
    ] == []
    assert "Yes, gladly. Call me on Monday." in shown


@pytest.mark.django_db
def test_an_answer_of_html_alone_is_shown_as_words(client: Client) -> None:
    (touch,) = a_written_to()
    html = "<p>Yes, <b>gladly</b></p><img src='https://tracker.example/p.png'><script>canary()</script>"
    raw = a_reply(touch, "x").replace(
        b'Content-Type: text/plain; charset="utf-8"', b'Content-Type: text/html; charset="utf-8"'
    )
    head, _, _ = raw.partition(b"\n\n")
    store_mail(head + b"\n\n" + html.encode(), sender=touch.contact.email, recipients=[touch.mailbox.address])
    client.force_login(a_user(Role.ADMIN))

    process_waiting()

    shown = client.get(f"/contacts/{touch.contact_id}/").content.decode()
    assert InboundMail.objects.get().text == "Yes, gladly"
    assert [word for word in ("tracker.example", "canary()", "<b>gladly") if word in shown] == []
    assert "Yes, gladly" in shown
