"""Reading moves: their files as they stand now, and what came of all of them together."""

from collections import Counter
from dataclasses import dataclass
from typing import Any
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
    is_tried: bool
    would: "Would | None"


@dataclass(frozen=True, slots=True)
class Would:
    """What the files that were tried would do together; those that could not be tried say why."""

    created: Counter[str]
    updated: Counter[str]
    rejected: int
    broken: list[tuple[str, str]]


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
    created, updated = _sums([batch.result for batch in done])
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
        is_tried=any(state == "running" for _, state, _ in _rehearsals(batches)),
        would=_would(batches),
    )


def _rehearsals(batches: list[ImportBatch]) -> list[tuple[ImportBatch, str, dict[str, Any]]]:
    tried = [
        batch for batch in batches if batch.state in {"uploaded", "failed"} and "rehearsal" in batch.result
    ]
    return [(batch, batch.result["rehearsal"]["state"], batch.result["rehearsal"]) for batch in tried]


def _would(batches: list[ImportBatch]) -> Would | None:
    found = _rehearsals(batches)
    if not found or any(state == "running" for _, state, _ in found):
        return None
    results = [rehearsal["result"] for _, state, rehearsal in found if state == "done"]
    broken = [(batch.file_name, rehearsal["error"]) for batch, state, rehearsal in found if state == "failed"]
    created, updated = _sums(results)
    return Would(created, updated, sum(result["rejected"] for result in results), broken)


def _sums(results: list[dict[str, Any]]) -> tuple[Counter[str], Counter[str]]:
    created, updated = (
        Counter({kind: sum(result[part].get(kind, 0) for result in results) for kind in KINDS})
        for part in ("created", "updated")
    )
    return created, updated


def _state(states: Counter[str]) -> str:
    if states["running"]:
        return "running"
    if states["uploaded"] or states["failed"]:
        return "waiting"
    return "done" if states["done"] else "undone"
