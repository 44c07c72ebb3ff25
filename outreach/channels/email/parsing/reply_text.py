"""Cuts a reply down to what its sender newly wrote: without the quoted mail, signature and device lines."""

import re

from outreach.channels.email.parsing.html_text import html_to_text
from outreach.channels.email.parsing.quote_headers import SEPARATOR, header_length, starts_like_quote

MAX_LINES = 2_000
MAX_CHARS = 100_000
MAX_SIGNATURE_LINES = 20
MAX_MARKS = 100
MANY_LINES_OF_TEXT = 7

INVISIBLE = re.compile("[\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad]")
USENET_SIGNATURE = re.compile(r"^\s{0,3}(?:--|–|—|__)\s{0,2}$")
DELIMITER = re.compile(r"^\s{0,20}[-_=+~#*ᐧ•—–]{1,200}\s{0,20}$")
DEVICES = r"(?:iphone|ipad|ipod|phone|mobile|mobil|handy|smartphone|tablet|android|samsung|galaxy|htc|blackberry|windows|outlook|nokia|huawei|xiaomi|pixel|yahoo|mail|cell|airmail|mailbox|sparrow|device|telefon|téléphone|telefoon|teléfono|cellulare|móvil|celular|ti-85|alcatel|proton|gmx|web\.de|thunderbird|spark|sony|lg|motorola|wireless)"
SENT_FROM = re.compile(
    rf"^\W{{0,3}}(?:(?:sent|sendt|skickat|verzonden|verstuurd|gesendet|envoyé|enviado|inviato|wysłane|отправлено|odesláno|lähetetty)\b.{{0,80}}{DEVICES}.{{0,120}}|(?:von|diese nachricht wurde von) meinem .{{0,80}}gesendet.{{0,20}}"
    rf"|(?:someone )?from (?:my )?{DEVICES}.{{0,40}}|get \[?outlook for .{{0,120}}|(?:télécharger|obtener|holen sie sich|scarica|download) outlook .{{0,80}}|.{{0,4}}從我的.{{0,40}}|.{{0,4}}从我的.{{0,40}}|iphoneから送信.{{0,10}}|나의 .{{0,20}}에서 보냄)$",
    re.IGNORECASE,
)
DISCLAIMER = re.compile(
    r"^\W{0,6}(?:(?:confidentiality|legal|privacy) (?:notice|disclaimer|statement)|disclaimer\b|this (?:e-?mail|message|communication)(?: message)?(?:,| and| may| is| contains|, including)[^.]{0,120}(?:confidential|intended|privileged)|diese e-mail (?:enthält|kann|ist)[^.]{0,80}vertraulich|ce (?:message|courriel|mail)[^.]{0,120}confidentiel"
    r"|este (?:mensaje|correo)[^.]{0,120}confidencial|esta mensagem[^.]{0,120}confidencia|questo (?:messaggio|e-?mail)[^.]{0,120}(?:riservat|confidenzial)|dit (?:bericht|e-?mail)[^.]{0,120}vertrouwelijk|please consider the environment|p please consider)",
    re.IGNORECASE,
)


def reply_text(text: str) -> str:
    """The newly written words of a plain-text mail."""
    lines = clean_lines(text)
    lines = strip_signature(lines)
    lines = without_quoted_mail(lines)
    lines = strip_trailing_quote(strip_signature(strip_trailing_quote(lines)))
    return "\n".join(lines).strip("\n ").strip()


def html_reply_text(source: str) -> str:
    """The newly written words of an HTML mail."""
    return reply_text(html_to_text(source))


def clean_lines(text: str) -> list[str]:
    text = (
        INVISIBLE.sub("", text[:MAX_CHARS])
        .replace("\r\n", "\n")
        .replace("\r", "\n")
        .replace("\u00a0", " ")
        .replace("\u202f", " ")
    )
    return [line.rstrip() for line in text.split("\n")[:MAX_LINES]]


