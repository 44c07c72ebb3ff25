"""What the page of domain health shows, in the shapes that its parts draw."""

from dataclasses import dataclass
from typing import Any

from gtmos.context.models import Organisation
from gtmos.kernel import clock
from gtmos.kernel.actors import Actor
from gtmos.kernel.permissions import allows
from outreach.channels.names import SANDBOX
from outreach.governor.verdicts import FAIL, PASS, UNKNOWN, WARN, worst
from outreach.models import Mailbox, MailboxDay, SendingDomain
from outreach.selectors.domains import visible_domains
from outreach.selectors.readiness_to_send import readiness_to_send
from outreach.timing.windows import zone_of

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


@dataclass(frozen=True, slots=True)
class Shown:
    domain: SendingDomain
    state: str
    tone: str
    checks: list[dict[str, str]]
    senders: list[Sender]
    is_waiting: bool
    is_sandbox: bool


def domains_context(*, actor: Actor) -> dict[str, Any]:
    domains = list(visible_domains(actor=actor))
    used = _used_today([box for domain in domains for box in domain.mailboxes.all()])
    shown = [_shown(domain, used) for domain in domains]
    ready = [drawn(check.as_row()) for check in readiness_to_send(domains)]
    return {
        "domains": shown,
        "ready": ready,
        "met": sum(each["state"] == PASS for each in ready),
        "is_waiting": any(each.is_waiting for each in shown),
        "topics": " ".join(f"domain:{domain.pk}" for domain in domains),
        "may_configure": allows(actor, "outreach.configure_domains"),
    }


def drawn(row: dict[str, str]) -> dict[str, str]:
    state = row["state"]
    return {**row, "tone": TONES[state], "word": WORDS[state], "icon": ICONS[state]}


def _shown(domain: SendingDomain, used: dict[object, MailboxDay]) -> Shown:
    state = worst([each["state"] for each in domain.checks])
    return Shown(
        domain,
        WORDS[state],
        TONES[state],
        [drawn(each) for each in domain.checks],
        [_sender(box, used.get(box.pk)) for box in domain.mailboxes.all()],
        is_waiting=domain.wanted_at is not None or domain.checked_at is None,
        is_sandbox=domain.answered_by == SANDBOX,
    )


def _sender(box: Mailbox, day: MailboxDay | None) -> Sender:
    state, tone, reason = _state(box)
    return Sender(box, day.used if day else 0, day.cap if day else box.daily_cap, state, tone, reason)


def _state(box: Mailbox) -> tuple[str, str, str]:
    if not box.is_active:
        return "Off", "warn" if box.paused_reason else "", box.paused_reason
    if box.failing_since:
        return "Fails", "bad", "The mail server does not answer; we try again by ourselves."
    return "On", "good", ""


def _used_today(boxes: list[Mailbox]) -> dict[object, MailboxDay]:
    """A cap counts the days of the organisation's own zone."""
    zone = Organisation.objects.values_list("time_zone", flat=True).first() or ""
    today = clock.now().astimezone(zone_of(zone)).date()
    return {day.mailbox_id: day for day in MailboxDay.objects.filter(mailbox__in=boxes, day=today)}
