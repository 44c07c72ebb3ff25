"""Whole mails: who or what wrote them, and what that means for a sequence."""

from datetime import date

import pytest

from outreach.channels.email.parsing.classify import classify


def a_mail(body="", *, sender="ann@firm.example", subject="Re: Quick question", **headers):
    lines = [
        f"From: {sender}",
        "To: Sam <sam@gtm.example>",
        f"Subject: {subject}",
        "Date: Mon, 05 Oct 2026 09:00:00 +0000",
        *[f"{name.replace('_', '-')}: {value}" for name, value in headers.items()],
    ]
    return ("\n".join(lines) + "\n\n" + body).encode()


def a_report(*blocks, human="Your mail could not be delivered.", **headers):
    fields = "\n\n".join(blocks)
    body = (
        f"--b\nContent-Type: text/plain\n\n{human}\n\n--b\nContent-Type: message/delivery-status\n\n"
        f"Reporting-MTA: dns; mx.example\n\n{fields}\n\n--b\nContent-Type: message/rfc822\n\n"
        "From: sam@gtm.example\nTo: ann@firm.example\nMessage-ID: <out-1@gtm.example>\nSubject: Hi\n\nHi\n--b--\n"
    )
    return a_mail(
        body,
        sender="Mail Delivery System <MAILER-DAEMON@mx.example>",
        subject="Undelivered Mail Returned to Sender",
        Content_Type='multipart/report; report-type=delivery-status; boundary="b"',
        **headers,
    )


UNKNOWN = (
    "Final-Recipient: rfc822; ann@firm.example\nAction: failed\nStatus: 5.1.1\n"
    "Diagnostic-Code: smtp; 550 5.1.1 User unknown"
)
FULL = (
    "Final-Recipient: rfc822; bob@firm.example\nAction: failed\nStatus: 5.2.2\n"
    "Diagnostic-Code: smtp; 552 5.2.2 Mailbox full"
)


def test_a_delivery_report_names_recipient_reason_and_the_mail_it_returns():
    found = classify(a_report(UNKNOWN))

    assert (found.kind, found.recipient, found.hard) == ("bounce", "ann@firm.example", True)
    assert (found.reason, found.status) == ("userunknown", "5.1.1")
    assert found.original_message_id == "<out-1@gtm.example>"


def test_a_bounce_marked_as_automatic_answer_is_no_vacation():
    found = classify(a_report(UNKNOWN, Auto_Submitted="auto-replied"))

    assert (found.kind, found.return_on) == ("bounce", None)


def test_every_recipient_of_a_report_has_a_reason_of_its_own():
    found = classify(a_report(FULL, UNKNOWN))

    assert [(one.recipient, one.reason, one.hard) for one in found.bounced] == [
        ("bob@firm.example", "mailboxfull", False),
        ("ann@firm.example", "userunknown", True),
    ]
    assert (found.recipient, found.hard) == ("ann@firm.example", True)


@pytest.mark.parametrize(
    ("action", "status", "kind", "reason"),
    [
        ("delivered", "2.0.0", "other", "delivered"),
        ("relayed", "2.1.9", "other", "delivered"),
        ("delayed", "4.4.1", "bounce", "expired"),
    ],
)
def test_receipts_and_delays_are_no_hard_bounces(action, status, kind, reason):
    found = classify(
        a_report(f"Final-Recipient: rfc822; ann@firm.example\nAction: {action}\nStatus: {status}")
    )

    assert (found.kind, found.reason, found.hard) == (kind, reason, False)


