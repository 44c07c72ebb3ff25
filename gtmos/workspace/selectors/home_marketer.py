"""Home of somebody in marketing: campaigns, tests with honest verdicts, answers, where leads come from, growth."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Window
from django.db.models.expressions import Value
from django.db.models.functions import Coalesce, NullIf, TruncDate, TruncWeek
from django.urls import reverse

from crm.selectors.contacts import visible_contacts
from gtmos.kernel import clock, wording
from gtmos.kernel.actors import Actor
from gtmos.kernel.records import visible_to
from gtmos.workspace.selectors.figure import Figure
from gtmos.workspace.selectors.home_rep import due_tasks, replies
from gtmos.workspace.selectors.lines import only
from gtmos.workspace.selectors.links import url_of
from outreach.enums import CampaignState, TouchState
from outreach.models import Campaign, Touch
from outreach.selectors.campaigns import HUMAN_REPLY, visible_experiments

SHOWN = 6
LEAD_DAYS = 30
WEEKS = 12
UNDER_WAY = (CampaignState.ACTIVE, CampaignState.RUNNING, CampaignState.PAUSED)
NONE = {"sent": 0, "replied": 0, "bounced": 0, "meetings": 0}


def marketer_home(actor: Actor) -> dict[str, Any]:
    now = clock.now()
    campaigns, figures = _campaigns(actor)
    tasks = list(due_tasks(actor, now))
    sources, growth = _sources(actor), _growth(actor)
    return {
        "campaigns": campaigns,
        "figures": figures,
        "experiments": _experiments(actor),
        "replies": replies(actor, now),
        "sources": sources[:SHOWN],
        "sources_total": sum(row["count"] for row in sources),
        "growth": growth,
        "growth_counts": [week["count"] for week in growth],
        "tasks": tasks[:SHOWN],
        "tasks_more": len(tasks) > SHOWN,
    }


def _campaigns(actor: Actor) -> tuple[list[dict[str, Any]], list[Figure]]:
    """The newest campaigns under way with counts of people, and figures of all of them; machines are not counted."""
    under_way = visible_to(actor, Campaign.objects.filter(state__in=UNDER_WAY))
    newest: Any = under_way.only("name", "state", "starts_at").order_by("-activated_at", "-pk")
    rows = list(newest.annotate(of_all=Window(Count("pk")))[:SHOWN])
    counts = _counts(under_way.order_by().values("pk"))
    shown = [
        {"campaign": row, "url": url_of({"type": "campaign", "id": str(row.pk)}), **counts.get(row.pk, NONE)}
        for row in rows
    ]
    return shown, _figures(list(counts.values()), rows[0].of_all if rows else 0)


def _counts(campaigns: QuerySet[Campaign, Any]) -> dict[UUID, dict[str, int]]:
    sent = Touch.objects.filter(campaign__in=campaigns, state=TouchState.SENT).order_by()
    rows = sent.values("campaign_id").annotate(
        sent=Count("pk"),
        replied=Count("pk", filter=HUMAN_REPLY),
        bounced=Count("pk", filter=Q(bounced_at__isnull=False)),
        meetings=Count("pk", filter=Q(meeting_at__isnull=False)),
    )
    counts: list[dict[str, Any]] = [dict(row) for row in rows]
    return {row["campaign_id"]: {name: row[name] for name in NONE} for row in counts}


def _figures(counts: list[dict[str, int]], campaigns: int) -> list[Figure]:
    sums = {name: sum(row[name] for row in counts) for name in NONE}
    sent = sums["sent"]
    if not sent:
        return []
    url = reverse("outreach:campaigns")
    of = f"of {wording.counted(sent)}"
    return [
        Figure(
            "Sent by campaigns under way",
            wording.counted(sent),
            "mail" if sent == 1 else "mails",
            f"in {wording.plural(campaigns, 'campaign')}",
            url,
        ),
        *(
            Figure(label, wording.counted(sums[name]), of, wording.share(sums[name], sent), url)
            for name, label in (
                ("replied", "Human replies"),
                ("meetings", "Meetings"),
                ("bounced", "Bounces"),
            )
        ),
    ]


def _experiments(actor: Actor) -> list[dict[str, Any]]:
    """The verdict is the one of the last look, in its own words; no look, no verdict."""
    newest = visible_experiments(actor=actor).order_by("-created_at")
    rows = only(newest, "campaign", names=("state", "evaluation", "campaign__name"))[:SHOWN]
    return [
        {
            "experiment": row,
            "url": url_of({"type": "campaign", "id": str(row.campaign_id)}),
            "title": row.evaluation.get("title", ""),
            "detail": row.evaluation.get("detail", ""),
        }
        for row in rows
    ]


def _sources(actor: Actor) -> list[dict[str, Any]]:
    """Where the people came from who were added in the last days."""
    since = clock.now() - timedelta(days=LEAD_DAYS)
    people: Any = visible_contacts(actor=actor).select_related(None).order_by()
    named = Coalesce(NullIf("source", Value("")), Value(wording.NOT_KNOWN))
    rows = people.filter(created_at__gte=since).annotate(origin=named).values("origin")
    return list(rows.annotate(count=Count("pk")).order_by("-count", "origin"))


def _growth(actor: Actor) -> list[dict[str, Any]]:
    """People added in each of the last weeks, and how many of them may be written to."""
    since = clock.now() - timedelta(weeks=WEEKS)
    people: Any = visible_contacts(actor=actor).select_related(None).order_by()
    weeks = people.filter(created_at__gte=since).annotate(week=TruncDate(TruncWeek("created_at")))
    counted = weeks.values("week").annotate(
        count=Count("pk"), reachable=Count("pk", filter=~Q(email="") & ~Q(email_status="bounced"))
    )
    return list(counted.order_by("week"))
