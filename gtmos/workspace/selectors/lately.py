"""What happened lately on this person's word, read after the rest of the home."""

from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone

from agents.enums import StepState
from agents.models import Step
from crm.selectors.imports import visible_imports
from gtmos.kernel.actors import Actor
from gtmos.kernel.records import visible_to
from gtmos.workspace.selectors.links import url_of
from outreach.models import ResearchJob

SHOWN = 6


def lately(*, actor: Actor) -> dict[str, Any]:
    return {
        "done": _done(actor),
        "imports": list(visible_imports(actor=actor)[:3]),
        "researches": _researches(actor),
    }


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
