"""Rows read for one line of a page each."""

from typing import TypeVar

from django.db.models import Model, QuerySet

R = TypeVar("R", bound=Model)

TASK = ("title", "due_at", "company__name", "contact__name", "contact__email")
MEETING = ("title", "starts_at", "company__name")
DEAL = (
    *("name", "deal_state", "deal_health", "deal_amount", "deal_amount_currency"),
    *("next_step", "next_step_due_on", "deal_expected_signing_date", "deal_end_date", "stage_entered_at"),
    *("company__name", "stage__name"),
)
REPLY = ("text", "category", "received_at", "contact__name", "contact__company__name")


def only(rows: QuerySet[R], *related: str, names: tuple[str, ...]) -> QuerySet[R]:
    """What a line shows, and no more: reading whole records behind each took half of a page's time."""
    return rows.select_related(None).select_related(*related).only(*names)


def task_lines(rows: QuerySet[R]) -> QuerySet[R]:
    return only(rows, "company", "contact", names=TASK)


def meeting_lines(rows: QuerySet[R]) -> QuerySet[R]:
    return only(rows, "company", names=MEETING)


def deal_lines(rows: QuerySet[R]) -> QuerySet[R]:
    return only(rows, "company", "stage", names=DEAL)


def reply_lines(rows: QuerySet[R]) -> QuerySet[R]:
    return only(rows, "contact__company", names=REPLY)
