"""Reading moves: their files as they stand now, and what came of all of them together."""

from collections import Counter
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from crm.models import ImportBatch, ImportMove, PendingLink
from crm.selectors.visibility import one
from gtmos.kernel.actors import Actor
from gtmos.kernel.records import visible_to

KINDS = ("companies", "contacts", "deals")


@dataclass(frozen=True, slots=True)
class Summary:
    """`state` is that of the whole: running, waiting, done or undone."""

    state: str
    created: Counter[str]
    updated: Counter[str]
    rejected: int
    links_tied: int
    links_waiting: int
    may_undo: bool
    may_start: bool
    may_repeat: bool


def visible_moves(*, actor: Actor) -> QuerySet[ImportMove]:
    return visible_to(actor, ImportMove.objects.select_related("owner"))


def get_move(key: UUID | str, *, actor: Actor) -> ImportMove:
    return one(visible_moves(actor=actor), key)


def latest_imports(move: ImportMove) -> QuerySet[ImportBatch]:
    """Without those that were done again since."""
    return move.imports.filter(repetitions=None).order_by("created_at", "pk")


def links_waiting(batches: list[ImportBatch]) -> int:
    keys = [batch.pk for batch in batches]
    return PendingLink.objects.filter(cause_id__in=keys, tied_by=None).count()


def summary(batches: list[ImportBatch]) -> Summary:
    states = Counter(batch.state for batch in batches)
    done = [batch for batch in batches if batch.state == "done"]
    created, updated = (
        Counter({kind: sum(batch.result[part].get(kind, 0) for batch in done) for kind in KINDS})
        for part in ("created", "updated")
    )
    return Summary(
        state=_state(states),
        created=created,
        updated=updated,
        rejected=sum(batch.result["rejected"] for batch in done),
        links_tied=sum(batch.result.get("links_tied", 0) for batch in done),
        links_waiting=links_waiting(done),
        may_undo=bool(done) and not states["running"],
        may_start=bool(states["uploaded"] or states["failed"]),
        may_repeat=bool(states["undone"]) and not states["running"],
    )


def _state(states: Counter[str]) -> str:
    if states["running"]:
        return "running"
    if states["uploaded"] or states["failed"]:
        return "waiting"
    return "done" if states["done"] else "undone"
