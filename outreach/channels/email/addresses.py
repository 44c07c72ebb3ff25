"""One spelling for every address that reaches the same person, and the hash it is remembered by."""

import hashlib
import hmac
import re
import unicodedata
from functools import lru_cache

from django.conf import settings

WRAPPED = re.compile(r"<([^<>]*)>\s*$")
DOTS_MEAN_NOTHING = frozenset({"gmail.com", "googlemail.com"})
# RFC 2606 and 6761: nobody lives there, so a real server is never bothered with them.
RESERVED = frozenset({"example", "test", "invalid", "localhost", "local"})
RESERVED_DOMAINS = frozenset({"example.com", "example.net", "example.org"})


def canonical(email: str) -> str:
    """Case, width, IDN, plus-tags and the dots of Gmail taken away. Never fails: odd input stays comparable."""
    address = unicodedata.normalize("NFKC", email).strip()
    wrapped = WRAPPED.search(address)
    address = (wrapped[1] if wrapped else address).strip().casefold().removeprefix("mailto:")
    local, at, host = address.rpartition("@")
    if not at:
        return address
    host = ascii_host(host.strip().strip("."))
    local = local.strip().strip('"')
    base = local.partition("+")[0] or local
    if host in DOTS_MEAN_NOTHING:
        base, host = base.replace(".", ""), "gmail.com"
    return f"{base}@{host}"


def ascii_host(host: str) -> str:
    """The name as the domain system knows it; unchanged when it is no name at all."""
    try:
        return host.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return host


def is_reserved(email: str) -> bool:
    host = canonical(email).rpartition("@")[2]
    labels = host.split(".")
    return labels[-1] in RESERVED or ".".join(labels[-2:]) in RESERVED_DOMAINS


def address_hmac(email: str) -> str:
    """What a refusal is stored under: it outlives the erasure of the person and tells nobody who it was."""
    return hmac.new(_key(settings.SECRET_KEY), canonical(email).encode(), hashlib.sha256).hexdigest()


@lru_cache(maxsize=4)
def _key(secret: str) -> bytes:
    return hmac.new(secret.encode(), b"outreach.channel-address", hashlib.sha256).digest()
