from dataclasses import replace
from datetime import UTC, datetime
from email import policy
from email.parser import BytesParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gtmos.env import read
from outreach.channels.email.dialogue import stuffed
from outreach.channels.email.handing_back import carrier
from outreach.channels.email.links import click_url, clicked_url
from outreach.channels.email.message import OutgoingMail, UnsendableError, build, envelope_address, one_line
from outreach.channels.email.transport import transport

MAIL = OutgoingMail(
    sender_name="Ann Sender",
    sender="ann@ours.example",
    recipient="bob@people.example",
    subject="A thought",
    body="Hello Bob.",
    message_id="<1@ours.example>",
    token="t" * 43,
    sent_at=datetime(2026, 11, 9, 9, tzinfo=UTC),
    organisation="Ours Ltd",
    postal_address="1 Example Street",
)
HEADERS = [
    "From", "To", "Subject", "Date", "Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post", "MIME-Version",
    "Content-Type",
]  # fmt: skip
NAUGHTY = [
    "x\r\nBcc: evil@evil.example", "x\nBcc: evil@evil.example", "x\rBcc: evil@evil.example", "\r\n\r\nbody", "\n.\n",
    "\r\n.\r\nMAIL FROM:<evil@evil.example>", "a\x00b", "\u202eexe.txt", "x\u2028Bcc: evil@evil.example",
    "x\x85Bcc: evil@evil.example", "x\x0bBcc: e@e.example", "x\x0cBcc: e@e.example", "=?utf-8?q?=0ABcc:_evil?=",
    "\ud800", "{{7*7}}", "<script>", '"; DROP', "é" * 300, "a" * 399, "😀" * 100, "x\r\n Bcc: folded@evil.example",
]  # fmt: skip
texts = st.one_of(st.sampled_from(NAUGHTY), st.text(max_size=120))


def parsed(raw: bytes):
    return BytesParser(policy=policy.default).parsebytes(raw)


def unstuffed(wire: bytes) -> bytes:
    """What a server makes of it: the lines up to the lone dot, one leading dot taken away."""
    lines = wire.split(b"\r\n")
    end = lines.index(b".")
    assert lines[end + 1 :] == [b""]
    return b"".join(line.removeprefix(b".") + b"\r\n" for line in lines[:end])


@settings(max_examples=400)
@given(subject=texts, body=texts, name=texts, signature=texts, organisation=texts, address=texts)
def test_nothing_that_is_filled_in_becomes_a_header_or_a_command(
    subject, body, name, signature, organisation, address
) -> None:
    mail = replace(
        MAIL,
        subject=f"s {subject}",
        body=body,
        sender_name=name,
        signature=signature,
        organisation=organisation,
        postal_address=address,
    )

    raw = build(mail)

    found = parsed(raw)
    assert list(found.keys()) == HEADERS
    assert found["Subject"].split() == one_line(f"s {subject}").split()
    assert found["To"] == "bob@people.example"
    assert found["From"].addresses[0].addr_spec == "ann@ours.example"
    assert len(found["From"].addresses) == 1
    assert unstuffed(stuffed(raw)) == raw
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))


@settings(max_examples=200)
@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=300))
def test_the_readers_get_the_words_as_written(body) -> None:
    found = parsed(build(replace(MAIL, body=f"a{body}b")))

    text = found.get_body(("plain",)).get_content()
    assert text.startswith(f"a{body}b\r\n")


def test_dots_at_the_start_of_lines_arrive() -> None:
    found = parsed(unstuffed(stuffed(build(replace(MAIL, body=".\n..\n.a\nb")))))

    assert found.get_body(("plain",)).get_content().startswith(".\r\n..\r\n.a\r\nb\r\n")


@given(st.text(max_size=40))
def test_the_wire_form_always_ends_with_one_lone_dot(text) -> None:
    wire = stuffed(text.encode())

    assert wire.endswith(b"\r\n.\r\n") or wire == b"\r\n.\r\n"
    assert wire.split(b"\r\n").count(b".") == 1


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nobody",
        "a@b@c d",
        "a b@c.example",
        "a@b>\r\nRCPT TO:<e@e.example",
        "<a@b.example>",
        "a@",
        "é@b.example",
    ],
)
def test_an_address_that_could_be_a_command_is_refused(address) -> None:
    with pytest.raises(UnsendableError):
        envelope_address(address)


def test_an_international_domain_is_written_to_in_its_ascii_form() -> None:
    assert envelope_address("a@bücher.example") == "a@xn--bcher-kva.example"


@pytest.mark.parametrize("subject", ["", " ", "\r\n", "\x00"])
def test_an_empty_subject_never_leaves(subject) -> None:
    with pytest.raises(UnsendableError):
        build(replace(MAIL, subject=subject))


def test_a_tracked_link_leads_only_where_this_mail_said() -> None:
    signed = click_url("one", "https://ours.example/a?b=c&d=e").partition("?u=")[2]
    plain = (
        signed.replace("%3A", ":")
        .replace("%2F", "/")
        .replace("%3F", "?")
        .replace("%3D", "=")
        .replace("%26", "&")
    )

    assert clicked_url("one", plain) == "https://ours.example/a?b=c&d=e"
    assert clicked_url("two", plain) is None
    assert clicked_url("one", plain.replace("ours", "evil")) is None


@pytest.mark.parametrize(
    ("server", "header"),
    [
        ("smtp.sendgrid.net", 'X-SMTPAPI: {"unique_args": {"touch": "TOKEN"}}'),
        ("smtp.eu.mailgun.org", 'X-Mailgun-Variables: {"touch": "TOKEN"}'),
        ("smtp.postmarkapp.com", "X-PM-Metadata-touch: TOKEN"),
        ("in-v3.mailjet.com", 'X-MJ-EventPayload: {"touch": "TOKEN"}'),
    ],
)
def test_a_provider_gets_the_token_to_hand_back(server: str, header: str) -> None:
    head = build(MAIL, server=server).partition(b"\r\n\r\n")[0].decode()

    assert header.replace("TOKEN", MAIL.token) in head.split("\r\n")


def test_the_server_that_carries_mail_is_named_only_when_it_leaves() -> None:
    real = {"EMAIL_URL": "smtp+tls://apikey:secret@SMTP.SendGrid.net", "SECRET_KEY": "x" * 50}

    assert [carrier(read({**real, "GTMOS_SANDBOX": flag})) for flag in "01"] == ["smtp.sendgrid.net", ""]


def test_nothing_leaves_unless_the_sandbox_is_off_and_a_server_is_named() -> None:
    real = {"EMAIL_URL": "smtp+tls://ann:secret@mail.ours.example", "SECRET_KEY": "x" * 50}

    ways = [
        transport(read(environ))
        for environ in (
            {**real},
            {**real, "GTMOS_SANDBOX": "0"},
            {"GTMOS_SANDBOX": "0", "SECRET_KEY": "x" * 50},
        )
    ]

    assert [way.is_sandbox for way in ways] == [True, False, True]
    assert (ways[1].host, ways[1].port, ways[1].security) == ("mail.ours.example", 587, "starttls")
    assert "secret" not in repr(ways[1])
