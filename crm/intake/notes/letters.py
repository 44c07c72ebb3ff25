"""A mail inside a note: who wrote it by its header and its signature, and what is left to read."""

import re
from dataclasses import dataclass, field

from crm.intake.notes.lexicon import BUSINESS, HONOURS, LEGAL, first_names
from crm.intake.notes.titles import is_role
from crm.intake.notes.values import EMAIL, PHONE
from crm.intake.text import fold

_HEADER = re.compile(
    r"^[*_ ]{0,3}(from|von|de|da|sent|gesendet|envoy[ée]|enviado|date|datum|fecha|to|an|[àa]|para|cc|bcc|kopie|subject|betreff|objet|asunto|reply-to)[*_ ]{0,3}:[*_ ]{0,3}(.{0,300})$",
    re.IGNORECASE,
)
_SENDERS = frozenset({"from", "von", "de", "da"})
_MARKED = re.compile(r"^(?:>\s?){1,9}")
_BREAK = re.compile(
    r"^(?:-{2,}\s*(?:original|forwarded|urspr|weitergel|message|mensaje).{0,60}|begin forwarded message:?|anfang der weitergel.{0,40}|_{5,80}|-{5,80})$",
    re.IGNORECASE,
)
_WROTE = re.compile(r"^(?:On|Am|Le|El)\s.{4,200}(?:wrote|schrieb.{0,80}|a écrit|escribió)\s?:$")
_GREETING = re.compile(
    r"^\s*(?:hi|hello|hey|hallo|dear|liebe[rs]?|sehr geehrte[rs]?|guten (?:tag|morgen)|bonjour|cher|chère|hola|estimad[oa]|buongiorno|ciao|moin|servus|grüezi)\b[^,.!:\n]{0,60}(?:[,!:]|$)",
    re.IGNORECASE,
)
_GOODBYE = re.compile(
    r"(?:(?:best|kind|warm|many)\s(?:regards|wishes)|regards|(?:many )?thanks(?: and regards)?|thank you|sincerely|cheers|all the best|best|mit (?:freundlichen|besten|herzlichen) gr[üu](?:ß|ss)en"
    r"|(?:viele|beste|liebe|freundliche|herzliche) gr[üu](?:ß|ss)e|mfg|lg|vg|cordialement|bien à vous|(?:bien |très )?cordialement|salutations|un saludo|saludos|atentamente|cordiali saluti)(?=\s*[,!.\n]|\s*$)",
    re.IGNORECASE,
)
_PART = re.compile(r"\s[|·•/–—-]\s|\s?\|\s?|,\s|;\s")
_NUMBER_MARK = re.compile(
    r"^(?:t|tel|m|mob|mobile|mobil|phone|ph|p|f|fax|direct|cell|fon|telefon|e|mail|email|e-mail|w|web|www)\b\.?:?\s",
    re.IGNORECASE,
)
LONGEST_SIGNATURE = 9


@dataclass(slots=True)
class Letter:
    """`body` is what is said; the sender is whom the header or the signature names."""

    body: str
    sender: dict[str, str] = field(default_factory=dict)
    company: str = ""


def opened(text: str) -> Letter:
    lines, sender = _without_headers(text)
    if sender:
        return _signed(lines, sender)
    return _signed_off(lines)


def _without_headers(text: str) -> tuple[list[str], dict[str, str]]:
    """Quoted lines are read only where they are what was forwarded."""
    raw = text.splitlines()
    is_forwarded = any(_MARKED.match(line) and _sender(_MARKED.sub("", line)) for line in raw)
    lines: list[str] = []
    sender: dict[str, str] = {}
    for each in raw:
        if _MARKED.match(each) and not is_forwarded:
            continue
        line = _MARKED.sub("", each).rstrip()
        if _WROTE.match(line) or _BREAK.match(line.strip()):
            continue
        header = _HEADER.match(line)
        if header is None:
            lines.append(line)
        elif not sender:
            sender = _sender(line)
            lines += [_beyond_address(line)] if sender else []
    return lines, sender


def _beyond_address(line: str) -> str:
    """Where somebody pasted header and words into one line."""
    rest = line[match.end() :] if (match := EMAIL.search(line)) else ""
    return rest.strip() if len(rest.split()) > 2 else ""


