"""Reads complaints: abuse reports in the Abuse Reporting Format (RFC 5965) and their relatives."""

import re

from outreach.channels.email.parsing import sns
from outreach.channels.email.parsing.mime import (
    ADDRESS,
    Headers,
    Mail,
    header_addresses,
    message_ids,
    split_headers,
)
from outreach.channels.email.parsing.verdict import BouncedRecipient

FIELD = re.compile(
    r"(?im)^(feedback-type|original-rcpt-to|removal-recipient|final-recipient|original-mail-from|reported-domain)[ \t]{0,5}:[ \t]{0,10}(.{0,998})$"
)
NEVER_ABUSE = {"not-spam"}
COMPLAINT_SENDERS = re.compile(
    r"(?:staff@hotmail|jmrp|fbl|feedback[-_]?loop|abuse-report|complaints?@|scomp@aol)", re.IGNORECASE
)


def complaint_recipients(mail: Mail) -> list[BouncedRecipient] | None:
    """The people who complained, or None when the mail is no complaint."""
    notice = sns.notice_in(mail)
    if notice and notice.kind == "complaint":
        return [complaint(block.recipient, "") for block in notice.blocks]
    reports = mail.of_type("message/feedback-report")
    if not (reports or mail.report_type == "feedback-report" or is_hotmail_report(mail)):
        return None
    text = "\n".join(part.text for part in [*reports, *mail.of_type("text/plain")])[:100_000]
    fields = [(name.lower(), value.strip()) for name, value in FIELD.findall(text)]
    if any(name == "feedback-type" and value.lower() in NEVER_ABUSE for name, value in fields):
        return None
    named = [
        match[0] for name, value in fields if name in RECIPIENT_FIELDS and (match := ADDRESS.search(value))
    ]
    named = named or header_addresses(
        returned_mail(mail), "to", "x-hmxmroriginalrecipient", "x-rcpt-to", "x-envelope-to"
    )
    kind = next((value for name, value in fields if name == "feedback-type"), "abuse")
    return [complaint(address, kind) for address in dict.fromkeys(named)] or [complaint("", kind)]


RECIPIENT_FIELDS = {"original-rcpt-to", "removal-recipient", "final-recipient"}


def is_hotmail_report(mail: Mail) -> bool:
    return bool(COMPLAINT_SENDERS.search(mail.sender)) and bool(mail.of_type("message/rfc822"))


def complaint(address: str, kind: str) -> BouncedRecipient:
    return BouncedRecipient(address, "feedback", action=kind[:40].lower() or "abuse")


def returned_mail(mail: Mail) -> Headers:
    parts = mail.of_type("message/rfc822", "text/rfc822-headers")
    source = parts[0].text if parts else ""
    headers, _body = split_headers(source.lstrip().encode("utf-8", "replace"))
    return headers


def original_message_id(mail: Mail) -> str:
    return next(iter(message_ids(returned_mail(mail).get("message-id"))), "")
