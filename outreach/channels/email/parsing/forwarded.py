"""Finds the mail inside a mail that was passed on: who wrote it, about what, and the words on top of it."""

import re
from dataclasses import dataclass
from email.utils import parseaddr

from outreach.channels.email.parsing.html_text import html_to_text
from outreach.channels.email.parsing.mime import Mail, first_address, parse_mail
from outreach.channels.email.parsing.quote_headers import FIELD, SEPARATOR, field_block_length
from outreach.channels.email.parsing.reply_text import clean_lines

PASSED_ON = re.compile(r"^\W{0,4}(?:fwd?|wg|tr|rv|enc|i|doorst|vs|vb|pd)\s{0,2}:", re.IGNORECASE)
_FORWARDED = re.compile(
    r"forward|weitergeleitet|transf[ée]r|réexpédié|reenviado|inoltrat|encaminhada|doorgestuurd", re.IGNORECASE
)
_FROM = re.compile(r"^\W{0,6}(?:from|von|de|da|van|fra|från|od|lähettäjä|expéditeur)\b", re.IGNORECASE)
_SUBJECT = re.compile(
    r"^\W{0,6}(?:subject|betreff|objet|asunto|oggetto|onderwerp|assunto|emne|ämne|temat|aihe)\b",
    re.IGNORECASE,
)
_UNQUOTED = re.compile(r"^>\s?")
LONGEST_PART = 400_000


@dataclass(frozen=True, slots=True)
class Forwarded:
    """`note` is what the one who passed it on wrote above; the rest is the mail inside."""

    note: str
    name: str
    address: str
    subject: str
    text: str

    @property
    def words(self) -> str:
        """All of it as one text, with its writer where it begins."""
        writer = f"From {self.name or self.address}" + (f" <{self.address}>" if self.name else "")
        return "\n\n".join(each for each in (self.note, writer, self.text) if each)


def forwarded(mail: Mail, text: str) -> Forwarded | None:
    """None where the mail is an answer or a new one."""
    return _as_text(mail, text) or _as_attachment(mail, text)


def _as_text(mail: Mail, text: str) -> Forwarded | None:
    lines = clean_lines(text)
    is_named = bool(PASSED_ON.match(mail.subject))
    for place, line in enumerate(lines):
        is_mark = bool(SEPARATOR.match(line.strip()))
        begins = FIELD.match(line) or is_mark if is_named else is_mark and _FORWARDED.search(line)
        if not begins:
            continue
        found = _inside(lines[place + 1 :] if is_mark else lines[place:], "\n".join(lines[:place]))
        if found is not None:
            return found
    return None


def _inside(lines: list[str], note: str) -> Forwarded | None:
    start = _first_field(lines)
    if start == len(lines):
        return None
    if lines[start].startswith(">"):
        lines = [_UNQUOTED.sub("", line) for line in lines]
    length = field_block_length(lines, start)
    return _between(lines[start:], length, note) if length else None


def _first_field(lines: list[str]) -> int:
    return next((place for place, line in enumerate(lines) if line.strip(" >")), len(lines))


def _between(lines: list[str], length: int, note: str) -> Forwarded:
    fields = [line.strip(" >*_|") for line in lines[:length] if FIELD.match(line)]
    writer = next((_value(line) for line in fields if _FROM.match(line)), "")
    subject = next((_value(line) for line in fields if _SUBJECT.match(line)), "")
    return _found(note, writer, subject, "\n".join(lines[length:]))


def _value(line: str) -> str:
    return re.split(r"[:：]", line, maxsplit=1)[-1].strip(" *_")


def _as_attachment(mail: Mail, text: str) -> Forwarded | None:
    part = next((each for each in mail.of_type("message/rfc822") if each.text.strip()), None)
    if part is None:
        return None
    inside = parse_mail(part.text[:LONGEST_PART].encode())
    body = next((each.text for each in inside.of_type("text/plain") if each.text.strip()), "")
    body = body or next((html_to_text(each.text) for each in inside.of_type("text/html")), "")
    return _found(text, inside.headers.get("from"), inside.subject, body)


def _found(note: str, writer: str, subject: str, body: str) -> Forwarded:
    address = first_address(writer)
    named = parseaddr(re.sub(r"\[mailto:([^\]]*)\]", r"<\1>", writer))[0]
    name = re.sub(r"[\"'<>]", "", named).strip()
    return Forwarded(
        note=note.strip(),
        name="" if "@" in name else " ".join(name.split())[:150],
        address=address,
        subject=" ".join(subject.split())[:300],
        text=body.strip(),
    )
