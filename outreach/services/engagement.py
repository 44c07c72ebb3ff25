"""What is fetched from a mail: opens, clicks and the unsubscribe button. Machines are kept, and never count as people."""

from datetime import datetime
from urllib.parse import parse_qsl, urlsplit

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from crm.services.contacts import opt_out
from gtmos.kernel import clock, events, live
from gtmos.kernel.actors import Actor
from outreach.channels.email.links import TRAP, clicked_url
from outreach.channels.email.machines import Visit, is_burst, machine_reason
from outreach.enums import EngagementKind, Outcome, SuppressionReason, TouchState
from outreach.events import PersonUnsubscribed
from outreach.models import Engagement, Touch
from outreach.selectors.engagement import human_clicks, touch_by_token
from outreach.services.enrollments import finish_enrollment, lock_touches_of, stop_enrollments_of
from outreach.services.suppression import suppress
from outreach.services.touches import prove_sent

RECIPIENT = Actor.system("the recipient")
# Who fetches one mail more often is counted on, but not written down any more.
MOST_ROWS = 200
LONGEST_URL = 1000
WITH = ("enrollment__campaign", "contact__company", "campaign")
UNPROVEN = (TouchState.IN_DOUBT, TouchState.HANDING)


@transaction.atomic
def record_open(
    token: str, *, user_agent: str = "", method: str = "GET", purpose: str = ""
) -> Engagement | None:
    """Note that the pixel was fetched; None when nobody knows the token."""
    touch = _locked(token)
    if touch is None:
        return None
    seen = _seen(touch, EngagementKind.OPEN, user_agent=user_agent, method=method, purpose=purpose)
    _count(touch, seen)
    return seen


@transaction.atomic
def record_click(
    token: str, signed: str, *, user_agent: str = "", method: str = "GET", purpose: str = ""
) -> str | None:
    """Note that a link was followed and say where it leads; None when we did not sign it for this mail."""
    url = clicked_url(token, signed)
    touch = _locked(token) if url else None
    if url is None or touch is None:
        return None
    seen = _seen(touch, EngagementKind.CLICK, user_agent=user_agent, method=method, purpose=purpose)
    count_click(touch, seen, url)
    return url


def count_click(touch: Touch, seen: Engagement, url: str) -> None:
    """Add a click that was told to what is known of the mail. The caller has locked it."""
    seen.url, seen.utm = url[:LONGEST_URL], _utm(url)
    if not seen.is_machine:
        _judge_among_others(touch, seen)
    _count(touch, seen)


@transaction.atomic
def unsubscribe_by_token(token: str, *, how: str) -> bool:
    """No more mail to this person, at once and for good; false when nobody knows the token."""
    known = touch_by_token(token)
    if known is None:
        return False
    lock_touches_of(known.contact_id)
    unsubscribe(Touch.objects.select_related(*WITH).get(pk=known.pk), at=clock.now(), how=how)
    return True


def unsubscribe(touch: Touch, *, at: datetime, how: str) -> None:
    """Suppress the address, note the wish with the person, end every sequence. Twice is the same as once.

    The caller has locked this person's touches.
    """
    _prove(touch, "The reader unsubscribed from it.")
    is_new = touch.unsubscribed_at is None
    touch.unsubscribed_at = min(filter(None, [touch.unsubscribed_at, at]))
    touch.save(update_fields=["unsubscribed_at"])
    detail = f"By {how}."
    suppress(touch.recipient, reason=SuppressionReason.UNSUBSCRIBED, detail=detail, actor=RECIPIENT)
    finish_enrollment(touch.enrollment, outcome=Outcome.UNSUBSCRIBED, actor=RECIPIENT, at=at)
    stop_enrollments_of(touch.contact, outcome=Outcome.UNSUBSCRIBED, actor=RECIPIENT, at=at)
    opt_out(touch.contact, at=at, detail=detail, actor=RECIPIENT)
    if is_new:
        events.publish(
            PersonUnsubscribed(contact_id=touch.contact_id, touch_id=touch.pk, how=how),
            subject=touch.contact,
            actor=RECIPIENT,
        )
    live.push(f"campaign:{touch.campaign_id}")


def _locked(token: str) -> Touch | None:
    known = touch_by_token(token)
    if known is None:
        return None
    return Touch.objects.select_related(*WITH).select_for_update(of=("self",)).get(pk=known.pk)


def _prove(touch: Touch, how: str) -> None:
    """Only the mail itself holds the token, so whoever uses it proves that the mail has left."""
    if touch.state in UNPROVEN or touch.is_assumed:
        prove_sent([touch.pk], how=how)
        touch.refresh_from_db(fields=["state", "sent_at", "is_assumed"])


def _seen(touch: Touch, kind: EngagementKind, *, user_agent: str, method: str, purpose: str) -> Engagement:
    _prove(touch, f"An {kind} names it.")
    handed_at = touch.handed_at or touch.sent_at
    seconds = (timezone.now() - handed_at).total_seconds() if handed_at else None
    reason = machine_reason(Visit(method=method, user_agent=user_agent, purpose=purpose, seconds=seconds))
    return Engagement(
        touch=touch,
        kind=kind,
        happened_at=clock.now(),
        seconds_after_sending=seconds,
        is_machine=bool(reason),
        machine_reason=reason,
        user_agent=user_agent[:300],
        method=method[:8],
    )


def _judge_among_others(touch: Touch, seen: Engagement) -> None:
    """A click may show that this one, and the ones just before it, were a machine's."""
    before = human_clicks(touch).exclude(url=seen.url)
    if seen.url == TRAP:
        _call_machine(touch, [each.pk for each in human_clicks(touch)], seen, "followed the hidden link")
        return
    near = [each.pk for each in before if is_burst(each.seconds_after_sending, seen.seconds_after_sending)]
    if near:
        _call_machine(touch, near, seen, "several links within 1 s")


def _call_machine(touch: Touch, earlier: list[int], seen: Engagement, reason: str) -> None:
    seen.is_machine, seen.machine_reason = True, reason
    Engagement.objects.filter(pk__in=earlier).update(is_machine=True, machine_reason=reason)
    touch.machine_clicks += len(earlier)
    first = human_clicks(touch).order_by("happened_at").first()
    touch.clicked_at = first.happened_at if first else None
    touch.save(update_fields=["machine_clicks", "clicked_at"])


def _count(touch: Touch, seen: Engagement) -> None:
    is_open = seen.kind == EngagementKind.OPEN
    if seen.is_machine:
        counter = "machine_opens" if is_open else "machine_clicks"
        Touch.objects.filter(pk=touch.pk).update(**{counter: F(counter) + 1})
    else:
        mark = "opened_at" if is_open else "clicked_at"
        earlier = Q(**{f"{mark}__isnull": True}) | Q(**{f"{mark}__gt": seen.happened_at})
        if Touch.objects.filter(earlier, pk=touch.pk).update(**{mark: seen.happened_at}):
            live.push(f"campaign:{touch.campaign_id}")
    if Engagement.objects.filter(touch=touch).count() < MOST_ROWS:
        seen.save()


def _utm(url: str) -> dict[str, str]:
    pairs = parse_qsl(urlsplit(url).query, max_num_fields=100) if url.count("&") < 100 else []
    return {name.lower(): value[:200] for name, value in pairs if name.lower().startswith("utm_")}
