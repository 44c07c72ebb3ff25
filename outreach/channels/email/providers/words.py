"""What providers say beside the common vocabulary: whether a refusal is for good, and whether a machine has looked."""

from collections.abc import Iterator, Mapping
from typing import Any

from outreach.channels.email.parsing.reasons import HARD, Evidence, reason_of
from outreach.enums import ProviderFact

# The places in which a provider says what kind of refusal it was.
PLACES = (
    ("Type",),
    ("bounce", "bounceType"),
    ("data", "bounce", "type"),
    ("type",),
    ("event",),
)
FOR_GOOD = frozenset(
    {"hardbounce", "bademailaddress", "permanent", "activity.hard_bounced", "hard_bounce", "invalid_email"}
)
FOR_NOW = frozenset(
    {
        "softbounce",
        "transient",
        "undetermined",
        "temporary",
        "activity.soft_bounced",
        "soft_bounce",
        "blocked",
    }
    | {"virusnotification", "dnserror"}
)
MACHINES = (
    (("sg_machine_open",), "SendGrid says a machine opened it"),
    (("event-data", "client-info", "bot"), "Mailgun says a machine looked at it"),
    (("is_prefetched",), "SparkPost says it was fetched ahead"),
)
PROXIES = frozenset({"proxy_open", "unique_proxy_open"})


# Mailgun calls every refusal permanent that it does not try again, also when it gave up or the text was not liked.
MAILGUN = ("event-data", "reason")
UNTOLD = frozenset({"", "undefined", "onhold"})
# What a provider refuses to send because of what the person did before.
SAID_NO = {
    "spam": ProviderFact.COMPLAINED,
    "spam reporting address": ProviderFact.COMPLAINED,
    "suppress-complaint": ProviderFact.COMPLAINED,
    "unsubscribed": ProviderFact.UNSUBSCRIBED,
    "suppress-unsubscribe": ProviderFact.UNSUBSCRIBED,
}
# SparkPost's "spam" is what a receiving server thought of the text.
SPAM_IS_A_BLOCK = frozenset({"sparkpost"})
OF_THE_ADDRESS = frozenset({"invalid", "bounced"})


def refused_as(key: str, reason: str, raw: object) -> ProviderFact:
    """What it means that a provider did not send: the person said no, the address is bad, or it is our own affair."""
    own = _at(raw, MAILGUN) or _at(raw, ("reason",))
    for word in (reason, own.lower() if isinstance(own, str) else ""):
        if word in SAID_NO and not (word == "spam" and key in SPAM_IS_A_BLOCK):
            return SAID_NO[word]
    return ProviderFact.BOUNCED if reason in OF_THE_ADDRESS else ProviderFact.FAILED


def bounced_as(raw: object) -> ProviderFact:
    """Mailgun tells in one word of bounces and of people on its list of those who said no."""
    return SAID_NO.get(str(_at(raw, MAILGUN)), ProviderFact.BOUNCED)


def is_for_good(raw: object, *, answer: str, is_invalid: bool) -> bool:
    """The provider's own word first, then what the receiving server answered. In doubt it is for now."""
    if is_invalid:
        return True
    reason = reason_of(Evidence(text=answer)) if answer else ""
    if _at(raw, MAILGUN) is not None:
        own = _at(raw, MAILGUN)
        return own == "suppress-bounce" or reason in HARD or (own == "bounce" and reason in UNTOLD)
    for word in _words(raw):
        if word in FOR_GOOD:
            return True
        if word in FOR_NOW:
            return False
    if isinstance(raw, Mapping) and raw.get("hard_bounce") is True:
        return True
    return "hard bounce" in answer or reason in HARD


def machine_word(raw: object) -> str:
    """Why the provider takes an open or click for a machine's; empty when it does not say so."""
    for path, reason in MACHINES:
        if _at(raw, path) not in (None, False, "", 0):
            return reason
    return "Brevo says a proxy fetched it" if _at(raw, ("event",)) in PROXIES else ""


def _words(raw: object) -> Iterator[str]:
    for path in PLACES:
        word = _at(raw, path)
        if isinstance(word, str):
            yield word.lower()


def _at(raw: object, path: tuple[str, ...]) -> Any:
    for name in path:
        raw = raw.get(name) if isinstance(raw, Mapping) else None
    return raw
