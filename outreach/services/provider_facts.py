"""What a provider tells changes the mail it speaks of. Facts only ever get added, so any order leaves the same."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.db import connection
from django.db.models import Count, Q
from django.utils import timezone

from gtmos.env import env
from gtmos.kernel import clock, live
from gtmos.kernel.actors import Actor
from gtmos.kernel.once import burst
from outreach.channels.email.links import clicked_url
from outreach.channels.email.machines import Visit, machine_reason
from outreach.enums import EngagementKind, ProviderFact
from outreach.models import Engagement, Touch
from outreach.services.engagement import MOST_ROWS, UNPROVEN, WITH, count_click, unsubscribe
from outreach.services.returns import note_bounce, note_complaint
from outreach.services.touches import prove_sent

PROVIDER = Actor.system("the mail provider")
STOPS = frozenset({ProviderFact.BOUNCED, ProviderFact.COMPLAINED, ProviderFact.UNSUBSCRIBED})
# A program that is not named by the provider says nothing; it is not the empty name that privacy proxies send.
NOT_TOLD = "not told"
FACTS = ("state", "is_assumed", "handed_at", "sent_at", "campaign_id")
ADD = """
UPDATE outreach_touch t
SET delivered_at = LEAST(t.delivered_at, n.delivered_at), opened_at = LEAST(t.opened_at, n.opened_at),
    machine_opens = t.machine_opens + n.machine_opens
FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[], %s::int[])
    n (id, delivered_at, opened_at, machine_opens)
WHERE t.id = n.id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """`at` is by the provider's clock, which is real also where business time was moved."""

    touch_id: int
    kind: ProviderFact
    at: datetime
    detail: str = ""
    is_hard: bool = False
    machine: str = ""
    url: str = ""
    user_agent: str = ""


def apply_facts(facts: Sequence[Fact]) -> None:
    """Many at once: deliveries and opens by the set, what stops somebody one by one, all in one transaction."""
    if not facts:
        return
    with burst():  # each fact asks for business time
        _apply(facts)


def _apply(facts: Sequence[Fact]) -> None:
    touches = _locked(facts)
    facts = [fact for fact in facts if fact.touch_id in touches]
    _prove(touches.values())
    _add([fact for fact in facts if fact.kind in {ProviderFact.DELIVERED, ProviderFact.OPENED}], touches)
    for fact in sorted(facts, key=lambda each: each.at):
        effect = EFFECTS.get(fact.kind)
        if effect is not None:
            effect(_read(fact), fact)
    for campaign in {touch.campaign_id for touch in touches.values()}:
        live.push(f"campaign:{campaign}")


def _locked(facts: Sequence[Fact]) -> dict[int, Touch]:
    """The mails; of people who are no longer written to, all of theirs, since those are cancelled. In one order."""
    mentioned = {fact.touch_id for fact in facts}
    stopped = {fact.touch_id for fact in facts if fact.kind in STOPS}
    people = Touch.objects.filter(pk__in=stopped).order_by().values_list("contact_id", flat=True)
    wanted = Q(pk__in=mentioned) | Q(contact_id__in=list(people)) if stopped else Q(pk__in=mentioned)
    rows = Touch.objects.select_for_update().filter(wanted).order_by("pk")
    rows = rows.only(*FACTS)
    return {touch.pk: touch for touch in rows if touch.pk in mentioned}


def _read(fact: Fact) -> Touch:
    """As it stands after what was applied before; with its people only where somebody is stopped."""
    if fact.kind in STOPS:
        return Touch.objects.select_related(*WITH, "mailbox").get(pk=fact.touch_id)
    return Touch.objects.only(*FACTS, "machine_clicks", "clicked_at", "token").get(pk=fact.touch_id)


def _prove(touches: Iterable[Touch]) -> None:
    """A provider only tells of mails that it has."""
    unproven = [touch.pk for touch in touches if touch.state in UNPROVEN or touch.is_assumed]
    if unproven:
        prove_sent(unproven, how="The provider tells of it.")


