"""How often the reading of real mail is right; the floors are the promises."""

import json

import pytest

from outreach.channels.email.parsing.classify import classify
from outreach.channels.email.parsing.intent import intent
from outreach.channels.email.parsing.mime import parse_mail
from outreach.channels.email.parsing.reply_text import html_reply_text, reply_text

TONES = {
    "interested": "positive",
    "meeting": "positive",
    "objection": "negative",
    "not_interested": "negative",
    "unsubscribe": "negative",
}


def rows_of(path):
    return [json.loads(line) for line in path.read_text().split("\n") if line]


@pytest.fixture
def bounces(shared_data):
    folder = shared_data("mail/bounces")
    rows = rows_of(shared_data("mail/bounces_expected.jsonl"))
    return [(row, classify((folder / row["file"]).read_bytes())) for row in rows]


def failures(bounces):
    return [
        pair for pair in bounces if pair[0]["crm_action"] in {"hard_bounce_suppress", "soft_or_other_bounce"}
    ]


def paired_results(bounces):
    """Every expected recipient with what was found for it, or with the main finding when it was not found."""
    pairs = []
    for row, verdict in failures(bounces):
        found = {one.recipient.lower(): one for one in verdict.bounced}
        pairs += [(wanted, found.get(wanted["recipient"].lower()), verdict) for wanted in row["results"]]
    return pairs


def test_at_least_98_percent_of_real_bounces_are_found(bounces):
    wanted = failures(bounces)

    assert sum(verdict.kind == "bounce" for _row, verdict in wanted) / len(wanted) >= 0.98


def test_at_least_95_percent_of_hard_and_soft_are_told_apart(bounces):
    pairs = paired_results(bounces)
    right = sum((found or verdict).hard == bool(wanted["hardbounce"]) for wanted, found, verdict in pairs)

    assert right / len(pairs) >= 0.95


def test_at_least_92_percent_of_reasons_are_right(bounces):
    pairs = paired_results(bounces)
    right = sum((found or verdict).reason == wanted["reason"] for wanted, found, verdict in pairs)

    assert right / len(pairs) >= 0.92


def test_at_least_97_percent_of_recipients_are_found(bounces):
    pairs = paired_results(bounces)

    assert sum(found is not None for _wanted, found, _verdict in pairs) / len(pairs) >= 0.97


def test_receipts_of_delivery_are_never_bounces(bounces):
    receipts = [verdict for row, verdict in bounces if row["crm_action"] == "delivered_receipt"]

    assert {(verdict.kind, verdict.hard) for verdict in receipts} == {("other", False)}


def test_complaints_suppress_and_never_count_as_bounces(bounces):
    complaints = [verdict for row, verdict in bounces if row["crm_action"] == "suppress_complaint"]

    assert {verdict.reason for verdict in complaints} == {"feedback"}
    assert {verdict.kind for verdict in complaints} <= {"complaint", "unsubscribe"}


def test_automatic_answers_are_told_from_people_with_return_day_and_deputy(shared_data):
    folder = shared_data("mail/auto_replies")
    wrong = []
    for row in rows_of(shared_data("mail/auto_replies_expected.jsonl")):
        verdict = classify((folder / row["file"]).read_bytes())
        automatic = verdict.kind == "auto_reply"
        back = verdict.return_on.isoformat() if verdict.return_on else None
        dated = back == row["return_date"] or not row["synthetic"]
        if (
            automatic != (row["kind"] in {"ooo", "left_company"})
            or not dated
            or verdict.alternate_contact != (row["alternate_contact"] or "")
        ):
            wrong.append(row["file"])

    assert wrong == []


def test_no_person_is_taken_for_a_machine(shared_data):
    files = ("replies_with_truth.jsonl", "replies_silver.jsonl", "reply_intent_sales.jsonl")
    texts = [row.get("raw") or row["text"] for name in files for row in rows_of(shared_data(f"mail/{name}"))]
    head = b"From: ann@firm.example\nTo: sam@gtm.example\nSubject: Re: Quick question\nIn-Reply-To: <o@gtm.example>\n\n"
    kinds = {classify(head + text.encode()).kind.value for text in texts}

    assert kinds == {"reply", "unsubscribe"}


def words_of(row):
    if row["format"] == "html":
        return html_reply_text(row["raw"])
    if row["format"] == "eml":
        parts = parse_mail(row["raw"].encode()).of_type("text/plain")
        return reply_text(parts[0].text)
    return reply_text(row["raw"])


def test_at_least_90_percent_of_replies_are_cut_exactly(shared_data):
    rows = rows_of(shared_data("mail/replies_with_truth.jsonl"))
    right = sum(words_of(row).split() == row["expected_reply"].split() for row in rows)

    assert right / len(rows) >= 0.90


def test_at_least_90_percent_of_sales_answers_have_the_right_tone(shared_data):
    rows = rows_of(shared_data("mail/reply_intent_sales.jsonl"))
    right = sum(TONES.get(intent(row["text"]).category.value, "neutral") == row["label"] for row in rows)

    assert right / len(rows) >= 0.90
