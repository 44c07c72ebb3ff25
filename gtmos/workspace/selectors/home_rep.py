"""Home of somebody who sells: today's tasks and meetings, deals that need a step, answers, the own pipeline."""

from datetime import datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from crm.enums import MeetingState
from crm.models import Deal, Meeting, Task
from crm.selectors.activities import visible_tasks
from crm.selectors.standing_figures import (
    Standing,
    deals_that_need_a_step,
    snapshot_of_last_week,
    standing,
)
from crm.selectors.visibility import visible_meetings
from gtmos.kernel import clock, wording
from gtmos.kernel.actors import Actor
from gtmos.kernel.records import visible_to
from gtmos.workspace.selectors.figure import Figure, changed, with_left_out
from gtmos.workspace.selectors.lines import deal_lines, meeting_lines, reply_lines, task_lines
from gtmos.workspace.selectors.links import url_of
from outreach.enums import MailKind, ReplyCategory
from outreach.models import InboundMail

SHOWN = 6
REPLY_DAYS = 7
# Answers that nobody has to answer.
SETTLED = (ReplyCategory.OUT_OF_OFFICE, ReplyCategory.UNSUBSCRIBE, ReplyCategory.NOT_INTERESTED)


def rep_home(actor: Actor) -> dict[str, Any]:
    now = clock.now()
    tasks = list(due_tasks(actor, now))
    stuck = deals_that_need_a_step(actor=actor, narrow=lambda found: own(found, actor))
    deals = list(deal_lines(stuck)[: SHOWN + 1])
    return {
        "tasks": tasks[:SHOWN],
        "tasks_more": len(tasks) > SHOWN,
        "meetings": list(_meetings(actor, now)),
        "deals": deals[:SHOWN],
        "deals_more": len(deals) > SHOWN,
        "replies": replies(actor, now),
        "figures": _figures(actor),
    }


def own(deals: QuerySet[Deal], actor: Actor) -> QuerySet[Deal]:
    return deals.filter(owner=actor.user)


def due_tasks(actor: Actor, now: datetime) -> QuerySet[Task]:
    midnight = start_of_day(now) + timedelta(days=1)
    mine = visible_tasks(actor=actor).filter(owner=actor.user, done_at__isnull=True, due_at__lt=midnight)
    return task_lines(mine.order_by("due_at", "pk"))[: SHOWN + 1]


def start_of_day(now: datetime) -> datetime:
    return datetime.combine(timezone.localdate(now), time.min, timezone.get_current_timezone())


def _meetings(actor: Actor, now: datetime) -> QuerySet[Any]:
    start = start_of_day(now)
    attended = Meeting.objects.filter(attendees__user=actor.user).values("pk")
    mine = visible_meetings(actor=actor).filter(Q(owner=actor.user) | Q(pk__in=attended))
    mine = mine.filter(state=MeetingState.PLANNED)
    today = mine.filter(starts_at__gte=start, starts_at__lt=start + timedelta(days=1))
    return meeting_lines(today.order_by("starts_at"))[:SHOWN]


def replies(actor: Actor, now: datetime) -> list[dict[str, Any]]:
    """Human answers of the last days that ask for one; the sender's words are shown, never obeyed."""
    mails = InboundMail.objects.filter(
        kind=MailKind.REPLY, contact__isnull=False, received_at__gte=now - timedelta(days=REPLY_DAYS)
    ).exclude(category__in=SETTLED)
    mails = reply_lines(visible_to(actor, mails, through="contact__"))
    return [
        {"mail": mail, "url": url_of({"type": "contact", "id": str(mail.contact_id)})}
        for mail in mails.order_by("-received_at")[:SHOWN]
    ]


def _figures(actor: Actor) -> list[Figure]:
    """The own pipeline; a rep without deals sees what will stand here instead of zeros."""
    found = standing(actor=actor, narrow=lambda deals: own(deals, actor))
    if found is None:
        return []
    kept = snapshot_of_last_week(actor=actor, owner=actor.user)
    return [] if found.is_empty else pipeline_figures(found, kept, owner="me")


def open_pipeline(found: Standing, whose: str = "") -> Figure:
    """Everything open, whenever it is to be signed."""
    worth = f"{wording.money(found.weighted, found.currency)} weighted"
    return Figure(
        "Open pipeline",
        wording.money(found.open, found.currency),
        note=with_left_out(f"{wording.plural(found.open_deals, 'deal')}, {worth}", found.left_out.open),
        url=f"{reverse('crm:report-stages')}?{whose}".rstrip("?"),
    )


def weighted_forecast(
    found: Standing, kept: dict[str, Any] | None, otherwise: str, whose: str = ""
) -> Figure:
    """Against the forecast that was kept last week; where none was kept in this currency, `otherwise` stands."""
    now, money = found.forecast.weighted, found.currency
    before = kept["weighted_sum"] if kept and kept["currency"] == money else None
    than = f"on {wording.day(kept['taken_on'], kept['taken_on'])}" if kept else ""
    return Figure(
        f"Forecast {found.quarter.label}",
        wording.money(now, money),
        "weighted",
        with_left_out(changed(now, before, currency=money, than=than) or otherwise, found.left_out.quarter),
        forecast_rows_url("weighted", whose),
    )


def pipeline_figures(found: Standing, kept: dict[str, Any] | None, *, owner: str = "") -> list[Figure]:
    whose = urlencode({"owner": owner}) if owner else ""
    sums, money = found.forecast, found.currency
    best = f"best case {wording.money(sums.best_case, money)}"
    return [
        open_pipeline(found, whose),
        weighted_forecast(found, kept, f"commit {wording.money(sums.commit, money)}, {best}", whose),
        Figure(
            f"Commit {found.quarter.label}",
            wording.money(sums.commit, money),
            note=best,
            url=forecast_rows_url("commit", whose),
        ),
        Figure(
            f"Won {found.quarter.label}",
            wording.money(sums.won, money),
            note=with_left_out(wording.plural(sums.won_deals, "deal"), found.left_out.won),
            url=forecast_rows_url("won", whose),
        ),
    ]


def forecast_rows_url(figure: str, query: str) -> str:
    return f"{reverse('crm:report-rows', args=['forecast'])}?figure={figure}{'&' if query else ''}{query}"
