"""Playing the world outside: answering as a reader, choosing an audience. Only where no mail leaves the house."""

import json
import smtplib
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from gtmos.kernel import clock, jobs, live, wording
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError, InvalidInputError, UnavailableError
from gtmos.kernel.permissions import require
from gtmos.sandbox import letters
from gtmos.sandbox.presets import PRESETS
from gtmos.workspace.selectors.sandbox import next_mail_at, raw_mail, sandbox_mail, sandbox_places
from outreach.models import Campaign, Variant
from outreach.services.touches import plan_touches

STEPS = {
    "15m": (timedelta(minutes=15), "15 minutes"),
    "1h": (timedelta(hours=1), "1 hour"),
    "1d": (timedelta(days=1), "1 day"),
    "3d": (timedelta(days=3), "3 days"),
}
TO_NEXT_MAIL = "next"
RATES = {"1": "normal speed", "60": "60 times as fast", "600": "600 times as fast"}
READY_ANSWERS = {
    "positive": "interested",
    "meeting": "meeting",
    "no": "not_interested",
    "unsubscribe": "stop",
    "away": "",
}
# Everything whose time may have come when the clock has moved.
BELLS = ("outreach.resume_enrollments", "outreach.plan_touches", "outreach.drain_touches")


def answer_as_reader(mail_id: str, *, text: str = "", preset: str = "", actor: Actor) -> None:
    """Send an answer to one mail the way its reader's mail program would: by SMTP to our own listener."""
    _refuse_outside(actor)
    mail = sandbox_mail(mail_id, actor=actor)
    received = letters.read(raw_mail(mail_id), recipient=mail.recipient)
    now = clock.now()
    if preset == "away":
        raw = letters.away(received, 0, at=now)
    elif preset in READY_ANSWERS:
        raw = letters.worded_reply(received, READY_ANSWERS[preset], int(now.timestamp()), at=now)
    elif text.strip():
        raw = letters.reply(received, text.strip()[:20_000], at=now)
    else:
        raise InvalidInputError("Write what this person answers.", code="text_missing")
    _deliver(received.recipient, received.sender, raw)


def _deliver(sender: str, recipient: str, raw: bytes) -> None:
    try:
        with smtplib.SMTP("127.0.0.1", sandbox_places().inbound_port, timeout=10) as smtp:
            smtp.sendmail(sender, [recipient], raw)
    except (OSError, smtplib.SMTPException) as error:
        raise UnavailableError(
            "The part that takes incoming mail does not answer. Try again in a moment.", code="no_inbound"
        ) from error


def start_audience(
    preset: str,
    *,
    actor: Actor,
    campaign: Campaign | None = None,
    seed: int = 1,
    pace: float = 1.0,
    name: str = "",
) -> str:
    """Let people answer from now on. What they are like is written down by the sandbox, before they answer."""
    _refuse_outside(actor)
    if preset not in PRESETS:
        raise InvalidInputError("There is no such audience.", code="unknown_preset")
    now = timezone.now()
    name = name or f"{preset}-{seed}-{now:%Y%m%d-%H%M%S}"
    control = {
        "name": name,
        "preset": preset,
        "seed": seed,
        "pace": pace,
        "started_at": now.isoformat(),
        "subjects": [{"text": text} for text in _texts(campaign)],
    }
    _write(json.dumps(control, ensure_ascii=False, indent=1))
    live.push("workspace:sandbox")
    return name


def stop_audience(*, actor: Actor) -> None:
    _refuse_outside(actor)
    sandbox_places().control.unlink(missing_ok=True)
    live.push("workspace:sandbox")


def _texts(campaign: Campaign | None) -> list[str]:
    """The variants of the campaign's test, the control first."""
    if campaign is None:
        return []
    variants = Variant.objects.filter(experiment__campaign=campaign).order_by("letter")
    return list(variants.values_list("text", flat=True))


def _write(content: str) -> None:
    """Whole or not at all: the sandbox may read at any moment."""
    path = sandbox_places().control
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    draft.write_text(content)
    draft.replace(path)


def move_clock(*, step: str = "", rate: str = "", actor: Actor) -> str:
    """Move business time forward, or let it run; returns what to say about it."""
    if step == TO_NEXT_MAIL:
        said = _move_to_next_mail(actor)
    elif step in STEPS:
        by, words = STEPS[step]
        clock.advance(by, actor=actor)
        said = f"The clock moved {words} forward."
    elif rate in RATES:
        clock.run_at(float(rate), actor=actor)
        said = f"The clock runs at {RATES[rate]}."
    else:
        raise InvalidInputError("Choose how far the clock is to move.", code="unknown_step")
    for bell in BELLS:
        jobs.enqueue(bell)
    live.push("workspace:all")
    return said


def _move_to_next_mail(actor: Actor) -> str:
    """Over nights and weekends, in which nothing is sent."""
    _refuse_outside(actor)
    plan_touches()
    due_at = next_mail_at()
    if due_at is None:
        raise DomainError("No mail is planned. Approve a campaign first.", code="no_mail_planned")
    clock.advance(max(due_at - clock.now(), timedelta(0)), actor=actor)
    return f"The clock stands at the next mail, {wording.exact(due_at)}."


def _refuse_outside(actor: Actor) -> None:
    require(actor, "workspace.use_sandbox")
    if not settings.SANDBOX:
        raise DomainError("Mail really leaves this installation; there is no sandbox.", code="no_sandbox")
