"""Keys by which two rows are known to be the same company or person."""

import re
import unicodedata
from functools import lru_cache
from urllib.parse import unquote

from crm.intake.faults import BadCellError, shown
from crm.intake.text import fold

_SCHEME = re.compile(r"^(?:[a-z][a-z0-9+.-]*:)?//", re.IGNORECASE)
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_EMAIL = re.compile(
    r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]+@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]"
)
_WRAPPED = re.compile(r".*<([^<>]+)>\s*$", re.DOTALL)
_SEVERAL = re.compile(r"[,;|\s]+")
_ASIDE = re.compile(
    r"[(\[](?:formerly|fka|f/k/a|previously|prev\.?|aka|a/k/a|now|dba|d/b/a|ehemals|antes|yc)\b[^)\]]*[)\]]",
    re.IGNORECASE,
)
_DROPPED = re.compile(r"['’.ʼ\"]")
_GAPS = re.compile(r"[^\w+=@#]+|_")
_LEGAL = frozenset(
    [
        "inc",
        "incorporated",
        "llc",
        "llp",
        "lp",
        "ltd",
        "limited",
        "limitada",
        "ltda",
        "co",
        "company",
        "corp",
        "corporation",
        "plc",
        "gmbh",
        "mbh",
        "ag",
        "kg",
        "kgaa",
        "se",
        "sa",
        "sas",
        "sarl",
        "srl",
        "spa",
        "sapi",
        "bv",
        "nv",
        "ab",
        "as",
        "asa",
        "oy",
        "oyj",
        "aps",
        "pty",
        "pte",
        "pvt",
        "private",
        "sdn",
        "bhd",
        "berhad",
        "kk",
        "kaisha",
        "kabushiki",
        "ug",
        "ohg",
        "eirl",
        "sl",
        "slu",
        "sro",
        "doo",
        "zrt",
        "kft",
        "pjsc",
        "ooo",
        "tbk",
        "pt",
        "cv",
    ]
)
_SHARED_HOSTS = frozenset(
    [
        "linkedin.com",
        "facebook.com",
        "twitter.com",
        "x.com",
        "instagram.com",
        "youtube.com",
        "medium.com",
        "github.com",
        "crunchbase.com",
        "apps.apple.com",
        "itunes.apple.com",
        "play.google.com",
        "sites.google.com",
        "notion.site",
        "notion.so",
        "linktr.ee",
        "ycombinator.com",
        "angel.co",
        "producthunt.com",
        "bit.ly",
        "wikipedia.org",
        "en.wikipedia.org",
    ]
)
_PROFILE = re.compile(r"/(?:in|pub)/([^/?#\s]+)", re.IGNORECASE)
_BARE_PROFILE = re.compile(r"[\w\-%.]{3,100}")


@lru_cache(maxsize=65536)
def domain_key(text: str) -> str:
    """The registered host of an address as people write it, or "" when there is none."""
    several = _SEVERAL.split(text.strip(), maxsplit=1)
    bare = _SCHEME.sub("", several[0])
    host, path = _split_host(bare)
    host = _ascii_host(host)
    while host.startswith("www.") and host.count(".") > 1:
        host = host[4:]
    labels = host.split(".")
    if len(labels) < 2 or labels[-1].isdigit() or len(host) > 253:
        return ""
    if not all(_LABEL.fullmatch(label) for label in labels):
        return ""
    return "" if path and host in _SHARED_HOSTS else host


def _split_host(bare: str) -> tuple[str, str]:
    head = re.split(r"[/?#\\]", bare, maxsplit=1)
    host = head[0].rsplit("@", 1)[-1]
    path = head[1] if len(head) > 1 else ""
    return re.sub(r":\d*$", "", host).strip().strip("."), path


def _ascii_host(host: str) -> str:
    if host.isascii():
        return host.lower()
    try:
        return host.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return ""


@lru_cache(maxsize=65536)
def name_key(name: str) -> str:
    """The name without case, accents, punctuation, legal form and "(formerly …)"."""
    folded = fold(unicodedata.normalize("NFKC", name))
    plain = _DROPPED.sub("", _ASIDE.sub(" ", folded)).replace("&", " and ")
    tokens = _GAPS.sub(" ", plain).split()
    if len(tokens) > 1 and tokens[0] == "the":
        tokens = tokens[1:]
    return " ".join(_without_legal_form(tokens)) or " ".join(folded.split())


def _without_legal_form(tokens: list[str]) -> list[str]:
    kept = list(tokens)
    while len(kept) > 1 and kept[-1] in _LEGAL:
        kept.pop()
        if len(kept) > 1 and kept[-1] in {"and", "de"}:
            kept.pop()
    return kept


def email_key(text: str) -> str:
    """The address in one spelling. Raises `BadCellError` with the reason when it is none."""
    lowered = text.lower()
    if _EMAIL.fullmatch(lowered) and len(lowered) <= 254:
        return lowered
    return _email_key_slowly(text)


def _email_key_slowly(text: str) -> str:
    address = unicodedata.normalize("NFKC", text).strip().strip("'").casefold()
    wrapped = _WRAPPED.match(address)
    address = (wrapped.group(1) if wrapped else address).removeprefix("mailto:").strip().rstrip(".")
    local, at, host = address.rpartition("@")
    if not at:
        raise BadCellError(f"{shown(text)} is not an e-mail address: the @ is missing.")
    address = f"{local}@{_ascii_host(host)}"
    valid = (
        _EMAIL.fullmatch(address)
        if address.isascii()
        else local and _EMAIL.fullmatch("a" + address[len(local) :])
    )
    if not valid or len(address) > 320 or re.search(r"[\s,;<>@]", local):
        raise BadCellError(f"{shown(text)} is not an e-mail address.")
    return address


def email_keys(cell: str) -> tuple[str, ...]:
    """Every address of a cell, the first one first. One that is no address spoils the cell only when it leads."""
    try:
        return (email_key(cell),)
    except BadCellError:
        parts = [part for part in _SEVERAL.split(cell.strip()) if part]
        if len(parts) < 2:
            raise
    keys = [email_key(parts[0])]
    for part in parts[1:]:
        if "@" in part:
            keys.append(email_key(part))
    return tuple(dict.fromkeys(keys))


def linkedin_key(text: str) -> str:
    """`in/slug` whatever the country, scheme or trailing parts of the address."""
    match = _PROFILE.search(text)
    if match:
        return "in/" + unicodedata.normalize("NFC", unquote(match.group(1))).casefold()
    bare = text.strip()
    if _BARE_PROFILE.fullmatch(bare) and "." not in bare:
        return "in/" + unicodedata.normalize("NFC", unquote(bare)).casefold()
    return ""
