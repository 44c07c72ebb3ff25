"""What providers say beside the common vocabulary: whether a refusal is for good, and whether a machine has looked."""

from collections.abc import Iterator, Mapping
from typing import Any

from outreach.channels.email.parsing.reasons import HARD, Evidence, reason_of

# The places in which a provider says what kind of refusal it was.
PLACES = (
    ("Type",),
    ("bounce", "bounceType"),
    ("data", "bounce", "type"),
    ("event-data", "severity"),
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


def is_for_good(raw: object, *, answer: str, is_invalid: bool) -> bool:
    """The provider's own word first, then what the receiving server answered. In doubt it is for now."""
    if is_invalid:
        return True
    for word in _words(raw):
        if word in FOR_GOOD:
            return True
        if word in FOR_NOW:
            return False
    if isinstance(raw, Mapping) and raw.get("hard_bounce") is True:
        return True
    return "hard bounce" in answer or bool(answer and reason_of(Evidence(text=answer)) in HARD)


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
