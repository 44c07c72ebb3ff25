"""DKIM: whether the public key that receivers check our signature with is there and can be used."""

import base64
import binascii

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from outreach.governor.verdicts import FAIL, PASS, WARN, Check, Names

KEY, LABEL = "dkim", "DKIM"
SHORTEST_BITS, GOOD_BITS = 1024, 2048
ED25519_BYTES = 32


def tags_of(record: str) -> dict[str, str]:
    """`v=DKIM1; k=rsa; p=…` as names and values; the first of two with one name counts."""
    tags: dict[str, str] = {}
    for part in record.split(";"):
        name, equals, value = part.partition("=")
        if equals:
            tags.setdefault(name.strip().lower(), "".join(value.split()))
    return tags


def dkim(domain: str, selector: str, names: Names) -> Check:
    if not selector:
        return Check(
            KEY,
            LABEL,
            WARN,
            "Nobody told us under which name the key is published, so the signature was not checked.",
            todo="Write the selector at the desk; your mail provider shows it beside the DKIM record.",
        )
    place = f"{selector}._domainkey.{domain}"
    keys = [text for text in names.texts(place) if "p" in tags_of(text)]
    if not keys:
        return _failed(
            f"There is no key at {place}, so no receiver can check our signature.",
            "Publish the record that your mail provider shows for DKIM.",
        )
    if len(keys) > 1:
        return _failed(
            f"There are {len(keys)} keys at {place}; which one counts is left to chance.",
            "Delete all but the newest.",
            "\n".join(keys),
        )
    return _judged(keys[0])


def _judged(record: str) -> Check:
    tags = tags_of(record)
    if not tags["p"]:
        return _failed("The key was revoked: its record is there and empty.", "Publish the new key.", record)
    try:
        raw = base64.b64decode(tags["p"], validate=True)
        bits = _bits(raw, tags.get("k", "rsa"))
    except (binascii.Error, ValueError, UnsupportedAlgorithm):
        return _failed(
            "The key cannot be read; most often a part was lost when it was pasted.",
            "Copy the record from your mail provider again, in one piece.",
            record,
        )
    if bits < SHORTEST_BITS:
        return _failed(f"The key has {bits} bits, which receivers ignore.", "Ask for 2048 bits.", record)
    if "y" in tags.get("t", "").split(":"):
        return _warned("The key says that it is only a test.", "Take t=y out of the record.", record)
    if bits < GOOD_BITS:
        return _warned(f"The key has only {bits} bits.", "Ask your mail provider for 2048 bits.", record)
    return Check(KEY, LABEL, PASS, "The key is there and can be read.", record)


def _bits(raw: bytes, kind: str) -> int:
    """The strength on the scale of RSA; an Ed25519 key is as good as a long one."""
    if kind == "ed25519":
        if len(raw) != ED25519_BYTES:
            raise ValueError("an Ed25519 key has 32 bytes")
        return GOOD_BITS
    key = load_der_public_key(raw)
    if kind != "rsa" or not isinstance(key, RSAPublicKey):
        raise ValueError("not the kind of key that the record says")
    return key.key_size


def _failed(said: str, todo: str, seen: str = "") -> Check:
    return Check(KEY, LABEL, FAIL, said, seen, todo)


def _warned(said: str, todo: str, seen: str) -> Check:
    return Check(KEY, LABEL, WARN, said, seen, todo)
