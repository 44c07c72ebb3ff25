import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gtmos.sandbox.behaviour import SOONEST_PERSON, acts
from gtmos.sandbox.letters import Received, away, bounce, complaint, read, worded_reply
from gtmos.sandbox.presets import PRESETS, BadControlError, read_control
from gtmos.sandbox.wording import AWAY, BOUNCES, REPLIES
from outreach.channels.email.parsing.classify import classify

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
MAIL = Received(
    message_id="<m1@ours.example>",
    references="",
    sender="kary@ours.example",
    sender_name="Kary Hendrixson",
    recipient="nat@reader.example",
    subject="A question about growth",
    sent_at=AT,
    text="Hello Nat,\n\nworth a brief call next week?\n\nUnsubscribe: https://ours.example/u/x/\n",
    html="",
    unsubscribe_url="",
    head="Message-ID: <m1@ours.example>\r\nTo: nat@reader.example",
)


def control(**fields):
    return read_control(json.dumps({"name": "run", "preset": "b_better", **fields}))


def kinds_of(audience, people, *, subject="", nth=1):
    return [
        {act.what: act for act in acts(audience, f"p{number}@x.example", nth, subject=subject, text="")}
        for number in range(people)
    ]


def test_the_same_seed_gives_the_same_people():
    first, second, other = (control(seed=seed) for seed in (1, 1, 2))

    assert kinds_of(first, 200) == kinds_of(second, 200)
    assert kinds_of(first, 200) != kinds_of(other, 200)


@pytest.mark.parametrize(
    ("subject", "rate"), [("Growth at Hadrius", 0.06), ("Ten minutes, Nat?", 0.15), ("Else", 0.06)]
)
def test_people_answer_as_often_as_the_truth_says(subject, rate):
    audience = control(subjects=[{"text": "Growth at {Company}"}, {"text": "Ten minutes, {FirstName}?"}])

    done = kinds_of(audience, 6000, subject=subject)

    share = sum("reply" in each for each in done) / 6000
    assert share == pytest.approx(rate, abs=4 * (rate * (1 - rate) / 6000) ** 0.5)
    assert audience.best == "Ten minutes, {FirstName}?"


def test_a_difference_in_the_text_decides_as_well():
    audience = control(subjects=[{"text": "Short opening"}, {"text": "long opening"}])

    assert audience.reply_rate("Hello", "a long  opening or a Long opening") == 0.15
    assert audience.is_known_by("Hello") is False


def test_no_difference_means_none():
    audience = control(preset="no_difference", subjects=[{"text": "one"}, {"text": "two"}])

    assert ({each.reply_rate for each in audience.subjects}, audience.best) == ({0.08}, "")


@pytest.mark.parametrize("pace", [0, 1, 5])
def test_people_take_their_time_and_machines_do_not(pace):
    audience = control(preset="small", pace=pace)

    done = [act for each in kinds_of(audience, 1500) for act in each.values()]

    assert (
        min(act.after for act in done if act.what in {"open", "click", "reply", "unsubscribe"})
        >= SOONEST_PERSON
    )
    assert max(act.after for act in done if act.what in {"machine_open", "scan"}) < 1


def test_who_cannot_be_reached_does_nothing_else():
    done = [each for each in kinds_of(control(preset="small"), 3000) if "bounce" in each]

    assert len(done) > 50
    assert {frozenset(each) for each in done} == {frozenset({"bounce"})}


def test_who_is_away_says_so_once():
    audience = control(preset="small")
    first = {number for number, each in enumerate(kinds_of(audience, 2000)) if "away" in each}

    assert len(first) > 100
    assert [each for each in kinds_of(audience, 2000, nth=2) if "away" in each] == []


