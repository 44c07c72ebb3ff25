"""A provider's post in our own words. Pure but for anymail's parsers: the same post gives the same facts."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

from anymail.exceptions import AnymailConfigurationError
from django.core.handlers.wsgi import WSGIRequest
from django.http import QueryDict

from outreach.channels.email.providers.checking import UNREADABLE
from outreach.channels.email.providers.doors import UnansweredQuestionError
from outreach.channels.email.providers.registry import INBOUND, Provider
from outreach.channels.email.providers.words import bounced_as, is_for_good, machine_word, refused_as
from outreach.enums import ProviderFact

KINDS = {
    "queued": ProviderFact.TAKEN,
    "sent": ProviderFact.TAKEN,
    "deferred": ProviderFact.DEFERRED,
    "delivered": ProviderFact.DELIVERED,
    "opened": ProviderFact.OPENED,
    "clicked": ProviderFact.CLICKED,
    "failed": ProviderFact.FAILED,
    "complained": ProviderFact.COMPLAINED,
    "unsubscribed": ProviderFact.UNSUBSCRIBED,
    "inbound": ProviderFact.MAIL,
}
MOST_NAMES = 10
SIGNS_A_TOKEN_ONLY = frozenset({"mailgun"})


class UnreadablePostError(ValueError):
    """The provider sent it, but it cannot be understood; the text is a sentence for a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One fact that a provider told. `names` are Message-IDs, ours or the provider's; `token` is ours."""

    key: str
    kind: ProviderFact
    happened_at: datetime | None = None
    recipient: str = ""
    names: tuple[str, ...] = ()
    token: str = ""
    detail: str = ""
    is_hard: bool = False
    machine: str = ""
    url: str = ""
    user_agent: str = ""
    mail: bytes = b""
    sender: str = ""
    recipients: tuple[str, ...] = ()


def read(provider: Provider, kind: str, body: bytes, *, content_type: str, post_id: str = "") -> list[Told]:
    """Every fact in a post that was checked when it came. `post_id` is the name that stood in its headers."""
    request = _request(body, content_type, post_id)
    try:
        events = provider.view(kind).parse_events(request)
        return [_told(provider, event, body) for event in events]
    except AnymailConfigurationError as error:
        other = "the address for events" if kind == INBOUND else "the address for mail that comes in"
        raise UnreadablePostError(f"This belongs to {other}. Correct it at {provider.title}.") from error
    except UnansweredQuestionError as error:
        raise UnreadablePostError(str(error)) from error
    except UNREADABLE as error:
        raise UnreadablePostError(f"{type(error).__name__}: {error}"[:300]) from error


def _request(body: bytes, content_type: str, post_id: str) -> WSGIRequest:
    """The parsers want a request; this is one with the kept body and no door behind it."""
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/",
        "CONTENT_TYPE": content_type,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": BytesIO(body),
    }
    if post_id:
        environ["HTTP_SVIX_ID"] = post_id
    request = WSGIRequest(environ)
    len(request.body)  # read now: some parsers take the form first and the body afterwards
    return request


def _told(provider: Provider, event: Any, body: bytes) -> Told:
    if event.event_type == "inbound":
        return _mail(provider, event, body)
    kind = _kind(provider, event)
    raw, metadata = event.esp_event, event.metadata if isinstance(event.metadata, Mapping) else {}
    answer = str(event.mta_response or event.description or "")
    return Told(
        key=_key(provider, *_identity(provider, event)),
        kind=kind,
        happened_at=event.timestamp,
        recipient=str(event.recipient or "")[:320],
        names=tuple(_names(event))[:MOST_NAMES],
        token=str(metadata.get("touch") or "")[:43],
        detail=answer[:300],
        is_hard=kind == ProviderFact.BOUNCED
        and is_for_good(raw, answer=answer, is_invalid=event.reject_reason == "invalid"),
        machine=machine_word(raw),
        url=str(event.click_url or "")[:1000],
        user_agent=str(event.user_agent or "")[:300],
    )


def _kind(provider: Provider, event: Any) -> ProviderFact:
    if event.event_type == "rejected":
        return refused_as(provider.key, str(event.reject_reason or ""), event.esp_event)
    if event.event_type == "bounced":
        return bounced_as(event.esp_event)
    return KINDS.get(event.event_type, ProviderFact.OTHER)


def _mail(provider: Provider, event: Any, body: bytes) -> Told:
    if event.message is None:
        raise UnreadablePostError("The mail is not in the post.")
    message = event.message
    to = (message.envelope_recipient, *(each.addr_spec for each in message.to))
    sender = message.envelope_sender or (message.from_email.addr_spec if message.from_email else "")
    known_as = event.event_id or message["Message-ID"] or hashlib.sha256(body).hexdigest()
    return Told(
        key=_key(provider, "mail", str(known_as)),
        kind=ProviderFact.MAIL,
        happened_at=event.timestamp,
        mail=message.as_bytes(),
        sender=str(sender),
        recipients=tuple(str(each) for each in dict.fromkeys(to) if each),
    )


def _key(provider: Provider, *identity: str) -> str:
    """The same fact has the same key, however often and in whichever post it comes."""
    return hashlib.sha256("\n".join([provider.key, *identity]).encode("utf-8", "surrogatepass")).hexdigest()


def _identity(provider: Provider, event: Any) -> list[str]:
    if not event.event_id:
        raw = event.esp_event
        plain = dict(raw.lists()) if isinstance(raw, QueryDict) else raw
        return [json.dumps(plain, sort_keys=True, default=str), str(event.recipient)]
    if provider.key in SIGNS_A_TOKEN_ONLY:
        return [str(event.event_id)]  # so that a caught token brings nothing else in
    return [str(event.event_id), event.event_type, str(event.recipient)]


def _names(event: Any) -> Iterator[str]:
    """By which the mail may be known: the provider's key, and our own Message-ID where it is told."""
    raw: Mapping[str, Any] = event.esp_event if isinstance(event.esp_event, Mapping) else {}
    mail: Any = raw.get("mail")
    headers = mail.get("headers") or () if isinstance(mail, Mapping) else ()
    given = [each.get("value") for each in headers if str(each.get("name")).lower() == "message-id"]
    for name in (event.message_id, raw.get("smtp-id"), *given, raw.get("sg_message_id")):
        if name:
            yield str(name)[:200]
