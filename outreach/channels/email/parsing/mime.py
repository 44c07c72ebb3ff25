"""Reads RFC 5322 mail without ever raising: broken, huge and hostile mails come out as best-effort text.

The parser of the standard library recurses once per nesting level and trusts boundaries; this one is
iterative in size, bounded in depth and number of parts, and keeps what it cannot understand as text.
"""

import base64
import binascii
import codecs
import quopri
import re
from dataclasses import dataclass, field
from datetime import date, datetime
from email.utils import getaddresses, parsedate_to_datetime

MAX_BYTES = 4_000_000
MAX_HEADER_BYTES = 256_000
MAX_HEADERS = 1_000
MAX_VALUE = 20_000
MAX_DEPTH = 12
MAX_PARTS = 200
MAX_TEXT = 400_000

HEADER_LINE = re.compile(rb"([!-9;-~]{1,100})[ \t]{0,20}:[ \t]?(.*)")
ENCODED_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?\r\n]{0,4000})\?=")
BETWEEN_WORDS = re.compile(r"(\?=)[ \t\r\n]{1,50}(?==\?)")
PARAMETER = re.compile(r';\s{0,20}([A-Za-z0-9_*-]{1,40})\s{0,20}=\s{0,20}("[^"]{0,1000}"|[^\s;"]{1,1000})')
ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,128}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,10}"
)
MESSAGE_ID = re.compile(r"<[^<>\s]{1,500}>")
# Codecs that are no character sets, or that are slow or warn on foreign bytes.
REFUSED_CODECS = {"punycode", "idna", "unicode-escape", "raw-unicode-escape", "undefined", "utf-7"}
CODEC_ALIASES = {
    "cp-850": "cp850",
    "unicode-1-1-utf-7": "utf-7",
    "x-sjis": "shift_jis",
    "ks_c_5601-1987": "cp949",
}


@dataclass(frozen=True)
class Headers:
    fields: tuple[tuple[str, str], ...] = ()

    def get(self, name: str) -> str:
        return next(iter(self.all(name)), "")

    def all(self, name: str) -> list[str]:
        wanted = name.lower()
        return [value for key, value in self.fields if key == wanted]

    def has(self, name: str) -> bool:
        return bool(self.all(name))


@dataclass(frozen=True)
class Part:
    content_type: str
    text: str
    headers: Headers
    depth: int = 0
    attachment: bool = False


@dataclass
class Mail:
    headers: Headers
    content_type: str
    report_type: str
    parts: list[Part] = field(default_factory=list)

    def of_type(self, *content_types: str) -> list[Part]:
        return [part for part in self.parts if part.content_type in content_types]

    @property
    def sender(self) -> str:
        return first_address(self.headers.get("from"))

    @property
    def subject(self) -> str:
        return self.headers.get("subject")

    @property
    def sent_on(self) -> date | None:
        moment = parse_date(self.headers.get("date"))
        return moment.date() if moment else None


def parse_mail(raw: bytes) -> Mail:
    raw = skip_envelope_line(raw[:MAX_BYTES].replace(b"\r\n", b"\n").replace(b"\r", b"\n"))
    headers, body = split_headers(raw)
    content_type, parameters = content_type_of(headers)
    mail = Mail(headers, content_type, parameters.get("report-type", "").lower())
    collect_parts(mail.parts, headers, body, depth=0)
    return mail


def skip_envelope_line(raw: bytes) -> bytes:
    raw = raw.lstrip(b"\n\x00 \t\xef\xbb\xbf")
    if raw.startswith((b"From ", b">From ")):
        return raw[raw.find(b"\n") + 1 :]
    return raw


def split_headers(raw: bytes) -> tuple[Headers, bytes]:
    """Header fields up to the first line that is neither field nor continuation, and the rest."""
    fields: list[tuple[str, bytes]] = []
    position = 0
    while position < min(len(raw), MAX_HEADER_BYTES) and len(fields) < MAX_HEADERS:
        end = raw.find(b"\n", position)
        end = len(raw) if end < 0 else end
        line = raw[position:end]
        if not line.strip(b" \t\x00"):
            return decoded_headers(fields), raw[end + 1 :]
        match = HEADER_LINE.match(line)
        if line[:1] in b" \t" and fields:
            add_continuation(fields, line)
        elif match:
            fields.append((match[1].decode("ascii").lower(), match[2][:MAX_VALUE]))
        elif fields and line.startswith(b">From "):
            pass
        else:
            return decoded_headers(fields), raw[position:]
        position = end + 1
    return decoded_headers(fields), raw[position:]


def add_continuation(fields: list[tuple[str, bytes]], line: bytes) -> None:
    name, value = fields[-1]
    if len(value) < MAX_VALUE:
        fields[-1] = (name, value + b" " + line.strip()[:MAX_VALUE])


def decoded_headers(fields: list[tuple[str, bytes]]) -> Headers:
    return Headers(tuple((name, decode_header(decode_bytes(value, "").strip())) for name, value in fields))