@pytest.mark.parametrize(
    "content",
    ["", "[]", '{"name": "x"}', '{"name": "x", "preset": "unknown"}', '{"name": "../x", "preset": "small"}',
     '{"name": "x", "preset": "small", "rates": {"reply": 2}}', '{"name": "x", "preset": "small", "rates": {"luck": 1}}',
     '{"name": "x", "preset": "small", "subjects": [{"reply_rate": 0.1}]}', '{"name": "x", "preset": "small", "started_at": "now"}'],
)  # fmt: skip
def test_a_control_file_that_makes_no_sense_is_refused(content):
    with pytest.raises(BadControlError):
        read_control(content)


def test_a_chance_can_be_set_for_one_run():
    audience = control(rates={"human_open": 0.9}, subjects=[{"text": "x", "reply_rate": 0.5}])

    assert (audience.rates.human_open, audience.subjects[0].reply_rate) == (0.9, 0.5)
    assert set(PRESETS) == {"small", "b_better", "no_difference"}


CATEGORIES = {"stop": "unsubscribe"}


@pytest.mark.parametrize(
    ("kind", "choice"), [(kind, place) for kind, texts in REPLIES.items() for place in range(len(texts))]
)
def test_what_people_write_is_understood(kind, choice):
    raw = worded_reply(MAIL, kind, choice, at=AT)

    verdict = classify(raw)

    assert (verdict.intent, verdict.in_reply_to) == (CATEGORIES.get(kind, kind), MAIL.message_id)
    assert verdict.sender == MAIL.recipient


@pytest.mark.parametrize("choice", range(len(AWAY) * 7))
def test_notes_of_absence_are_understood_with_their_date(choice):
    raw = away(MAIL, choice, at=AT)

    verdict = classify(raw)

    assert (verdict.kind, verdict.reason) == ("auto_reply", "out_of_office")
    assert 2 <= (verdict.return_on - AT.date()).days <= 16


@pytest.mark.parametrize(
    ("kind", "choice"), [(kind, place) for kind, words in BOUNCES.items() for place in range(len(words))]
)
def test_reports_of_servers_are_understood(kind, choice):
    verdict = classify(bounce(MAIL, kind, choice, at=AT, envelope_from=MAIL.sender))

    assert (verdict.kind, verdict.hard, verdict.recipient) == (
        "bounce",
        kind == "hard_bounce",
        MAIL.recipient,
    )
    assert verdict.original_message_id == MAIL.message_id


def test_complaints_are_understood():
    verdict = classify(complaint(MAIL, at=AT, envelope_from=MAIL.sender))

    assert (verdict.kind, verdict.recipient) == ("complaint", MAIL.recipient)
    assert verdict.original_message_id == MAIL.message_id


def test_a_reader_knows_what_stands_in_the_mail():
    raw = (
        b"From: Kary <kary@ours.example>\r\nTo: nat@reader.example\r\nSubject: Hi\r\nMessage-ID: <m@ours.example>\r\n"
        b"Date: Mon, 02 Mar 2026 09:00:00 +0000\r\nList-Unsubscribe: <https://ours.example/u/t/>, <mailto:k@ours.example>\r\n"
        b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
        b'<a href="https://ours.example/t/c/t/?u=a&amp;b=c">x</a><img src="https://ours.example/t/o/t.gif">\r\n'
    )

    received = read(raw, recipient="nat@reader.example")

    assert received.links == ["https://ours.example/t/c/t/?u=a&b=c", "https://ours.example/t/o/t.gif"]
    assert (received.unsubscribe_url, received.sender_name) == ("https://ours.example/u/t/", "Kary")


def test_the_sandbox_knows_nothing_of_the_product():
    words = [line for path in Path("gtmos/sandbox").glob("*.py") for line in path.read_text().splitlines()]

    imported = {line.split()[1].split(".")[0] for line in words if line.startswith(("import ", "from "))}

    assert imported & {"django", "crm", "outreach", "agents", "issues", "journeys"} == set()
    assert {line.split()[1] for line in words if line.startswith("from gtmos")} <= {
        f"gtmos.sandbox{name}"
        for name in ("", ".audience", ".behaviour", ".doing", ".letters", ".mailbox", ".outbound", ".places",
                     ".presets", ".server", ".wording")
    }  # fmt: skip
