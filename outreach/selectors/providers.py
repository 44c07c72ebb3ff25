"""What providers told: who is connected, what waits, and which mail of ours a fact belongs to."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import NotFoundError
from gtmos.kernel.permissions import allows
from outreach.channels.email.providers import PROVIDERS, Provider
from outreach.enums import ProviderEventState
from outreach.models import EmailProvider, ProviderEvent, ProviderPost, Touch
from outreach.selectors.inbound import ANSWERABLE

GIVE_UP_AFTER = 5
# Since it came: what fails now may be well when a server is up again.
NEXT_TRY = {1: timedelta(seconds=5), 2: timedelta(minutes=2), 3: timedelta(minutes=20), 4: timedelta(hours=2)}
GIVEN_UP = Q(processed_at__isnull=True, attempts__gte=GIVE_UP_AFTER)
# A shorter word could stand in the answer to somebody else's mail by chance.
SHORTEST_REF = 12


class Named(Protocol):
    """By which a fact says what mail it speaks of."""

    names: list[str]
    token: str
    recipient: str


def connected_provider(key: str) -> EmailProvider | None:
    """The provider, when somebody has set up a secret for it."""
    return EmailProvider.objects.filter(key=key).exclude(signing_key="", credentials="").first()


def waiting_posts() -> QuerySet[ProviderPost]:
    """Those tried least come first, so that one that cannot be applied holds up nobody."""
    now, due = timezone.now(), Q(attempts=0)
    for attempts, pause in NEXT_TRY.items():
        due |= Q(attempts=attempts, received_at__lte=now - pause)
    return ProviderPost.objects.filter(due, processed_at__isnull=True).order_by("attempts", "id")


def parked_events(now: datetime) -> QuerySet[ProviderEvent]:
    """Facts whose mail is to be looked for again."""
    return ProviderEvent.objects.filter(state=ProviderEventState.PARKED, next_at__lte=now).order_by(
        "next_at", "id"
    )


def touches_named(facts: Iterable[Named]) -> list[int | None]:
    """The mail of ours that each fact speaks of, in three statements for any number.

    By our Message-ID, by the token that we gave the provider along, or by the provider's own key: it stood in the
    server's answer when it took this person's mail.
    """
    facts = list(facts)
    touches = Touch.objects.filter(state__in=ANSWERABLE).order_by()
    names = {name for fact in facts for name in _spellings(fact.names)}
    by_name = dict(touches.filter(message_id__in=names).values_list("message_id", "pk"))
    tokens = {fact.token for fact in facts if fact.token}
    by_token = dict(touches.filter(token__in=tokens).values_list("token", "pk")) if tokens else {}
    found = [
        next((by_name[each] for each in _spellings(fact.names) if each in by_name), by_token.get(fact.token))
        for fact in facts
    ]
    lost = [fact for fact, touch in zip(facts, found, strict=True) if touch is None and fact.recipient]
    by_ref = _answers(lost) if lost else {}
    return [
        _by_ref(fact, by_ref) if touch is None else touch for fact, touch in zip(facts, found, strict=True)
    ]


def _spellings(names: list[str]) -> list[str]:
    """Some providers tell a Message-ID without its brackets."""
    return [each for name in names for each in (name, f"<{name.strip('<>')}>")]


def _answers(lost: list[Named]) -> dict[str, list[tuple[int, str]]]:
    """What servers answered when they took mails to these people."""
    addresses = {fact.recipient.strip().lower() for fact in lost}
    rows = (
        Touch.objects.filter(contact__email_key__in=addresses, state__in=ANSWERABLE)
        .exclude(provider_ref="")
        .order_by("pk")
        .values_list("contact__email_key", "pk", "provider_ref")
    )
    answers: dict[str, list[tuple[int, str]]] = {}
    for address, touch, answer in rows:
        answers.setdefault(address or "", []).append((touch, answer))
    return answers


def _by_ref(fact: Named, answers: dict[str, list[tuple[int, str]]]) -> int | None:
    taken = answers.get(fact.recipient.strip().lower())
    refs = _refs(fact.names) if taken else []
    for touch, answer in taken or ():
        if any(_is_word(ref, answer) for ref in refs):
            return touch
    return None


def _refs(names: list[str]) -> list[str]:
    """The provider's keys; SendGrid adds a dot and the names of its machines to what it answered."""
    whole = [name.strip("<>") for name in names]
    heads = [name.split(".")[0] for name in whole if "@" not in name]
    return [ref for ref in dict.fromkeys(whole + heads) if len(ref) >= SHORTEST_REF]


def _is_word(ref: str, answer: str) -> bool:
    """A key inside a longer one is another mail's."""
    return re.search(rf"(?<![\w-]){re.escape(ref)}(?![\w-])", answer) is not None


@dataclass(frozen=True, slots=True)
class ProviderState:
    """One provider and how it does; `row` is none while nobody ever connected it."""

    key: str
    title: str
    key_name: str
    takes_mail: bool
    row: EmailProvider | None = None
    last_post: datetime | None = None
    parked: int = 0
    unread: int = 0

    @property
    def is_connected(self) -> bool:
        return self.row is not None and bool(self.row.signing_key or self.row.credentials)


def provider_states(*, actor: Actor) -> list[ProviderState]:
    """Every provider that is understood, for those who configure; the connected ones first."""
    if not allows(actor, "outreach.configure_providers"):
        return []
    last = ProviderPost.objects.filter(provider=OuterRef("pk")).order_by("-received_at").values("received_at")
    rows = {row.key: row for row in EmailProvider.objects.annotate(last_post=Subquery(last[:1]))}
    parked = _counts(ProviderEvent.objects.filter(state=ProviderEventState.PARKED))
    unread = _counts(unread_posts())
    states = [_state(each, rows.get(each.key), parked, unread) for each in PROVIDERS.values()]
    return sorted(states, key=lambda each: (not each.is_connected, each.title))


def _counts(rows: QuerySet[Any]) -> dict[Any, int]:
    return dict(rows.order_by().values_list("provider").annotate(Count("pk")))


def _state(
    provider: Provider, row: EmailProvider | None, parked: dict[Any, int], unread: dict[Any, int]
) -> ProviderState:
    known = {"row": row, "last_post": row.last_post} if row else {}  # type: ignore[attr-defined]  # read beside it
    return ProviderState(
        key=provider.key,
        title=provider.title,
        key_name=provider.key_name,
        takes_mail=provider.inbound is not None,
        parked=parked.get(row.pk, 0) if row else 0,
        unread=unread.get(row.pk, 0) if row else 0,
        **known,
    )


def get_provider_state(key: str, *, actor: Actor) -> ProviderState:
    found = next((each for each in provider_states(actor=actor) if each.key == key), None)
    if found is None:
        raise NotFoundError("There is no such provider.", code="not_found")
    return found


def unread_posts() -> QuerySet[ProviderPost]:
    """Posts that were the provider's own and could not be understood, or could not be applied."""
    return ProviderPost.objects.filter(~Q(error="") | GIVEN_UP).defer("body")


def given_up_posts() -> QuerySet[ProviderPost]:
    """Posts that could not be applied, however often it was tried."""
    return ProviderPost.objects.filter(GIVEN_UP)