def decode_header(value: str) -> str:
    value = value.replace("\x00", "")
    if "=?" not in value:
        return value
    return ENCODED_WORD.sub(decode_word, BETWEEN_WORDS.sub(r"\1", value))


def decode_word(match: re.Match[str]) -> str:
    charset, encoding, text = match[1].split("*")[0], match[2].lower(), match[3]
    if encoding == "b":
        return decode_bytes(decode_base64(text.encode("utf-8", "replace")), charset)
    return decode_bytes(quopri.decodestring(text.encode("utf-8", "replace"), header=True), charset)


def content_type_of(headers: Headers) -> tuple[str, dict[str, str]]:
    value = headers.get("content-type")
    kind = re.split(r"[;\s]", value.strip(), maxsplit=1)[0].lower() if value else "text/plain"
    found = PARAMETER.findall(value if ";" in value else value.replace(" ", "; ", 1))
    parameters = {name.lower(): text.strip('"') for name, text in found}
    return (kind if "/" in kind else "text/plain"), parameters


def collect_parts(parts: list[Part], headers: Headers, body: bytes, depth: int) -> None:
    content_type, parameters = content_type_of(headers)
    if len(parts) >= MAX_PARTS:
        return
    boundary = parameters.get("boundary", "")
    if content_type.startswith("multipart/") and boundary and depth < MAX_DEPTH:
        sections = split_multipart(body, boundary)
        for section in sections:
            inner_headers, inner_body = split_headers(section)
            collect_parts(parts, inner_headers, inner_body, depth + 1)
        if sections:
            return
    text = decode_body(headers, body, content_type, parameters)
    disposition = headers.get("content-disposition").lower().startswith("attachment")
    parts.append(Part(content_type, text, headers, depth, disposition))


def split_multipart(body: bytes, boundary: str) -> list[bytes]:
    """Sections between the boundary lines; what stands before the first one is kept when it says something."""
    marker = b"--" + boundary.encode("utf-8", "replace").rstrip()
    sections = []
    starts = [match.start() for match in re.finditer(b"(?m)^" + re.escape(marker), body)][: MAX_PARTS + 1]
    for number, start in enumerate(starts):
        line_end = body.find(b"\n", start)
        closing = body[start + len(marker) : start + len(marker) + 2] == b"--"
        if line_end < 0 or closing:
            continue
        sections.append(body[line_end + 1 : starts[number + 1] if number + 1 < len(starts) else len(body)])
    return sections


def decode_body(headers: Headers, body: bytes, content_type: str, parameters: dict[str, str]) -> str:
    if not content_type.startswith(("text/", "message/", "multipart/")):
        return ""
    encoding = headers.get("content-transfer-encoding").strip().lower()
    if encoding == "base64":
        body = decode_base64(body)
    elif encoding == "quoted-printable":
        body = quopri.decodestring(body)
    text = decode_bytes(body[:MAX_TEXT], parameters.get("charset", ""))
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")


def decode_base64(data: bytes) -> bytes:
    letters = re.sub(rb"[^A-Za-z0-9+/]", b"", data.split(b"=", 1)[0] if data.count(b"=") > 2 else data)
    letters = letters[: len(letters) - (len(letters) % 4 == 1)]
    try:
        return base64.b64decode(letters + b"=" * (-len(letters) % 4))
    except binascii.Error:
        return data


def decode_bytes(data: bytes, charset: str) -> str:
    """Text of the bytes: the named character set, else UTF-8, else Latin-1; never an error."""
    for name in (codec_name(charset), "utf-8"):
        if name:
            try:
                return data.decode(name)
            except (UnicodeError, LookupError, ValueError):
                continue
    name = codec_name(charset)
    if name and name not in {"ascii", "utf-8"}:
        return data.decode(name, "replace")
    return data.decode("cp1252", "replace")


def codec_name(charset: str) -> str:
    """The codec for a character set, or an empty string when there is none that decodes text safely."""
    charset = charset.strip().strip("'\"").lower()
    if not charset:
        return ""
    try:
        name = codecs.lookup(CODEC_ALIASES.get(charset, charset)).name
        # Codecs like rot13 or hex are found by name, but refuse to make text.
        b"a".decode(name)
    except (LookupError, ValueError):
        return ""
    return "" if name in REFUSED_CODECS else name


def first_address(value: str) -> str:
    match = ADDRESS.search(value.replace("\x00", ""))
    return match[0].lower() if match else ""


def addresses_in(text: str) -> list[str]:
    return [match.strip(".'") for match in ADDRESS.findall(text)]


def header_addresses(headers: Headers, *names: str) -> list[str]:
    values = [value[:MAX_VALUE] for name in names for value in headers.all(name)]
    return [address.lower() for _name, address in getaddresses(values) if "@" in address]


def message_ids(value: str) -> tuple[str, ...]:
    return tuple(MESSAGE_ID.findall(value))


def parse_date(value: str) -> datetime | None:
    try:
        return parsedate_to_datetime(value[:200]) if value else None
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
