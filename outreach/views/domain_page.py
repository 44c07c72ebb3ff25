"""What the page of domain health shows, in the shapes that its parts draw."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F

from gtmos.context.models import Organisation
from gtmos.kernel import clock, wording
from gtmos.kernel.actors import Actor
from gtmos.kernel.permissions import allows
from outreach.channels.names import SANDBOX
from outreach.governor.limits import cap_on, days_to_the_top
from outreach.governor.rates import GOOD, Returns, gravest
from outreach.governor.verdicts import FAIL, PASS, UNKNOWN, WARN, worst
from outreach.models import Mailbox, MailboxDay, SendingDomain
from outreach.selectors.domains import visible_domains
from outreach.selectors.readiness_to_send import readiness_to_send
from outreach.selectors.returns import returns_of, said
from outreach.timing.windows import zone_of

MOST_DAYS = 90
TONES = {PASS: "good", WARN: "warn", FAIL: "bad", UNKNOWN: ""}
WORDS = {PASS: "In order", WARN: "Could be better", FAIL: "To be mended", UNKNOWN: "Not known yet"}
ICONS = {PASS: "circle-check", WARN: "alert-triangle", FAIL: "alert-circle", UNKNOWN: "circle-dashed"}


@dataclass(frozen=True, slots=True)
class Sender:
    """A mailbox with what of today's cap is used."""

    mailbox: Mailbox
    used: int
    cap: int
    state: str
    tone: str
    reason: str
    ramp: list[dict[str, object]]
    ramp_sentence: str


@dataclass(frozen=True, slots=True)
class Shown:
    domain: SendingDomain
    state: str
    tone: str
    checks: list[dict[str, str]]
    senders: list[Sender]
    used: int
    is_waiting: bool
    is_sandbox: bool


def domains_context(*, actor: Actor) -> dict[str, Any]:
    domains = list(visible_domains(actor=actor))
    today = _today()
    boxes = [box for domain in domains for box in domain.mailboxes.all()]
    days = _days(domains, today)
    returns = returns_of(boxes, clock.now())
    shown = [_shown(domain, days.get(domain.pk, {}), returns, today) for domain in domains]
    ready = [drawn(check.as_row()) for check in readiness_to_send(domains, actor=actor)]
    return {
        "domains": shown,
        "ready": ready,
        "met": sum(each["state"] == PASS for each in ready),
        "is_waiting": any(each.is_waiting for each in shown),
        "topics": " ".join(f"domain:{domain.pk}" for domain in domains),
        "may_configure": allows(actor, "outreach.configure_domains"),
    }


def _days(domains: list[SendingDomain], today: date) -> dict[UUID, dict[UUID, MailboxDay]]:
    """By domain, of all its mailboxes: its cap counts also those that the reader does not see."""
    found: dict[UUID, dict[UUID, MailboxDay]] = {}
    days = MailboxDay.objects.filter(mailbox__domain__in=domains, day=today)
    for each in days.annotate(domain=F("mailbox__domain_id")):
        found.setdefault(each.domain, {})[each.mailbox_id] = each
    return found


def drawn(row: dict[str, str]) -> dict[str, str]:
    state = row["state"]
    return {**row, "tone": TONES[state], "word": WORDS[state], "icon": ICONS[state]}


def _shown(
    domain: SendingDomain, used: dict[UUID, MailboxDay], returns: dict[UUID, Returns], today: date
) -> Shown:
    state = worst([each["state"] for each in domain.checks])
    return Shown(
        domain,
        WORDS[state],
        TONES[state],
        [drawn(each) for each in domain.checks],
        [
            _sender(box, used.get(box.pk), returns[box.pk], today, domain.daily_cap)
            for box in domain.mailboxes.all()
        ],
        sum(day.used for day in used.values()),
        is_waiting=domain.wanted_at is not None or domain.checked_at is None,
        is_sandbox=domain.answered_by == SANDBOX,
    )


def _sender(
    box: Mailbox, day: MailboxDay | None, returns: Returns, today: date, domain_cap: int | None
) -> Sender:
    state, tone, reason = _state(box, returns)
    cap = day.cap if day else cap_on(today, daily_cap=box.daily_cap, ramp=box.ramp, domain_cap=domain_cap)
    points = _curve(box, today)
    return Sender(box, day.used if day else 0, cap, state, tone, reason, points, _told(box, today))


def _state(box: Mailbox, returns: Returns) -> tuple[str, str, str]:
    if not box.is_active:
        return "Off", "warn" if box.paused_reason else "", box.paused_reason
    if box.failing_since:
        return "Fails", "bad", "The mail server does not answer; we try again by ourselves."
    level, limit = gravest(returns)
    if level != GOOD:
        return "Close to its limit", "warn", said(returns, limit)
    if not returns.mails:
        return "On", "good", "Nothing was sent in 7 days."
    mails = wording.counted(returns.mails)
    return (
        "On",
        "good",
        f"{returns.bounced} bounced, {returns.complained} reported as spam of {mails} in 7 days.",
    )


def _curve(box: Mailbox, today: date) -> list[dict[str, object]]:
    """The days of a warm-up that is not over, up to its top; empty without one."""
    if box.ramp_from is None:
        return []
    days = min((_top(box, box.ramp_from) - box.ramp_from).days, MOST_DAYS)
    if today >= box.ramp_from + timedelta(days=days):
        return []
    shown = [box.ramp_from + timedelta(days=number) for number in range(days + 1)]
    return [_point(day, cap_on(day, daily_cap=box.daily_cap, ramp=box.ramp)) for day in shown]


def _point(day: date, cap: int) -> dict[str, object]:
    return {"value": cap, "label": f"{day:%d %b}", "text": wording.plural(cap, "mail")}


def _told(box: Mailbox, today: date) -> str:
    """The curve in words."""
    if box.ramp_from is None:
        return ""
    top = _top(box, box.ramp_from)
    cap = wording.counted(cap_on(today, daily_cap=box.daily_cap, ramp=box.ramp))
    if today >= top:
        return f"The warm-up ended on {top:%d %B}: {cap} a day since then."
    ahead = f"Warm-up: {cap} today, {box.ramp_step} more every day, {wording.counted(box.daily_cap)} from {top:%d %B} on."
    return (
        ahead if today >= box.ramp_from else f"Warm-up from {box.ramp_from:%d %B} on. Until then {cap} a day."
    )


def _top(box: Mailbox, first: date) -> date:
    """The day on which the warm-up reaches the cap of the mailbox; at most the last that a date can name."""
    days = days_to_the_top(box.ramp, box.daily_cap)
    return first + timedelta(days=min(days, (date.max - first).days))


def _today() -> date:
    """A cap counts the days of the organisation's own zone."""
    zone = Organisation.objects.values_list("time_zone", flat=True).first() or ""
    return clock.now().astimezone(zone_of(zone)).date()
