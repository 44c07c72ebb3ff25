"""What waits for this person's word, whatever they do here."""

from collections.abc import Callable, Collection, Iterable
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse

from agents.enums import RunState
from agents.models import Message, Suggestion
from agents.selectors.suggestions import open_suggestions
from crm.models import Alert, Mention
from crm.selectors.alerts import my_alerts
from crm.selectors.mentions import unread_mentions
from gtmos.kernel.actors import Actor
from gtmos.kernel.approvals.models import Approval
from gtmos.kernel.approvals.selectors import approvals_waiting
from gtmos.workspace.selectors.lines import only

SHOWN = 6
ALERT = ("what", "why", "state", "created_at", "company__name", "owner__name")
MENTION = ("activity__subject", "activity__company__name", "said_by__name", "said_by__email")
DECISION = ("subject_name", "subject_type", "subject_id", "requested_label", "requested_at", "reason")
SUGGESTION = ("title", "reason")


def waiting(there: Collection[str], *, actor: Actor) -> dict[str, list[Any]]:
    """`there` names what there may be, see `existing`; the rest is not asked for."""
    read: dict[str, Callable[[Actor], Iterable[Any]]] = {
        "approvals": _approvals,
        "decisions": _decisions,
        "suggestions": _suggestions,
        "alerts": _alerts,
        "mentions": _mentions,
    }
    return {name: list(rows(actor)) if name in there else [] for name, rows in read.items()}


def _suggestions(actor: Actor) -> QuerySet[Suggestion]:
    return open_suggestions(actor=actor).only(*SUGGESTION)[:SHOWN]


def _alerts(actor: Actor) -> QuerySet[Alert]:
    return only(my_alerts(actor=actor), "company", "owner", names=ALERT)[:SHOWN]


def _decisions(actor: Actor) -> QuerySet[Approval]:
    rows = approvals_waiting(actor=actor).prefetch_related(None)
    names = (*DECISION, "policy_version__policy__name")
    return only(rows, "policy_version__policy", names=names)[:SHOWN]


def _mentions(actor: Actor) -> QuerySet[Mention]:
    return only(unread_mentions(actor=actor), "activity__company", "said_by", names=MENTION)[:SHOWN]


def _approvals(actor: Actor) -> list[dict[str, Any]]:
    cards = Message.objects.filter(
        run__owner=actor.user, run__state=RunState.WAITING, card__kind="approval"
    ).order_by("-created_at")
    return [
        _approval(message.card["approval"], message.run_id)
        for message in cards.only("card", "run_id")[:SHOWN]
    ]


def _approval(approval: dict[str, Any], run: UUID | None) -> dict[str, Any]:
    fingerprint = urlencode({"fingerprint": approval["fingerprint"]})
    return {
        "approval": approval,
        "approve_url": f"{reverse('workspace:run-confirm', args=[run])}?{fingerprint}",
        "reject_url": reverse("workspace:run-reject", args=[run]),
    }
