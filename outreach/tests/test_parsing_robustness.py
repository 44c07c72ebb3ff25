"""Nothing a mail holds may raise or take long."""

import random
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from outreach.channels.email.parsing.classify import classify

ONE_SECOND = 1.0
HEADERS = b"From: MAILER-DAEMON@x.example\nTo: a@b.example\nSubject: Undelivered mail\nReturn-Path: <>\n"
SEEDS = (
    b"From: a@b.example\nSubject: Re: hi\nContent-Type: text/plain; charset=utf-8\n\nYes\n\nOn 5 Oct 2026, x@y.z wrote:\n> hi\n",
    HEADERS
    + b'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n--b\nContent-Type: text/plain\n\nfailed\n--b\n'
    b"Content-Type: message/delivery-status\n\nFinal-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 5.1.1\n\n--b--\n",
    (
        b"From: =?iso-8859-1?q?=E9?= <a@b.example>\nSubject: Automatic reply\nAuto-Submitted: auto-replied\n"
        b"Content-Type: text/html; charset=windows-1252\nContent-Transfer-Encoding: base64\n\nPHA+YmFjayBvbiAxMi4xMC48L3A+\n"
    ),
)
CHARSETS = (
    b"utf-8",
    b"hex",
    b"punycode",
    b"idna",
    b"utf-7",
    b"x-unknown",
    b"\x00",
    b"iso-2022-jp",
    b"unicode_escape",
    b"rot13",
)
HOSTILE = (
    b"a@", b"a@b.c ", b"<", b"<a ", b"<!--", b"<blockquote>", b"> ", b"--\n", b"-", b"(", b"On Mon 1 a@b.c wrote:\n", b"12.10.",
    b"until ", b"From: x\n", b"=?utf-8?q?a?=", b"Final-Recipient: rfc822; a@b.c\nAction: failed\n\n", b"mailbox is full exceeds ", b"5.1.1 ",
)  # fmt: skip


def mutated(raw: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(raw) + 1)
    nested = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (level, level) for level in range(60)
    )
    return chance.choice(
        [
            raw[:place],
            raw[:place] + b"\x00" * 50 + raw[place:],
            raw.replace(b"utf-8", chance.choice(CHARSETS)).replace(b"windows-1252", chance.choice(CHARSETS)),
            raw.replace(b"--b", b"--c", 1),
            nested + raw,
            b"X-Long: " + b"a " * 40_000 + b"\n" + raw,
            raw.replace(b"\n", b"\r"),
            raw[:place] + bytes(chance.randrange(256) for _ in range(30)) + raw[place:],
            raw.replace(b"base64", chance.choice([b"quoted-printable", b"x-uuencode", b"7bit"])),
            raw + raw[place:] * 3,
        ]
    )


@pytest.mark.parametrize("charset", CHARSETS)
def test_a_character_set_that_is_none_leaves_the_words_readable(charset):
    raw = b"From: a@b.example\nContent-Type: text/plain; charset=" + charset + b"\n\nNot interested, h\xe9.\n"

    assert classify(raw).reply_text.startswith("Not interested")


def seconds_for(raw: bytes) -> float:
    before = time.process_time()
    classify(raw)
    return time.process_time() - before


@given(st.binary(max_size=2_000))
@settings(max_examples=150)
def test_any_bytes_have_a_verdict(raw):
    assert classify(raw).kind in {"reply", "auto_reply", "bounce", "complaint", "unsubscribe", "other"}


@given(st.sampled_from(SEEDS), st.integers(0, 2**32), st.integers(1, 3))
@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
def test_broken_mails_have_a_verdict(raw, seed, times):
    chance = random.Random(seed)
    for _ in range(times):
        raw = mutated(raw, chance)

    assert classify(raw).as_row()["kind"]


@pytest.mark.parametrize("unit", HOSTILE)
@pytest.mark.parametrize("kind", [b"plain", b"html"])
def test_hostile_repetition_takes_less_than_a_second(unit, kind):
    raw = (
        HEADERS + b"Content-Type: text/" + kind + b"\n\n" + (unit * 20 + b"\n") * (200_000 // len(unit) // 20)
    )

    assert seconds_for(raw) < ONE_SECOND


def test_real_mails_and_a_thousand_mutations_of_them_take_less_than_a_second_each(shared_data):
    mails = sorted(
        [*shared_data("mail/bounces").glob("*.eml"), *shared_data("mail/auto_replies").glob("*.eml")]
    )
    originals = [path.read_bytes() for path in mails]
    chance = random.Random(20261005)

    slowest = max(seconds_for(raw) for raw in originals)
    slowest_mutation = max(seconds_for(mutated(chance.choice(originals), chance)) for _ in range(1_000))

    assert slowest < ONE_SECOND
    assert slowest_mutation < ONE_SECOND