def _sender(line: str) -> dict[str, str]:
    header = _HEADER.match(line)
    if header is None or header[1].lower() not in _SENDERS:
        return {}
    address = EMAIL.search(header[2])
    name = header[2][: address.start()] if address else header[2]
    name = re.sub(r"\[.{0,80}|<.{0,80}|\(.{0,80}|[\"']", " ", name).strip(" ,;")
    if "," in name:
        last, _, first = name.partition(",")
        name = f"{first.strip()} {last.strip()}"
    name = " ".join(name.split())
    if not _is_name(name):
        return {}
    return {"name": name, **({"email": address[1]} if address else {})}


def _is_name(text: str) -> bool:
    words = text.split()
    plain = [fold(each).strip(".") for each in words]
    if not 1 <= len(words) <= 4 or set(plain) & BUSINESS or any(each.isdigit() for each in text):
        return False
    return all(each[0].isupper() for each in words) and (len(words) > 1 or plain[0] in first_names())


def _signed(lines: list[str], sender: dict[str, str]) -> Letter:
    """The lines below the last line that is the sender's name."""
    names = {fold(sender["name"]), fold(" ".join(reversed(sender["name"].split())))}
    for place in range(len(lines) - 1, -1, -1):
        line = _bare_name(lines[place])
        if fold(line) in names:
            return _letter(lines, place, place + 1, sender)
    return _signed_off(lines, sender)


def _bare_name(line: str) -> str:
    words = line.strip(" ,.*").split()
    while words and fold(words[0]).strip(".") in HONOURS:
        words.pop(0)
    return " ".join(words)


def _signed_off(lines: list[str], sender: dict[str, str] | None = None) -> Letter:
    """The lines, or the words of the same line, below the farewell."""
    for place, line in enumerate(lines):
        bye = _GOODBYE.search(line)
        if bye is None or (bye.start() and line[: bye.start()].rstrip()[-1:] not in ".!?,"):
            continue
        rest = line[bye.end() :].strip(" ,!.")
        lines[place] = line[: bye.start()]
        if rest:
            lines.insert(place + 1, rest)
        below = place + 1
        while below < len(lines) and not lines[below].strip():
            below += 1
        if below >= len(lines):
            return Letter(_body(lines), sender or {})
        name, _, more = lines[below].partition(",")
        name = _bare_name(name)
        if _is_name(name) and (sender or more or len(lines) > below + 1):
            lines[below] = more
            kept = sender if sender and " " not in name else sender or {"name": name}
            return _letter(lines, below, below, dict(kept))
    return Letter(_body(lines), sender or {})


def _letter(lines: list[str], name_at: int, begin: int, sender: dict[str, str]) -> Letter:
    end = begin
    while end < len(lines) and end - begin < LONGEST_SIGNATURE and len(lines[end]) < 100:
        end += 1
    company = _signature(lines[begin:end], sender)
    kept = lines[:name_at] + lines[end:]
    known = sender if " " in sender["name"] or company or sender.get("title") or sender.get("email") else {}
    return Letter(_body(kept), known, company)


def _signature(lines: list[str], sender: dict[str, str]) -> str:
    """The title, the number and the address go to the sender; the company is returned."""
    company = ""
    for line in lines:
        phone = PHONE.search(line)
        if phone and "phone" not in sender and not re.match(r"\s*f(?:ax)?\b", line, re.IGNORECASE):
            sender["phone"] = phone[0].strip()
        address = EMAIL.search(line)
        if address and "email" not in sender:
            sender["email"] = address[1]
        for part in _PART.split(EMAIL.sub(" ", PHONE.sub(" ", line))):
            words = part.strip(" ,.*|")
            if "title" not in sender and is_role(words):
                sender["title"] = words
            elif not company and _is_company(words, has_title="title" in sender):
                company = words
    return company


def _is_company(text: str, *, has_title: bool) -> bool:
    words = text.split()
    if not words or len(words) > 6 or _NUMBER_MARK.match(text) or is_role(text):
        return False
    if any(each.isdigit() for each in text) and not set(fold(text).split()) & LEGAL:
        return False
    if "www." in text or "://" in text or not words[0][0].isupper():
        return False
    is_business = bool({fold(each).strip(".") for each in words} & BUSINESS)
    return is_business or (
        has_title and all(each[0].isupper() or each in {"of", "and", "&", "de"} for each in words)
    )


def _body(lines: list[str]) -> str:
    return "\n".join(_GREETING.sub("", line) for line in lines)
