"""Asking for a search, changing it, and stopping it. The rows are examined in `researching`."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from gtmos.kernel import clock, events, history, jobs, live
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError, InvalidInputError
from gtmos.kernel.fsm import move
from gtmos.kernel.permissions import require
from gtmos.kernel.records import save_changes
from outreach.events import ResearchCancelled, ResearchStarted
from outreach.models import ResearchJob, SavedSearch
from outreach.scoring.chips import title_of
from outreach.scoring.criteria import Criteria, CriteriaError, read_criteria, refined
from outreach.selectors.criteria import model_company
from outreach.selectors.research import waiting_jobs
from outreach.selectors.scoring_weights import active_weights
from outreach.services.researching import run_research

__all__ = [
    "cancel_research",
    "refine_research",
    "resume_research",
    "run_research",
    "share_research",
    "start_research",
]

PATIENCE = timedelta(seconds=5)


@transaction.atomic
def start_research(
    criteria: Mapping[str, Any],
    *,
    actor: Actor,
    command: str = "",
    name: str = "",
    parent: ResearchJob | None = None,
    saved_search: SavedSearch | None = None,
) -> ResearchJob:
    """Look for people or companies in the background, with the rights of the actor's user."""
    require(actor, "outreach.start_research")
    if actor.user is None:
        raise DomainError("A search needs a person who may see what it finds.", code="nobody_asks")
    understood = _understood(criteria, actor)
    job = ResearchJob(
        name=(name.strip() or title_of(understood))[:200],
        command=command.strip(),
        criteria=understood,
        parent=parent,
        saved_search=saved_search,
        scoring=active_weights(),
        owner=actor.user,
    )
    job.save(force_insert=True)
    history.record_creation(job, actor=actor, values={"criteria": understood})
    events.publish(ResearchStarted(job_id=job.pk), subject=job, actor=actor)
    jobs.enqueue("outreach.run_research", job_id=str(job.pk))
    return job


def _understood(criteria: Mapping[str, Any], actor: Actor) -> Criteria:
    try:
        understood = read_criteria(criteria)
    except CriteriaError as error:
        raise InvalidInputError(str(error), code="bad_criteria") from error
    if understood.get("similar_to") and model_company(understood, actor=actor) is None:
        raise InvalidInputError(
            f"There is no company called {understood['similar_to']}.", code="unknown_company"
        )
    return understood


@transaction.atomic
def refine_research(
    job: ResearchJob, *, op: str, changes: Mapping[str, Any], actor: Actor, command: str = ""
) -> ResearchJob:
    """A new search with changed criteria; the old one and its decisions stay as they are."""
    try:
        criteria = refined(job.criteria, op=op, changes=changes)
    except CriteriaError as error:
        raise InvalidInputError(str(error), code="bad_criteria") from error
    return start_research(criteria, command=command or job.command, parent=job, actor=actor)


@transaction.atomic
def cancel_research(job: ResearchJob, *, actor: Actor) -> ResearchJob:
    """Stop before the next set. What was found until then stays."""
    require(actor, "outreach.edit_research", job)
    job = ResearchJob.objects.select_for_update().get(pk=job.pk)
    before = job.state
    move(job.cancel, refusal=f"{job} is {job.get_state_display()} and cannot be cancelled.")
    job.finished_at = clock.now()
    job.lease_until = None
    save_changes(job, "state", "finished_at", "lease_until")
    history.record(job, before={"state": before}, after={"state": job.state}, actor=actor, category="STATE")
    events.publish(ResearchCancelled(job_id=job.pk), subject=job, actor=actor)
    live.push(f"research:{job.pk}", "cancelled")
    return job


@transaction.atomic
def share_research(job: ResearchJob, *, is_shared: bool, actor: Actor) -> ResearchJob:
    """Show the search to one's team, or to oneself alone again. Each reader sees only the records of their own."""
    require(actor, "outreach.edit_research", job)
    job = ResearchJob.objects.select_for_update().get(pk=job.pk)
    team = next(iter(actor.user.team_ids), None) if actor.user else None
    if is_shared and team is None:
        raise DomainError("You are in no team to share it with.", code="no_team")
    before = job.team_id
    job.team_id = team if is_shared else None
    save_changes(job, "team")
    history.record(job, before={"team": before}, after={"team": job.team_id}, actor=actor, category="SHARING")
    live.push(f"research:{job.pk}")
    return job


def resume_research() -> int:
    """Ring again for searches that nobody works on. Server time, as for the lease."""
    waiting = waiting_jobs(queued_before=timezone.now() - PATIENCE)
    for job in waiting:
        jobs.enqueue("outreach.run_research", job_id=str(job))
    return len(waiting)
