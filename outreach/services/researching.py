"""Carrying a search out: set by set, counted exactly once, by whichever worker holds the lease."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from crm.selectors.visibility import visible_companies
from gtmos.kernel import clock, events, live
from gtmos.kernel.actors import Actor
from gtmos.kernel.fsm import move
from outreach.enums import ResearchState
from outreach.events import ResearchFinished
from outreach.models import Prospect, ResearchJob
from outreach.scoring.formulas import TIER_ENDS, tier
from outreach.selectors.criteria import model_company, next_companies
from outreach.selectors.prospects import BEST_FIRST
from outreach.selectors.research import UNFINISHED
from outreach.services.examining import Examination, Tally

SET = 500
LEASE = timedelta(seconds=30)
MOST_TRIES = 5
QUIET_SECONDS = 0.25
COUNTS = ("companies_found", "contacts_examined", "contacts_found", "blocked", "signals_known")


def run_research(job_id: UUID | str) -> ResearchJob:
    """Do a search that was asked for, or go on with one whose worker died. A second caller leaves it to the first."""
    run = claim(job_id)
    if run is not None:
        while run.step():
            pass
    return ResearchJob.objects.get(pk=job_id)


def claim(job_id: UUID | str) -> "Run | None":
    """Take the lease. It is server time: a moved business clock must not make a living worker look dead."""
    with transaction.atomic():
        job = (
            ResearchJob.objects.select_for_update(of=("self",))
            .select_related("owner")
            .filter(pk=job_id, state__in=UNFINISHED)
            .first()
        )
        if job is None or (job.lease_until is not None and job.lease_until > timezone.now()):
            return None
        if job.fence >= MOST_TRIES:
            _give_up(job)
            return None
        move(job.begin, refusal=f"{job} is {job.get_state_display()}.")
        job.fence += 1
        job.lease_until = timezone.now() + LEASE
        job.started_at = job.started_at or clock.now()
        job.save(update_fields=["state", "fence", "lease_until", "started_at", "updated_at"])
        live.push(f"research:{job.pk}", "started")
    return Run.of(job)


def _give_up(job: ResearchJob) -> None:
    job.error = f"The search was interrupted {MOST_TRIES} times. Start it again."
    if job.companies_examined:
        move(job.finish_partly, refusal=f"{job} cannot be finished.")
        rank(job)
    else:
        move(job.fail, refusal=f"{job} cannot be given up.")
    _save_end(job, _actor_of(job))


def _actor_of(job: ResearchJob) -> Actor:
    """The rights are those of the person who asked. Without one nothing may be seen."""
    if job.owner is None:
        return Actor(kind="user", label="nobody", source="task")
    return Actor.of(job.owner, source="task")


@dataclass(slots=True)
class Run:
    """One worker's hold on one search. `step` examines the next set, in a transaction with all that it counts."""

    job_id: UUID
    fence: int
    actor: Actor
    examination: Examination | None
    pushed_at: float = field(default=-QUIET_SECONDS)

    @classmethod
    def of(cls, job: ResearchJob) -> "Run":
        actor = _actor_of(job)
        if not job.cursor:
            total = visible_companies(actor=actor).count()
            ResearchJob.objects.filter(pk=job.pk, fence=job.fence).update(companies_total=total)
        model = model_company(job.criteria, actor=actor)
        lost_model = bool(job.criteria.get("similar_to")) and model is None
        return cls(
            job.pk, job.fence, actor, None if lost_model else Examination.of(job, actor=actor, model=model)
        )

    @transaction.atomic
    def step(self) -> bool:
        """False when there is nothing left to do: the end, a cancellation, or another worker has taken over."""
        job = self._still_mine()
        if job is None:
            return False
        if self.examination is None:
            job.error = f"{job.criteria['similar_to']} is no company that you can see any more."
            move(job.fail, refusal=f"{job} cannot fail now.")
            _save_end(job, self.actor)
            return False
        rows = next_companies(after=job.cursor, limit=SET, actor=self.actor)
        if not rows:
            self._finish(job)
            return False
        prospects, tally = self.examination.examine(rows)
        Prospect.objects.bulk_create(prospects, batch_size=SET)
        _count(job, len(rows), len(prospects), tally)
        job.cursor = str(rows[-1]["id"])
        job.lease_until = timezone.now() + LEASE
        job.save(
            update_fields=[
                *COUNTS,
                "companies_total",
                "companies_examined",
                "scored",
                "left_out",
                "cursor",
                "lease_until",
                "updated_at",
            ]
        )  # fmt: skip -- a list of columns
        self._tell()
        return True

    def _still_mine(self) -> ResearchJob | None:
        return (
            ResearchJob.objects.select_for_update(of=("self",))
            .filter(pk=self.job_id, fence=self.fence, state=ResearchState.PROCESSING)
            .first()
        )

    def _finish(self, job: ResearchJob) -> None:
        rank(job)
        move(job.finish, refusal=f"{job} cannot be finished now.")
        _save_end(job, self.actor)

    def _tell(self) -> None:
        """At most four times a second; the first set at once."""
        if time.monotonic() - self.pushed_at >= QUIET_SECONDS:
            self.pushed_at = time.monotonic()
            live.push(f"research:{self.job_id}", "progress")


def _count(job: ResearchJob, examined: int, scored: int, tally: Tally) -> None:
    job.companies_examined += examined
    # Companies that came while it ran are examined too.
    job.companies_total = max(job.companies_total, job.companies_examined)
    job.scored += scored
    for name in COUNTS:
        setattr(job, name, getattr(job, name) + getattr(tally, name))
    job.left_out = tally.added_to(job.left_out)


def rank(job: ResearchJob) -> None:
    """Tiers by rank, equals in the order of their keys; then what is beyond the wanted number goes."""
    keys = list(job.prospects.order_by(*BEST_FIRST).values_list("id", flat=True))
    limit = job.criteria.get("limit")
    if limit and len(keys) > limit:
        for some in _batches(keys[limit:]):
            Prospect.objects.filter(pk__in=some).delete()
        keys = keys[:limit]
        job.blocked = job.prospects.exclude(blocked_reason="").count()
    for number, some in _tiers(keys):
        Prospect.objects.filter(pk__in=some).update(tier=number)


def _batches(keys: list[UUID]) -> Iterator[list[UUID]]:
    yield from (keys[start : start + 5000] for start in range(0, len(keys), 5000))


def _tiers(keys: list[UUID]) -> Iterator[tuple[int, list[UUID]]]:
    for number in range(1, len(TIER_ENDS) + 1):
        own = [key for place, key in enumerate(keys) if tier(place, len(keys)) == number]
        yield from ((number, some) for some in _batches(own))


def _save_end(job: ResearchJob, actor: Actor) -> None:
    job.finished_at = clock.now()
    job.lease_until = None
    job.version += 1
    job.save(
        update_fields=["state", "error", "blocked", "finished_at", "lease_until", "version", "updated_at"]
    )
    events.publish(
        ResearchFinished(
            job_id=job.pk,
            state=job.state,
            companies_examined=job.companies_examined,
            companies_found=job.companies_found,
            contacts_found=job.contacts_found,
        ),
        subject=job,
        actor=actor,
    )
    live.push(f"research:{job.pk}", "done")
