"""What waits for this person's word, whatever they do here."""

from typing import Any, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Model, QuerySet
from django.urls import reverse

from agents.enums import RunState
from agents.models import Message
from agents.selectors.suggestions import open_suggestions
from crm.selectors.alerts import my_alerts
from crm.selectors.mentions import unread_mentions
from gtmos.kernel.actors import Actor
from gtmos.kernel.approvals.selectors import approvals_waiting

R = TypeVar("R", bound=Model)
SHOWN = 6
ALERT = ("what", "why", "state", "created_at", "company__name", "owner__name")
MENTION = ("activity__subject", "activity__company__name", "said_by__name")


def waiting(*, actor: Actor) -> dict[str, Any]:
    return {
        "approvals": _approvals(actor),
        "decisions": list(approvals_waiting(actor=actor).prefetch_related(None)[:SHOWN]),
        "suggestions": list(open_suggestions(actor=actor)[:SHOWN]),
        "alerts": list(_only(my_alerts(actor=actor), "company", "owner", names=ALERT)),
        "mentions": list(_only(unread_mentions(actor=actor), "activity__company", "said_by", names=MENTION)),
    }


def _only(rows: QuerySet[R], *related: str, names: tuple[str, ...]) -> QuerySet[R]:
    """What a line shows, and no more: reading whole records behind each took half of the page's time."""
    return rows.select_related(None).select_related(*related).only(*names)[:SHOWN]


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