def test_a_report_in_plain_words_is_understood():
    body = (
        "Hi. This is the qmail-send program at mx.example.\nI'm afraid I wasn't able to deliver your message.\n\n"
        "<ann@firm.example>:\nRemote host said: 550 sorry, no mailbox here by that name\n\n"
        "--- Below this line is a copy of the message.\n\nReturn-Path: <sam@gtm.example>\nTo: ann@firm.example\n"
        "Message-ID: <out-2@gtm.example>\n\nHi\n"
    )
    found = classify(
        a_mail(body, sender="MAILER-DAEMON@mx.example", subject="failure notice", Return_Path="<>")
    )

    assert (found.kind, found.recipient, found.reason) == ("bounce", "ann@firm.example", "userunknown")
    assert found.original_message_id == "<out-2@gtm.example>"


def test_a_notice_of_amazon_ses_is_a_bounce():
    body = (
        '{"notificationType":"Bounce","bounce":{"bouncedRecipients":[{"emailAddress":"ann@firm.example",'
        '"action":"failed","status":"5.1.1","diagnosticCode":"smtp; 550 5.1.1 user unknown"}]}}'
    )
    found = classify(a_mail(body, sender="no-reply@sns.amazonaws.com", subject="AWS Notification Message"))

    assert (found.kind, found.recipient, found.hard) == ("bounce", "ann@firm.example", True)


def test_an_abuse_report_is_a_complaint_of_the_original_recipient():
    body = (
        "--b\nContent-Type: text/plain\n\nAn abuse report.\n--b\nContent-Type: message/feedback-report\n\n"
        "Feedback-Type: abuse\nVersion: 1\nOriginal-Rcpt-To: ann@firm.example\n--b\nContent-Type: message/rfc822\n\n"
        "From: sam@gtm.example\nMessage-ID: <out-3@gtm.example>\n\nHi\n--b--\n"
    )
    found = classify(
        a_mail(
            body,
            sender="fbl@isp.example",
            Content_Type='multipart/report; report-type=feedback-report; boundary="b"',
        )
    )

    assert (found.kind, found.recipient, found.reason) == ("complaint", "ann@firm.example", "feedback")
    assert found.original_message_id == "<out-3@gtm.example>"


def test_an_out_of_office_note_names_the_day_of_return_and_the_deputy():
    body = "I am on leave and will be back on 12 October. Please contact bea@firm.example in urgent cases."
    found = classify(a_mail(body, subject="Automatic reply: Hi", Auto_Submitted="auto-replied"))

    assert (found.kind, found.intent, found.return_on) == ("auto_reply", "out_of_office", date(2026, 10, 12))
    assert found.alternate_contact == "bea@firm.example"


def test_somebody_who_left_is_no_vacation():
    body = "Ann Lee no longer works at Firm. Please contact bea@firm.example."
    found = classify(a_mail(body, subject="Automatic reply: Hi", Auto_Submitted="auto-generated"))

    assert (found.kind, found.reason, found.return_on) == ("auto_reply", "left_company", None)
    assert found.alternate_contact == "bea@firm.example"


MACHINES = [
    ("ticket_acknowledgement", "[Case 55512] Hello", "We received your request. An agent will answer soon.", {"Auto_Submitted": "auto-generated"}),
    ("challenge", "Please verify", "Click here to verify that you are human, then we release your mail.", {"Auto_Submitted": "auto-replied"}),
    ("read_receipt", "Read: Hello", "Your message was read on Monday.", {"Auto_Submitted": "auto-replied"}),
    ("bulk", "Weekly news", "All the news.", {"List_Id": "<news.example>", "Precedence": "bulk"}),
]  # fmt: skip


@pytest.mark.parametrize(("reason", "subject", "body", "headers"), MACHINES)
def test_other_machines_neither_pause_nor_stop_a_sequence(reason, subject, body, headers):
    found = classify(a_mail(body, subject=subject, **headers))

    assert (found.kind, found.reason, found.return_on) == ("other", reason, None)