def without_quoted_mail(lines: list[str]) -> list[str]:
    headers = quote_headers_in(lines)
    if not headers:
        return strip_leading_quote(lines)
    start, length = headers[0]
    before = lines[:start]
    if any(has_words(line) and not starts_like_quote(line) for line in before):
        if answers_inline(lines[start + length :]):
            return drop_headers(lines, headers)
        return before
    if SEPARATOR.match(lines[start].strip()) or (length > 2 and ":" in lines[start][:20]):
        return []
    return strip_leading_quote(drop_headers(lines, headers))


def quote_headers_in(lines: list[str]) -> list[tuple[int, int]]:
    """Place and length of every introduction; those inside quoted lines count only when nothing precedes."""
    found: list[tuple[int, int]] = []
    place = 0
    while place < len(lines):
        length = header_length(lines, place)
        quoted = lines[place].lstrip().startswith(">")
        if length and not (quoted and found):
            found.append((place, length))
            place += length
        else:
            place += 1
    return found


def drop_headers(lines: list[str], headers: list[tuple[int, int]]) -> list[str]:
    dropped = {place + offset for place, length in headers for offset in range(length)}
    return [line for place, line in enumerate(lines) if place not in dropped]


def answers_inline(rest: list[str]) -> bool:
    """New words stand between or below marked quotes: several groups of them, or one that is no mere signature."""
    first = next((line for line in rest if line.strip()), "")
    if not starts_like_quote(first):
        return False
    groups, size, longest, inside = 0, 0, 0, False
    for line in rest:
        if starts_like_quote(line):
            inside, size = False, 0
        elif has_words(line):
            groups += not inside
            inside, size = True, size + 1
            longest = max(longest, size)
    return groups >= 2 or longest >= MANY_LINES_OF_TEXT


def strip_leading_quote(lines: list[str]) -> list[str]:
    """Quoted lines on top go when words of the sender follow them."""
    start = 0
    while start < len(lines) and (not lines[start].strip() or lines[start].lstrip().startswith(">")):
        start += 1
    return lines[start:]


def strip_trailing_quote(lines: list[str]) -> list[str]:
    end = len(lines)
    while end > 0 and (not has_words(lines[end - 1]) or starts_like_quote(lines[end - 1])):
        end -= 1
    return lines[:end]


def strip_signature(lines: list[str]) -> list[str]:
    """Drops device lines and disclaimers, and everything below a signature mark near the end."""
    first = next((place for place, line in enumerate(lines) if has_words(line)), len(lines))
    marks = [place for place in range(first + 1, len(lines)) if is_signature_mark(lines[place])]
    if not marks:
        return strip_device_lines(lines)
    starts = {place for place, _length in quote_headers_in(lines)}
    for place in marks[:MAX_MARKS]:
        end = next((start for start in range(place + 1, len(lines)) if start in starts), len(lines))
        usenet = bool(USENET_SIGNATURE.match(lines[place]))
        if is_signature(lines[place + 1 : end], usenet=usenet):
            # A quoted mail may follow: keep it, so that the cut is made at its introduction.
            return strip_device_lines(lines[:place]) + lines[end:]
    return strip_device_lines(lines)


def is_signature_mark(line: str) -> bool:
    return bool(DELIMITER.match(line[:250]) or DISCLAIMER.match(line[:400]))


def is_signature(rest: list[str], *, usenet: bool) -> bool:
    """Below a signature mark stand a few lines and nothing quoted."""
    words = sum(has_words(line) for line in rest)
    if any(starts_like_quote(line) for line in rest):
        return False
    return words <= (MAX_SIGNATURE_LINES if usenet else MAX_SIGNATURE_LINES // 2)


def strip_device_lines(lines: list[str]) -> list[str]:
    end = len(lines)
    while end > 0 and (not has_words(lines[end - 1]) or SENT_FROM.match(lines[end - 1].strip()[:250])):
        end -= 1
    return lines[:end] if any(has_words(line) for line in lines[:end]) else lines


def has_words(line: str) -> bool:
    return any(letter.isalnum() for letter in line)
