"""The mail as it leaves: headers, plain text, a simple HTML alternative, and the law's footer."""

import base64
import binascii
import hashlib
import html
import re
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from outreach.channels.email.addresses import ascii_host
from outreach.channels.email.handing_back import carrier, token_header
from outreach.channels.email.links import click_url, open_url, trap_url, unsubscribe_url

ENCODED_BYTES = 42
CARRIER = carrier()
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
LINK = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)\]']")
LOCAL_PART = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}")
HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
PRINTABLE = re.compile(r"[ -~]{1,900}")
PARAGRAPH = re.compile(r"\n[ \t]*\n+")


class UnsendableError(ValueError):
    """This mail can never be sent as it is; the text is a sentence for a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingMail:
    sender_name: str
    sender: str
    recipient: str
    subject: str
    body: str
    message_id: str
    token: str
    sent_at: datetime
    signature: str = ""
    organisation: str = ""
    postal_address: str = ""


def envelope_address(email: str) -> str:
    """The address as it may stand in an SMTP command: one mailbox, ASCII, nothing that could be a command."""
    local, at, host = email.strip().rpartition("@")
    host = ascii_host(host)
    if not at or not LOCAL_PART.fullmatch(local) or not HOST.fullmatch(host):
        raise UnsendableError("The address is not one that mail servers take.")
    return f"{local}@{host}"


def one_line(text: str) -> str:
    """A header's text: whatever would end the line becomes a space."""
    return " ".join(CONTROL.sub(" ", _encodable(text)).split())


def build(mail: OutgoingMail, *, server: str = CARRIER) -> bytes:
    """The message in wire form, with CRLF, not yet dot-stuffed.

    Written by hand: the standard library decodes what looks encoded while it folds a header, so that a name like
    `=?utf-8?q?=0ABcc:...?=` becomes a header of its own. Here every header is printable ASCII or encoded by us.
    """
    subject = one_line(mail.subject)
    if not subject:
        raise UnsendableError("The subject is empty.")
    sender = envelope_address(mail.sender)
    unsubscribe = f"<{unsubscribe_url(mail.token)}>, <mailto:{sender}?subject=unsubscribe%20{mail.token}>"
    # Never part of a body: in quoted-printable an equals sign is followed by two hex digits or a line end.
    boundary = f"=_{hashlib.sha256(mail.message_id.encode()).hexdigest()[:32]}"
    head = (
        f"From: {formatted_sender(one_line(mail.sender_name), sender)}\r\n".encode("ascii"),
        _plain_header("To", envelope_address(mail.recipient)),
        f"Subject: {subject if _is_plain(subject) else _encoded(subject)}\r\n".encode("ascii"),
        _plain_header("Date", format_datetime(mail.sent_at)),
        _plain_header("Message-ID", mail.message_id),
        _plain_header("List-Unsubscribe", unsubscribe),
        _plain_header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        *_for_the_provider(server, mail.token),
        _plain_header("MIME-Version", "1.0"),
        _plain_header("Content-Type", f'multipart/alternative; boundary="{boundary}"'),
    )
    parts = (_part(boundary, "plain", _plain(mail)), _part(boundary, "html", _html(mail)))
    return b"".join((*head, b"\r\n", *parts, f"--{boundary}--\r\n".encode()))


def formatted_sender(name: str, address: str) -> str:
    if not name:
        return address
    if _is_plain(name):
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{quoted}" <{address}>'
    return f"{_encoded(name)} <{address}>"


def _is_plain(text: str) -> bool:
    """Readable as it is: what only looks encoded would be decoded by the reader, line ends and all."""
    return bool(PRINTABLE.fullmatch(text)) and "=?" not in text


def _encoded(text: str) -> str:
    """RFC 2047 words of at most 75 characters, none cut inside a letter, one on each line."""
    pieces, piece = [], ""
    for letter in text:
        if len((piece + letter).encode()) > ENCODED_BYTES:
            pieces.append(piece)
            piece = ""
        piece += letter
    return "\r\n ".join(
        f"=?utf-8?b?{base64.b64encode(each.encode()).decode()}?=" for each in (*pieces, piece)
    )


def _for_the_provider(server: str, token: str) -> tuple[bytes, ...]:
    header = token_header(server, token)
    return (_plain_header(*header),) if header else ()


def _plain_header(name: str, value: str) -> bytes:
    if not PRINTABLE.fullmatch(value):
        raise UnsendableError(f"The header {name} would not be plain text on one line.")
    return f"{name}: {value}\r\n".encode("ascii")


def _part(boundary: str, subtype: str, text: str) -> bytes:
    head = (
        f'--{boundary}\r\nContent-Type: text/{subtype}; charset="utf-8"\r\n'
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    )
    body = binascii.b2a_qp(text.encode(), istext=True).replace(b"\n", b"\r\n")
    return head.encode("ascii") + body


def _plain(mail: OutgoingMail) -> str:
    parts = [_lines(mail.body).strip("\n"), _lines(mail.signature).strip("\n")]
    footer = "\n".join(("-- ", *_footer_lines(mail), f"Unsubscribe: {unsubscribe_url(mail.token)}"))
    return "\n\n".join([part for part in parts if part] + [footer]) + "\n"


def _footer_lines(mail: OutgoingMail) -> tuple[str, ...]:
    lines = (one_line(mail.organisation), one_line(mail.postal_address))
    return tuple(line for line in lines if line)


def _lines(text: str) -> str:
    return _encodable(text).replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


def _html(mail: OutgoingMail) -> str:
    texts = [_lines(mail.body).strip("\n"), _lines(mail.signature).strip("\n")]
    paragraphs = [each for text in texts for each in PARAGRAPH.split(text) if each.strip()]
    body = "\n".join(f"<p>{_tracked(each, mail.token)}</p>" for each in paragraphs)
    footer = "<br>\n".join(
        (*map(html.escape, _footer_lines(mail)), f'<a href="{unsubscribe_url(mail.token)}">Unsubscribe</a>')
    )
    return (
        f'<!doctype html>\n<html><head><meta charset="utf-8"></head><body>\n{body}\n'
        f'<p style="color:#666;font-size:12px">{footer}</p>\n'
        # Nobody sees this link; who follows it is a machine that tries them all.
        f'<a href="{html.escape(trap_url(mail.token))}" style="display:none" tabindex="-1"></a>'
        f'<img src="{open_url(mail.token)}" width="1" height="1" alt="">\n</body></html>\n'
    )


def _tracked(paragraph: str, token: str) -> str:
    """Escaped text whose links go through us."""
    pieces, end = [], 0
    for link in LINK.finditer(paragraph):
        pieces.append(html.escape(paragraph[end : link.start()]))
        pieces.append(f'<a href="{html.escape(click_url(token, link[0]))}">{html.escape(link[0])}</a>')
        end = link.end()
    pieces.append(html.escape(paragraph[end:]))
    return "".join(pieces).replace("\n", "<br>\n")
