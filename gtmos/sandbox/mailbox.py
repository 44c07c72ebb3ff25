"""The files of the sandbox mailbox: one for each mail, and one line for each in an index that is only added to."""

import hashlib
import json
import os
import re
import secrets
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from email.header import decode_header, make_header
from pathlib import Path

from gtmos.sandbox.places import Places

HEADER = re.compile(rb"^(Message-ID|Subject):[ \t]*(.*(?:\r?\n[ \t].*)*)", re.IGNORECASE | re.MULTILINE)
LONGEST_HEAD = 32_768


@dataclass(frozen=True, slots=True)
class Entry:
    """One accepted mail. `at` is real time; the mail's own Date is business time."""

    id: str
    message_id: str
    sender: str
    recipient: str
    subject: str
    at: str
    size: int


class Mailbox:
    """Writes mails, and remembers which Message-IDs were accepted."""

    def __init__(self, places: Places) -> None:
        self.places = places
        places.directory.mkdir(parents=True, exist_ok=True)
        self._seen = {_short(entry.message_id) for entry in entries(places.index)}
        self._index = os.open(places.index, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._day = ""

    def keep(self, raw: bytes, sender: str, recipients: Sequence[str]) -> list[Entry]:
        """Accept a mail: when this returns it is on disk and in the index, once for each recipient."""
        return [self._keep_for(raw, sender, recipient) for recipient in recipients]

    def has(self, message_id: str) -> bool:
        return _short(message_id) in self._seen

    def close(self) -> None:
        os.close(self._index)

    def _keep_for(self, raw: bytes, sender: str, recipient: str) -> Entry:
        now = time.time()
        day = time.strftime("%Y%m%d", time.gmtime(now))
        mail_id = f"{day}-{int(now * 1000):013x}{secrets.token_hex(4)}"
        path = self.places.mail(mail_id)
        if day != self._day:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._day = day
        path.write_bytes(raw)
        headers = {
            name.lower(): value for name, value in HEADER.findall(raw[:LONGEST_HEAD].split(b"\r\n\r\n", 1)[0])
        }
        entry = Entry(
            id=mail_id,
            message_id=_text(headers.get(b"message-id", b"")).strip("<>"),
            sender=sender,
            recipient=recipient,
            subject=_words(headers.get(b"subject", b"")),
            at=datetime.fromtimestamp(now, tz=UTC).isoformat(timespec="milliseconds"),
            size=len(raw),
        )
        os.write(self._index, (json.dumps(asdict(entry), ensure_ascii=False) + "\n").encode())
        self._seen.add(_short(entry.message_id))
        return entry


def entries(index: Path) -> Iterator[Entry]:
    """From the oldest to the newest; a line that was cut off by a crash is passed over."""
    if not index.exists():
        return
    with index.open("rb") as lines:
        for line in lines:
            entry = parsed(line)
            if entry is not None:
                yield entry


def newest(index: Path, *, block: int = 65_536) -> Iterator[Entry]:
    """From the newest to the oldest, reading from the end, so that a page of a long list is quick."""
    if not index.exists():
        return
    with index.open("rb") as file:
        position, rest = file.seek(0, os.SEEK_END), b""
        while position > 0:
            size = min(block, position)
            position -= size
            file.seek(position)
            lines = (file.read(size) + rest).split(b"\n")
            rest = lines.pop(0)
            yield from (entry for line in reversed(lines) if (entry := parsed(line)))
        entry = parsed(rest)
        if entry is not None:
            yield entry


def parsed(line: bytes) -> Entry | None:
    try:
        return Entry(**json.loads(line)) if line.strip() else None
    except (ValueError, TypeError):
        return None


def _short(message_id: str) -> int:
    """Enough of a hash to tell a million mails apart, in the memory of a number."""
    return int.from_bytes(hashlib.blake2b(message_id.strip("<> ").encode(), digest_size=8).digest())


def _text(value: bytes) -> str:
    return " ".join(value.decode("utf-8", "replace").split())


def _words(value: bytes) -> str:
    try:
        return str(make_header(decode_header(_text(value))))
    except (LookupError, ValueError, UnicodeError):
        return _text(value)
