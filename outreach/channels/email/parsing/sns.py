"""Reads the JSON notices that Amazon SES sends by mail about bounces and complaints."""

import re
from dataclasses import dataclass

from outreach.channels.email.parsing.dsn_fields import CODE_PREFIX, ReportBlock
from outreach.channels.email.parsing.mime import Mail

KIND = re.compile(r'"(?:notificationType|eventType)"\s{0,5}:\s{0,5}"(Bounce|Complaint|Delivery)"')
RECIPIENT = re.compile(r'\{[^{}]{0,2000}?"emailAddress"[^{}]{0,4000}\}')
FIELD = re.compile(r'"(emailAddress|action|status|diagnosticCode)"\s{0,5}:\s{0,5}"((?:[^"\\]|\\.){0,2000})"')
DELIVERED_TO = re.compile(r'"recipients"\s{0,5}:\s{0,5}\[\s{0,5}"([^"\s]{1,300})"')


@dataclass(frozen=True)
class Notice:
    kind: str
    blocks: tuple[ReportBlock, ...]


def notice_in(mail: Mail) -> Notice | None:
    if "amazon" not in mail.headers.get("from").lower():
        return None
    text = (
        next((part.text for part in mail.parts if part.content_type == "text/plain"), "")[:100_000]
        .replace("!\n ", "")
        .replace("\n ", "")
        .replace('\\"', '"')
    )
    kind = KIND.search(text)
    if not kind:
        return None
    blocks = tuple(block_of(dict(FIELD.findall(found))) for found in RECIPIENT.findall(text)[:100])
    if kind[1] == "Delivery":
        blocks = tuple(
            ReportBlock(address, "delivered", "", "") for address in DELIVERED_TO.findall(text)[:1]
        )
    return Notice(kind[1].lower(), blocks)


def block_of(fields: dict[str, str]) -> ReportBlock:
    diagnostic = CODE_PREFIX.sub("", fields.get("diagnosticCode", "").replace("\\n", " "))
    return ReportBlock(
        fields.get("emailAddress", ""), fields.get("action", "failed"), fields.get("status", ""), diagnostic
    )