HUMANS = [
    ("Re: Hello", "I was out of office last week, sorry. Thursday works.", {}),
    ("Re: Automatic reply: Hello", "I am back now. Yes, let us talk.", {}),
    ("Fwd: Undelivered Mail Returned to Sender", "Look what I got: user unknown. Which address should I use?", {}),
    ("Re: Hello", "Our group answers together: yes.", {"List_Id": "<sales.firm.example>", "In_Reply_To": "<out-1@gtm.example>"}),
    ("Re: Hello", "Yes, please call me on Friday.", {"Auto_Submitted": "auto-generated", "In_Reply_To": "<out-1@gtm.example>"}),
    ("Re: Hello", "I am out of the office until 12 October, let us talk then.", {}),
    ("Re: Hello", "My mailbox is full of offers like yours, but go on.", {"Auto_Submitted": "no"}),
    ("Hello again", "Hi Sam, thanks for the ticket to the fair.", {"X_Auto_Response_Suppress": "All"}),
]  # fmt: skip


@pytest.mark.parametrize(("subject", "body", "headers"), HUMANS)
def test_people_are_never_taken_for_machines(subject, body, headers):
    found = classify(a_mail(body, subject=subject, **headers))

    assert (found.kind, found.reply_text) == ("reply", body)


def test_a_parcel_that_was_not_delivered_is_no_bounce():
    found = classify(
        a_mail(
            "Your parcel could not be delivered.",
            sender="no-reply@post.example",
            subject="Delivery failed",
            Auto_Submitted="auto-generated",
        )
    )

    assert found.kind == "other"


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("Re: Hello", "Please remove me from your list."),
        ("unsubscribe", ""),
        ("Re: Hello", "STOP"),
        ("Abmelden", "Danke"),
    ],
)
def test_who_asks_to_be_taken_off_unsubscribes(subject, body):
    found = classify(a_mail(body, subject=subject))

    assert (found.kind, found.intent, found.recipient) == ("unsubscribe", "unsubscribe", "ann@firm.example")


def test_the_unsubscribe_footer_of_our_own_quoted_mail_counts_for_nothing():
    body = "Sounds good, tell me more.\n\nOn 5 Oct 2026, Sam <sam@gtm.example> wrote:\n> Unsubscribe here.\n"

    assert classify(a_mail(body)).kind == "reply"


def test_a_copy_of_our_own_mail_is_never_a_reply():
    found = classify(
        a_mail("Just following up.", sender="Sam <SAM@gtm.example>"), own_addresses=["sam@gtm.example"]
    )

    assert (found.kind, found.reason) == ("other", "own_message")


def test_the_thread_of_a_reply_is_kept():
    found = classify(
        a_mail("Yes.", In_Reply_To="<out-2@x>", References="<out-1@x> <out-2@x>", Message_ID="<in-1@y>")
    )

    assert (found.in_reply_to, found.references, found.message_id) == (
        "<out-2@x>",
        ("<out-1@x>", "<out-2@x>"),
        "<in-1@y>",
    )


def test_without_a_date_of_the_mail_the_given_day_counts():
    raw = b"From: a@b.example\nSubject: Automatic reply\nAuto-Submitted: auto-replied\n\nOut of office, back on 4 January."

    assert classify(raw, today=date(2026, 12, 20)).return_on == date(2027, 1, 4)


def test_encoded_subjects_and_bodies_are_read():
    raw = a_mail(
        "Ich bin bis einschlie=C3=9Flich 16.10.2026 nicht im B=C3=BCro.",
        subject="=?utf-8?B?QWJ3ZXNlbmhlaXRzbm90aXo6?= Hallo",
        Content_Type='text/plain; charset="utf-8"',
        Content_Transfer_Encoding="quoted-printable",
    )
    found = classify(raw)

    assert (found.kind, found.language, found.return_on) == ("auto_reply", "de", date(2026, 10, 17))


def test_a_mail_with_only_html_is_read():
    found = classify(a_mail("<html><p>Not interested.</p></html>", Content_Type="text/html"))

    assert (found.kind, found.reply_text, found.intent) == ("reply", "Not interested.", "not_interested")
