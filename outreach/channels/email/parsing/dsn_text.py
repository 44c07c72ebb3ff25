"""Reads delivery reports that are only words: who was not reached, and which words belong to whom."""

import re

from outreach.channels.email.parsing.mime import ADDRESS, Headers

MAX_LINES = 4_000
RETURNED = re.compile(
    r"(?i)^[ \t|>*=-]{0,80}(?:original message(?! was)|below this line is|enclosed is a copy|returned message|message text follows|unsent message|this is a copy of|copy of (?:the|your) (?:message|original)"
    r"|included is a copy|the header of the original|original mail as|message headers? follow|below is a copy|start of (?:returned|forwarded)|----- ?original|the text of the (?:rejected |original )?message|(?:your )?original message (?:follows|headers)"
    r"|message header follows|reporting-mta:|the following is the (?:header|original|beginning)|first \d+ lines|headers of the (?:original|message)|content of your|forwarded message)"
)
HEADER_START = re.compile(
    r"^[ \t]{0,6}(?:Received|Return-[Pp]ath|X-[A-Za-z-]{2,40}|DKIM-Signature|Delivered-To|ARC-[A-Za-z-]{3,30}|Message-I[dD]):[ \t]"
)
ADDRESS_LINE = re.compile(
    r"^[ \t*>|-]{0,12}(?:\d{3}[ -])?[<'\"(]?([A-Za-z0-9!#$%&'+/=?^_`{|}~.-]{1,128}@[A-Za-z0-9.-]{1,255})[>'\")]?(?:[ \t]*[:(\[\-]| ?\.\.\.|[ \t]*$| on |[ \t]+[A-Z][a-z])"
)
HEADED_LINE = re.compile(
    r"^[ \t]{0,6}<?([A-Za-z0-9!#$%&'+/=?^_`{|}~.-]{1,128}@[A-Za-z0-9.-]{1,255})>?:[ \t]*$"
)
CUED = re.compile(
    r"(?i)(?:deliver(?:y|ed|ing)?(?: your)?(?: mail| message| email)? to|message to|mail to|undeliverable to|unknown user|rcpt to|allowed size|recipients?|addressed to|for user|address(?:es)?|to: ?|sent to|bounced|t=)"
    r"[ \t]{0,3}[:=]?[ \t]{0,3}[<\[(\"']{0,2}([A-Za-z0-9!#$%&'+/=?^_`{|}~.-]{1,128}@[A-Za-z0-9.-]{1,255})"
)
SENT_COMMAND = re.compile(r"(?i)^[ \t]{0,8}(?:>>>|->)[ \t]{0,4}(helo|ehlo|mail|rcpt|data|starttls|auth|\.)")
ANSWER = re.compile(r"^[ \t]{0,8}<<<[ \t]{0,4}(.*)$")
RECEIVED_FOR = re.compile(r"for <([^<>\s]{1,300}@[^<>\s]{1,300})>")


def split_at_returned_mail(text: str) -> tuple[str, str]:
    lines = text.split("\n")[:MAX_LINES]
    for number, line in enumerate(lines):
        if (RETURNED.match(line) and number > 0) or (HEADER_START.match(line) and number > 1):
            rest = lines[number:] if HEADER_START.match(line) else lines[number + 1 :]
            return "\n".join(lines[:number]), "\n".join(rest)
    return "\n".join(lines), ""


def recipients(human: str, failed_header: list[str], own: set[str]) -> list[str]:
    """Failed recipients by the clearest sign first: an address that heads its lines, one that starts a line, the header
    that Exim and Gmail add, one after a cue, any; the sender's own address only when it heads its lines.
    """
    lines = human.split("\n")[:500]
    starting = [match[1] for line in lines if (match := ADDRESS_LINE.match(line))]
    cued = CUED.findall(human[:50_000])
    anywhere = ADDRESS.findall(human[:50_000])
    headed = [match[1] for line in lines if (match := HEADED_LINE.match(line))]
    if headed:
        return list(dict.fromkeys(headed))
    for candidates in (starting, failed_header, cued, anywhere):
        found = [address.strip(".'") for address in candidates if address.strip(".'").lower() not in own]
        if found:
            return list(dict.fromkeys(found))
    return []


def segments(human: str, found: list[str]) -> dict[str, str]:
    """For each recipient the lines from its first mention to the first mention of another one."""
    wanted = {address.lower() for address in found}
    result: dict[str, list[str]] = {}
    current = ""
    for line in human.split("\n")[:1_000]:
        named = [address.lower() for address in ADDRESS.findall(line[:2_000]) if address.lower() in wanted]
        if named and named[0] != current:
            current = named[0]
        if current:
            result.setdefault(current, []).append(line)
    return {address: "\n".join(lines)[:6_000] for address, lines in result.items()}


def transcript_command(human: str, diagnostic: str) -> str:
    """The last command sent before the answer that the diagnosis quotes, in a session transcript."""
    command, last = "", ""
    words = " ".join(diagnostic.split())[:400]
    for line in human.split("\n")[:500]:
        sent = SENT_COMMAND.match(line)
        answer = ANSWER.match(line)
        if sent:
            command = "DATA" if sent[1] == "." else sent[1].upper().replace("HELO", "EHLO")
        elif answer and command:
            last = last or command
            if answer[1].strip() and answer[1].strip()[:60] in words:
                return command
    return last


def received_for(original: Headers) -> list[str]:
    return [match[1] for value in original.all("received") if (match := RECEIVED_FOR.search(value))]
