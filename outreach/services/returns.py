"""What comes back from machines: mail that could not be delivered, complaints, notes of absence."""

from datetime import date, datetime, time, timedelta

from crm.services.contacts import mark_bounced, opt_out
from gtmos.kernel import events
from gtmos.kernel.actors import Actor
from outreach.channels.email.addresses import canonical
from outreach.channels.email.parsing.verdict import BouncedRecipient, MailVerdict
from outreach.enums import MailKind, Outcome, ProviderFact, ReplyCategory, SuppressionReason
from outreach.events import AutoReplyReceived, ComplaintReceived, MailBounced
from outreach.models import InboundMail, ProviderEvent, Touch
from outreach.selectors.suppression import is_suppressed
from outreach.services.enrollments import (
    finish_enrollment,
    home_zone,
    pause_enrollments_of,
    stop_enrollments_of,
)
from outreach.services.facts import add_facts
from outreach.services.followups import INBOUND, note_answer, tell_of_departure, warn_of_complaint
from outreach.services.suppression import suppress
from outreach.timing.windows import zone_of

SOFT_ARE_HARD = 3
AWAY_WITHOUT_DATE = timedelta(days=7)
BACK_AT = time(9)


def bounced(mail: InboundMail, verdict: MailVerdict, touch: Touch) -> dict[str, object]:
    """Refused for good: nobody writes to the address again. For now: noted, and the third time is for good."""
    report = _report_on(touch, verdict)
    if report.action == "delayed":
        return {"effect": "delayed, the server goes on trying"}
    detail = f"{report.status} {report.diagnostic or report.reason}".strip()[:300]
    is_hard = note_bounce(
        touch, is_hard=report.hard, detail=detail, at=mail.received_at, actor=INBOUND, mail=mail
    )
    return {"effect": "hard bounce" if report.hard else "soft bounce", "stopped": is_hard}


def note_bounce(
    touch: Touch, *, is_hard: bool, detail: str, at: datetime, actor: Actor, mail: InboundMail | None = None
) -> bool:
    """Whether nobody writes to the address again. A server's mail and a provider's word may both tell of one bounce."""
    is_hard = is_hard or _earlier_soft_bounces(touch, mail) + 1 >= SOFT_ARE_HARD
    is_known = touch.bounced_at is not None and not (is_hard and not is_suppressed(touch.recipient))
    add_facts(touch, bounced_at=at)
    if is_hard:
        _stop_writing(touch, detail, at, actor)
    if not is_known:
        events.publish(
            MailBounced(touch_id=touch.pk, contact_id=touch.contact_id, is_hard=is_hard, detail=detail),
            subject=touch.contact,
            actor=actor,
        )
    return is_hard


def _earlier_soft_bounces(touch: Touch, mail: InboundMail | None) -> int:
    """Reports of servers, and the mails of which only a provider says that they came back for now.

    What the provider tells of a mail that a server has reported on is the same refusal once more.
    """
    reports = InboundMail.objects.filter(
        contact=touch.contact, kind=MailKind.BOUNCE, processed_at__isnull=False, verdict__effect="soft bounce"
    )
    others = reports.exclude(pk=mail.pk) if mail else reports.exclude(touch=touch)
    told = ProviderEvent.objects.filter(
        touch__contact=touch.contact, kind=ProviderFact.BOUNCED, is_hard=False
    )
    reported = set(reports.values_list("touch_id", flat=True))
    return others.count() + len(set(told.values_list("touch_id", flat=True)) - reported - {touch.pk})


def _report_on(touch: Touch, verdict: MailVerdict) -> BouncedRecipient:
    """What the report says of our recipient. When it names others, the mail was forwarded: our address does exist."""
    ours = canonical(touch.recipient)
    named = [each for each in verdict.bounced if each.recipient]
    for each in named:
        if canonical(each.recipient) == ours:
            return each
    status, hard = verdict.status, verdict.hard and not named
    return BouncedRecipient(touch.recipient, verdict.reason, status=status, hard=hard)


def _stop_writing(touch: Touch, detail: str, at: datetime, actor: Actor) -> None:
    suppress(touch.recipient, reason=SuppressionReason.HARD_BOUNCE, detail=detail, actor=actor)
    finish_enrollment(touch.enrollment, outcome=Outcome.BOUNCED, actor=actor, at=at)
    stop_enrollments_of(touch.contact, outcome=Outcome.BOUNCED, actor=actor, at=at)
    if canonical(touch.contact.email) == canonical(touch.recipient):
        mark_bounced(touch.contact, actor=actor)


def complained(mail: InboundMail, verdict: MailVerdict, touch: Touch) -> dict[str, object]:
    """The spam button is the strongest no."""
    del verdict
    note_complaint(touch, at=mail.received_at, actor=INBOUND)
    return {"effect": "complaint"}


def note_complaint(touch: Touch, *, at: datetime, actor: Actor) -> None:
    """A server's report and a provider's word may both tell of one complaint; it is told on once."""
    is_known = touch.complained_at is not None
    add_facts(touch, complained_at=at)
    detail = "Reported our mail as spam."
    suppress(touch.recipient, reason=SuppressionReason.COMPLAINT, detail=detail, actor=actor)
    finish_enrollment(touch.enrollment, outcome=Outcome.COMPLAINED, actor=actor, at=at)
    stop_enrollments_of(touch.contact, outcome=Outcome.COMPLAINED, actor=actor, at=at)
    opt_out(touch.contact, at=at, detail=detail, actor=actor)
    if is_known:
        return
    warn_of_complaint(touch)
    events.publish(
        ComplaintReceived(touch_id=touch.pk, contact_id=touch.contact_id), subject=touch.contact, actor=actor
    )


def answered_by_machine(mail: InboundMail, verdict: MailVerdict, touch: Touch) -> dict[str, object]:
    """Away: the sequence waits until the day after the return. Gone: it ends, and a person looks for a successor."""
    note_answer(
        mail,
        touch.contact,
        subject=verdict.subject,
        body=verdict.reply_text,
        category=ReplyCategory.OUT_OF_OFFICE,
    )
    events.publish(
        AutoReplyReceived(
            mail_id=mail.pk, contact_id=touch.contact_id, touch_id=touch.pk, reason=verdict.reason
        ),
        subject=touch.contact,
        actor=INBOUND,
    )
    if verdict.reason == "left_company":
        stop_enrollments_of(touch.contact, outcome=Outcome.CANCELLED, actor=INBOUND, at=mail.received_at)
        tell_of_departure(touch, successor=verdict.alternate_contact)
        return {"effect": "left the company"}
    add_facts(touch, reply_category=ReplyCategory.OUT_OF_OFFICE)
    until = back_at(touch, verdict.return_on, mail.received_at)
    pause_enrollments_of(touch.contact, until=until, reason="Out of office.", actor=INBOUND)
    return {"effect": "paused", "until": until.isoformat()}


def back_at(touch: Touch, return_on: date | None, received_at: datetime) -> datetime:
    """Nine in the morning, where the reader is, of the day after they are back."""
    zone = zone_of(touch.contact.time_zone, home_zone())
    today = received_at.astimezone(zone).date()
    if return_on is None or return_on < today:
        return received_at + AWAY_WITHOUT_DATE
    return datetime.combine(return_on + timedelta(days=1), BACK_AT, tzinfo=zone)
