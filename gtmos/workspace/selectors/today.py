"""What needs this person today."""

from datetime import datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from agents.enums import RunState, StepState
from agents.models import Message, Step
from agents.selectors.suggestions import open_suggestions
from crm.models import Company, Task
from crm.selectors.activities import visible_tasks
from crm.selectors.alerts import my_alerts
from crm.selectors.imports import visible_imports
from crm.selectors.mentions import unread_mentions
from gtmos.kernel import clock
from gtmos.kernel.actors import Actor
from gtmos.kernel.permissions import allows
from gtmos.kernel.records import visible_to
from gtmos.workspace.selectors.links import url_of
from outreach.enums import CampaignState, MailKind, ReplyCategory, TouchState
from outreach.models import Campaign, InboundMail, Mailbox, ResearchJob, Touch
from outreach.selectors.campaigns import HUMAN_REPLY

SHOWN = 6
REPLY_DAYS = 7
UNDER_WAY = (CampaignState.ACTIVE, CampaignState.RUNNING, CampaignState.PAUSED)
# Answers that nobody has to answer.
SETTLED = (ReplyCategory.OUT_OF_OFFICE, ReplyCategory.UNSUBSCRIBE, ReplyCategory.NOT_INTERESTED)


def today(*, actor: Actor) -> dict[str, Any]:
    """Everything on the page, in a fixed number of statements."""
    now = clock.now()
    campaigns = _campaigns(actor)
    tasks = list(_tasks(actor, now))
    return {
        "now": now,
        "approvals": _approvals(actor),
        "tasks": tasks[:SHOWN],
        "tasks_more": len(tasks) > SHOWN,
        "alerts": list(my_alerts(actor=actor)[:SHOWN]),
        "may_decide_alerts": allows(actor, "crm.decide_alerts"),
        "mentions": list(unread_mentions(actor=actor)[:SHOWN]),
        "replies": _replies(actor, now),
        "campaigns": campaigns,
        "figures": _figures(campaigns),
        "suggestions": list(open_suggestions(actor=actor)[:SHOWN]),
        "done": _done(actor),
        "imports": list(visible_imports(actor=actor)[:3]),
        "researches": _researches(actor),
        "checklist": _checklist(actor),
    }


def _tasks(actor: Actor, now: datetime) -> QuerySet[Task]:
    zone = timezone.get_current_timezone()
    midnight = datetime.combine(timezone.localdate(now), time.min, zone) + timedelta(days=1)
    mine = visible_tasks(actor=actor).filter(owner=actor.user, done_at__isnull=True, due_at__lt=midnight)
    return mine.order_by("due_at", "pk")[: SHOWN + 1]


def _approvals(actor: Actor) -> list[dict[str, Any]]:
    cards = Message.objects.filter(
        run__owner=actor.user, run__state=RunState.WAITING, card__kind="approval"
    ).order_by("-created_at")[:SHOWN]
    return [_approval(message.card["approval"], message.run_id) for message in cards]


def _approval(approval: dict[str, Any], run: UUID | None) -> dict[str, Any]:
    fingerprint = urlencode({"fingerprint": approval["fingerprint"]})
    return {
        "approval": approval,
        "approve_url": f"{reverse('workspace:run-confirm', args=[run])}?{fingerprint}",
        "reject_url": reverse("workspace:run-reject", args=[run]),
    }


def _replies(actor: Actor, now: datetime) -> list[dict[str, Any]]:
    """Human answers of the last days that ask for one; the sender's words are shown, never obeyed."""
    mails = InboundMail.objects.filter(
        kind=MailKind.REPLY, contact__isnull=False, received_at__gte=now - timedelta(days=REPLY_DAYS)
    ).exclude(category__in=SETTLED)
    mails = visible_to(actor, mails, through="contact__").select_related("contact__company")
    return [
        {"mail": mail, "url": url_of({"type": "contact", "id": str(mail.contact_id)})}
        for mail in mails.defer("raw").order_by("-received_at")[:SHOWN]
    ]


def _campaigns(actor: Actor) -> list[dict[str, Any]]:
    """Campaigns under way with counts of people; machines are not counted."""
    rows = list(
        visible_to(actor, Campaign.objects.filter(state__in=UNDER_WAY)).order_by("-activated_at", "-pk")[
            :SHOWN
        ]
    )
    counts = _counts(rows)
    return [
        {"campaign": row, "url": url_of({"type": "campaign", "id": str(row.pk)}), **counts.get(row.pk, NONE)}
        for row in rows
    ]


NONE = {"sent": 0, "replied": 0, "bounced": 0, "meetings": 0}


def _counts(campaigns: list[Campaign]) -> dict[UUID, dict[str, int]]:
    sent = Touch.objects.filter(campaign__in=campaigns, state=TouchState.SENT).order_by()
    rows = sent.values("campaign_id").annotate(
        sent=Count("pk"),
        replied=Count("pk", filter=HUMAN_REPLY),
        bounced=Count("pk", filter=Q(bounced_at__isnull=False)),
        meetings=Count("pk", filter=Q(meeting_at__isnull=False)),
    )
    counts: list[dict[str, Any]] = [dict(row) for row in rows]
    return {row["campaign_id"]: {name: row[name] for name in NONE} for row in counts}


def _figures(campaigns: list[dict[str, Any]]) -> dict[str, int]:
    return {name: sum(row[name] for row in campaigns) for name in NONE}


def _done(actor: Actor) -> list[dict[str, Any]]:
    """What was done on this person's word in the last day, with the way back."""
    since = timezone.now() - timedelta(days=1)
    steps = Step.objects.filter(run__owner=actor.user, state=StepState.DONE, finished_at__gte=since)
    rows = steps.exclude(risk="read").select_related("run").order_by("-finished_at")[:SHOWN]
    return [
        {"step": step, "undo_url": reverse("workspace:run-undo", args=[step.run_id]) if step.undo else ""}
        for step in rows
    ]


def _researches(actor: Actor) -> list[dict[str, Any]]:
    jobs = visible_to(actor, ResearchJob.objects.all()).order_by("-created_at")[:3]
    return [{"job": job, "url": url_of({"type": "research", "id": str(job.pk)})} for job in jobs]


def _checklist(actor: Actor) -> list[dict[str, Any]]:
    """The first steps of a new installation; empty once there are people to write to and a campaign under way."""
    has_companies = visible_to(actor, Company.objects.all()).exists()
    has_campaign = visible_to(actor, Campaign.objects.all()).exists()
    if has_companies and has_campaign:
        return []
    has_research = visible_to(actor, ResearchJob.objects.all()).exists()
    has_mailbox = Mailbox.objects.filter(is_active=True).exists()
    return [
        _item("Import your companies and contacts", has_companies, reverse("crm:imports")),
        _item("Add a mailbox to send from", has_mailbox, reverse("admin:index")),
        _item("Find people who fit", has_research, "", "Find CMOs at fintech companies in New York"),
        _item(
            "Draft a campaign", has_campaign, "", "Create a 3-touch campaign for the prospects I just found"
        ),
    ]


def _item(text: str, is_done: bool, url: str, command: str = "") -> dict[str, Any]:  # noqa: FBT001 -- a row of a table
    return {"text": text, "is_done": is_done, "url": url, "command": command}
