"""Reads the machine part of an RFC 3464 delivery report, also when it lies in the wrong kind of part."""

import re
from dataclasses import dataclass

from outreach.channels.email.parsing.mime import ADDRESS, Mail, decode_header

FIELD = re.compile(
    r"(?im)^[ \t>]{0,8}(final-recipient|original-recipient|x-actual-recipient|action|status|diagnostic-code|remote-mta|reporting-mta)[ \t]{0,5}:[ \t]{0,20}(.*)$"
)
CODE_PREFIX = re.compile(
    r"^\s{0,10}(?:smtp|x-[a-z0-9.-]{1,40}|dns|unix|local|rfc822)\s{0,10};\s{0,10}", re.IGNORECASE
)
STATUS_VALUE = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
MAX_BLOCKS = 200
RECIPIENT_FIELDS = ("final-recipient", "original-recipient", "x-actual-recipient")


@dataclass(frozen=True)
class ReportBlock:
    recipient: str
    action: str
    status: str
    diagnostic: str


def report_blocks(mail: Mail) -> list[ReportBlock]:
    """One block per reported recipient, without repeating a recipient that several parts report."""
    sources = [
        part.text for part in mail.of_type("message/delivery-status", "message/global-delivery-status")
    ]
    blocks = blocks_in(sources)
    if not blocks:
        blocks = blocks_in(
            [part.text for part in mail.parts if part.content_type.startswith(("text/plain", "multipart/"))]
        )
    if not blocks and mail.of_type("message/rfc822") and len(mail.parts) <= 3:
        blocks = blocks_in([part.text for part in mail.of_type("message/rfc822")])
    return blocks


def blocks_in(sources: list[str]) -> list[ReportBlock]:
    found: dict[str, ReportBlock] = {}
    for source in sources:
        for fields in grouped_fields(source):
            block = block_of(fields)
            if block and block.recipient.lower() not in found and len(found) < MAX_BLOCKS:
                found[block.recipient.lower()] = block
    return list(found.values())


def grouped_fields(source: str) -> list[dict[str, str]]:
    """Groups of fields between blank lines, with folded lines joined."""
    groups: list[dict[str, str]] = []
    current: dict[str, str] = {}
    name = ""
    for line in source[:200_000].split("\n")[:5_000]:
        match = FIELD.match(line)
        if match:
            name = match[1].lower()
            if name in current and name in {"final-recipient", "action"}:
                groups.append(current)
                current = {}
            current.setdefault(name, match[2].strip())
        elif not line.strip():
            groups.append(current)
            current, name = {}, ""
        elif line[0] in " \t" and name and len(current[name]) < 8_000:
            current[name] += " " + line.strip()
        else:
            name = ""
    return [group for group in [*groups, current] if group]


def block_of(fields: dict[str, str]) -> ReportBlock | None:
    named = [address for name in RECIPIENT_FIELDS if (address := address_of(fields.get(name, "")))]
    recipient = next(
        (address for address in named if "." in address.partition("@")[2]), next(iter(named), "")
    )
    if not recipient or not ("action" in fields or "status" in fields or "diagnostic-code" in fields):
        return None
    status = STATUS_VALUE.search(fields.get("status", ""))
    action = fields.get("action", "").split(" ")[0].strip("();,").lower()
    diagnostic = decode_header(CODE_PREFIX.sub("", fields.get("diagnostic-code", "")))
    return ReportBlock(recipient, action, status[0] if status else "", diagnostic.strip())


def address_of(value: str) -> str:
    match = ADDRESS.search(CODE_PREFIX.sub("", value))
    return match[0] if match and not value.rsplit(";", maxsplit=1)[-1].strip().startswith("/") else ""