def _add(facts: Sequence[Fact], touches: dict[int, Touch]) -> None:
    """Deliveries and opens: one statement for the mails and one for the opens as they came."""
    if not facts:
        return
    first: dict[int, dict[str, Any]] = {}
    opens = []
    for fact in facts:
        known = first.setdefault(fact.touch_id, {"delivered": None, "opened": None, "machines": 0})
        at = business(fact.at)
        if fact.kind == ProviderFact.DELIVERED:
            known["delivered"] = min(filter(None, [known["delivered"], at]))
            continue
        seen = _seen(touches[fact.touch_id], fact, EngagementKind.OPEN)
        opens.append(seen)
        if seen.is_machine:
            known["machines"] += 1
        else:
            known["opened"] = min(filter(None, [known["opened"], at]))
    columns = [[row[name] for row in first.values()] for name in ("delivered", "opened", "machines")]
    with connection.cursor() as cursor:
        cursor.execute(ADD, [list(first), *columns])
    _keep_opens(opens)


def _keep_opens(opens: list[Engagement]) -> None:
    if not opens:
        return
    touches = {each.touch_id for each in opens}
    rows = Engagement.objects.filter(touch__in=touches).order_by().values_list("touch")
    kept = dict(rows.annotate(Count("pk")))
    Engagement.objects.bulk_create([each for each in opens if kept.get(each.touch_id, 0) < MOST_ROWS])


def _seen(touch: Touch, fact: Fact, kind: EngagementKind) -> Engagement:
    handed_at = touch.handed_at or touch.sent_at
    seconds = (fact.at - handed_at).total_seconds() if handed_at else None
    reason = fact.machine or machine_reason(Visit(user_agent=fact.user_agent or NOT_TOLD, seconds=seconds))
    return Engagement(
        touch_id=touch.pk,
        kind=kind,
        happened_at=business(fact.at),
        seconds_after_sending=seconds,
        is_machine=bool(reason),
        machine_reason=reason,
        user_agent=fact.user_agent,
    )


def _clicked(touch: Touch, fact: Fact) -> None:
    count_click(touch, _seen(touch, fact, EngagementKind.CLICK), _behind(touch, fact.url))


def _bounced(touch: Touch, fact: Fact) -> None:
    note_bounce(touch, is_hard=fact.is_hard, detail=fact.detail, at=business(fact.at), actor=PROVIDER)


def _failed(touch: Touch, fact: Fact) -> None:
    """The provider took it and could not send it. The person did nothing, so it counts against nobody."""
    words = f"The provider could not send it: {fact.detail}"
    Touch.objects.filter(pk=touch.pk).update(last_error=words[:500])


def _complained(touch: Touch, fact: Fact) -> None:
    note_complaint(touch, at=business(fact.at), actor=PROVIDER)


def _unsubscribed(touch: Touch, fact: Fact) -> None:
    unsubscribe(touch, at=business(fact.at), how="provider")


def business(at: datetime) -> datetime:
    """A moment by the provider's clock in business time; a clock that is ahead tells of now."""
    return clock.now() - max(timezone.now() - at, timedelta(0))


def _behind(touch: Touch, url: str) -> str:
    """Providers wrap the links they find, also ours: one click is one address, however it was told."""
    own = f"{env.public_url}/t/c/{touch.token}/"
    if not url.startswith(own):
        return url
    signed = parse_qs(urlsplit(url).query, max_num_fields=10).get("u", [""])[0]
    return clicked_url(touch.token, signed) or url


EFFECTS: dict[ProviderFact, Callable[[Touch, Fact], None]] = {
    ProviderFact.CLICKED: _clicked,
    ProviderFact.BOUNCED: _bounced,
    ProviderFact.FAILED: _failed,
    ProviderFact.COMPLAINED: _complained,
    ProviderFact.UNSUBSCRIBED: _unsubscribed,
}
