"""Why a mail came back: one reason word from what the receiving server said.

The words are those of the widely used Sisimai vocabulary. Text rules come first, in order, because servers
say in words what their status codes only hint at; the enhanced status code (RFC 3463) decides the rest.
"""

import re
from dataclasses import dataclass

from outreach.channels.email.parsing.mime import ADDRESS
from outreach.channels.email.parsing.provider_rules import provider_reason
from outreach.channels.email.parsing.reason_rules import (
    BOILERPLATE,
    CERTAIN_STATUS,
    COMMAND_RULES,
    STATUS_REASONS,
    TEXT_RULES,
    TRUSTED_TEXT_RULES,
    USER_UNKNOWN,
    WEAK_TEXT_RULES,
    WEAK_USER_UNKNOWN,
    Rule,
)

MAX_DIAGNOSTIC = 8_000
# Codes that servers send with any refusal.
VAGUE_STATUS = {".0.0", ".5.0", ".7.1"}
HARD = {"userunknown", "hostunknown", "hasmoved"}
URL = re.compile(r"https?://[^\s<>\"]{1,500}")
LINK_HINT = re.compile(
    r"[?&]p=[A-Za-z]{4,40}|spamhaus|spamcop|dnsbl|sorbs|barracudacentral|groups\.google", re.IGNORECASE
)
SPACES = re.compile(r"\s+")
STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
REPLY_CODE = re.compile(r"(?<![\d.:/=-])([245][0-5]\d)(?=[\s:;#,-])(?!-?\d)")
COMMANDS = (
    (
        "CONN",
        re.compile(r"after initial connection|refused to talk to me|\[conn(?:ect)?\]|while connected from"),
    ),
    (
        "EHLO",
        re.compile(
            r"in reply to (?:he|eh)lo|after (?:he|eh)lo|>>> (?:he|eh)lo|my name was rejected|\[ehlo\]|(?:he|eh)lo command"
        ),
    ),
    (
        "MAIL",
        re.compile(
            r"in reply to mail from|after mail(?: from)?(?: command|:)|after mail from|sender was rejected|\[mail_from\]|our mail from"
        ),
    ),
    (
        "RCPT",
        re.compile(
            r"in reply to rcpt to|after rcpt to|not like recipient|\[rcpt_to\]|after rcpt command|our rcpt to|smtp:rcpt"
        ),
    ),
    (
        "DATA",
        re.compile(
            r"in reply to (?:end of )?data|after (?:end of )?data|after i sent the message|our (?:final )?data"
            r"|for text command|\[data\]|after pipelined data"
        ),
    ),
)


@dataclass(frozen=True)
class Evidence:
    """What is known about one failed recipient."""

    text: str
    status: str = ""
    reply_code: str = ""
    command: str = ""
    action: str = ""


def reason_of(evidence: Evidence) -> str:
    """The reason word; `undefined` when the report says nothing, `onhold` when nobody can tell."""
    text = readable(evidence.text)
    if evidence.action in {"delivered", "relayed", "expanded"} or evidence.status.startswith("2."):
        return "delivered"
    if evidence.status in CERTAIN_STATUS:
        return CERTAIN_STATUS[evidence.status]
    by_text = reason_by_text(text, evidence)
    if by_text:
        return by_text
    if (evidence.command or command_in(text)) in {"CONN", "EHLO"}:
        return "blocked"
    by_status = STATUS_REASONS.get(evidence.status[1:]) if evidence.status else None
    if by_status and not (evidence.action == "delayed" and evidence.status.startswith("4.")):
        return by_status
    if evidence.action == "delayed":
        return "expired"
    return "onhold" if len(text) > 12 else "undefined"


def reason_by_text(text: str, evidence: Evidence) -> str:
    command = evidence.command or command_in(text)
    found = provider_reason(text) or first_match(TRUSTED_TEXT_RULES, text)
    if found:
        return found
    for reason, commands, pattern in COMMAND_RULES:
        if command in commands and pattern.search(text):
            return reason
    found = first_match(TEXT_RULES, text)
    if found:
        return found
    if USER_UNKNOWN.search(text):
        return user_unknown_or_filtered(command, evidence.status)
    found = first_match(WEAK_TEXT_RULES, text)
    vague = (
        not evidence.status or evidence.status[1:] in VAGUE_STATUS or evidence.status[1:].startswith(".1.")
    )
    if not found and vague and WEAK_USER_UNKNOWN.search(text):
        return "userunknown"
    return found


def first_match(rules: tuple[Rule, ...], text: str) -> str:
    return next((reason for reason, pattern in rules if pattern.search(text)), "")


def user_unknown_or_filtered(command: str, status: str) -> str:
    """A server that names the mailbox only after it read the message filters; at RCPT it knows its users."""
    if status[1:].startswith(".1."):
        return "userunknown"
    if command in {"DATA", "MAIL"} or (not command and status[1:] in {".2.0", ".2.1"}):
        return "filtered"
    return "userunknown"


def is_hard(reason: str, status: str, reply_code: str) -> bool:
    """Only reasons that will never heal are hard; a refusing host is hard unless it says it is temporary."""
    if reason == "notaccept":
        return not (status or reply_code).startswith("4")
    return reason in HARD


def readable(text: str) -> str:
    """Lower case without addresses and links, which would only bring chance words in."""
    text = URL.sub(keep_link_hint, text[:MAX_DIAGNOSTIC])
    return BOILERPLATE.sub(" ", SPACES.sub(" ", ADDRESS.sub("@", text)).strip().lower()).strip()


def keep_link_hint(match: re.Match[str]) -> str:
    """Google puts its reason into the help link, block lists are named by theirs; the rest of a link is noise."""
    hint = LINK_HINT.search(match[0])
    return f" {hint[0]} " if hint else " "


def command_in(text: str) -> str:
    """The SMTP command that failed, as far as the text tells."""
    lowered = text.lower()
    return next((name for name, pattern in COMMANDS if pattern.search(lowered)), "")


def status_in(text: str) -> str:
    found = STATUS.findall(ADDRESS.sub("", text[:MAX_DIAGNOSTIC]))
    return str(found[0]) if found else ""


def reply_code_in(text: str) -> str:
    found = REPLY_CODE.search(text[:MAX_DIAGNOSTIC])
    return found[1] if found else ""
