"""Home of who runs the machine: imports, duplicates, routing, workflows, what failed, connections."""

from datetime import timedelta
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone

from crm.enums import ImportState, PairState, RoutingState
from crm.models import RoutingVersion
from crm.selectors.duplicates import visible_pairs
from crm.selectors.imports import visible_imports
from gtmos.kernel import wording
from gtmos.kernel.actors import Actor
from gtmos.kernel.events.models import Delivery, DeliveryState
from gtmos.kernel.permissions import allows
from gtmos.kernel.records import visible_to
from gtmos.kernel.webhooks.models import Webhook, WebhookState
from gtmos.kernel.workflows.models import RunState
from gtmos.kernel.workflows.selectors import RIGHT, visible_runs
from gtmos.workspace.selectors.figure import Figure
from gtmos.workspace.selectors.lines import only
from outreach.models import Mailbox

SHOWN = 6
DAYS = 7
IMPORT = ("file_name", "state", "rows_done", "rows_total", "created_at")


def revops_home(actor: Actor) -> dict[str, Any]:
    imports = list(only(visible_imports(actor=actor), names=IMPORT)[:SHOWN])
    pairs = visible_pairs(actor=actor).select_related(None).filter(state=PairState.OPEN)
    duplicates = pairs.aggregate(
        company=Count("pk", filter=Q(company__isnull=False)),
        contact=Count("pk", filter=Q(contact__isnull=False)),
    )
    runs = _runs() if allows(actor, "kernel.watch_events") else None
    return {
        "imports": imports,
        "duplicates": duplicates,
        "runs": runs,
        "workflow_runs": _workflow_runs(actor),
        "failing": _failing(actor),
        "routing": RoutingVersion.objects.filter(state=RoutingState.ACTIVE).first(),
        "figures": _figures(imports, duplicates, runs),
    }


def _runs() -> dict[str, int]:
    """What followed from events in the last days; each delivery is one piece of work for one listener."""
    since = timezone.now() - timedelta(days=DAYS)
    rows = Delivery.objects.filter(event__happened_at__gte=since)
    return rows.aggregate(
        all=Count("pk"),
        done=Count("pk", filter=Q(state=DeliveryState.DONE)),
        waiting=Count("pk", filter=Q(state=DeliveryState.WAITING)),
        dead=Count("pk", filter=Q(state=DeliveryState.DEAD)),
    )


def _workflow_runs(actor: Actor) -> dict[str, Any] | None:
    """How many runs of workflows are under way, how many ended in the last days and how, and the last that failed."""
    if not allows(actor, RIGHT):
        return None
    lately = Q(started_at__gte=timezone.now() - timedelta(days=DAYS))
    rows = visible_runs(actor=actor)
    counts = rows.order_by().aggregate(
        running=Count("pk", filter=Q(state=RunState.RUNNING)),
        ended=Count("pk", filter=lately & ~Q(state=RunState.RUNNING)),
        failed=Count("pk", filter=lately & Q(state=RunState.FAILED)),
    )
    failed = rows.filter(lately, state=RunState.FAILED)
    newest = only(failed, "workflow", names=("reason", "started_at", "workflow__name"))[:3]
    return {**counts, "newest": list(newest)}


def _failing(actor: Actor) -> list[dict[str, Any]]:
    """Mailboxes that refuse and webhooks that were switched off because nobody answered."""
    boxes = visible_to(actor, Mailbox.objects.filter(failing_since__isnull=False, is_active=True))
    found = [
        {"name": box.address, "what": "The mail server does not answer", "since": box.failing_since}
        for box in boxes.only("address", "failing_since").order_by("failing_since")[:SHOWN]
    ]
    if not allows(actor, "kernel.watch_events"):
        return found
    hooks = Webhook.objects.exclude(state=WebhookState.ACTIVE).order_by("-updated_at")[:SHOWN]
    return found + [
        {"name": hook.url, "what": hook.get_state_display().capitalize(), "since": hook.updated_at}
        for hook in hooks
    ]


def _figures(imports: list[Any], duplicates: dict[str, int], runs: dict[str, int] | None) -> list[Figure]:
    failed = sum(batch.state == ImportState.FAILED for batch in imports)
    found = [
        Figure(
            "Company pairs that may be one",
            wording.counted(duplicates["company"]),
            note="waiting for a decision",
            url=f"{reverse('crm:duplicates')}?kind=company",
        ),
        Figure(
            "Contact pairs that may be one",
            wording.counted(duplicates["contact"]),
            note="waiting for a decision",
            url=f"{reverse('crm:duplicates')}?kind=contact",
        ),
        Figure(
            "Imports that failed",
            wording.counted(failed),
            f"of the last {wording.counted(len(imports))}",
            url=reverse("crm:imports"),
        ),
    ]
    if runs is not None:
        found.append(
            Figure(
                "Work given up",
                wording.counted(runs["dead"]),
                f"of {wording.counted(runs['all'])}",
                f"{wording.counted(runs['waiting'])} wait, in {DAYS} days",
                f"{reverse('workspace:event-flow')}?hours=168&state=dead",
            )
        )
    return found
