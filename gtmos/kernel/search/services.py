"""Noting which texts changed, and reading them for their meaning."""

import time
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from pgvector import HalfVector

from gtmos.kernel.actors import SYSTEM
from gtmos.kernel.search.fusing import passages
from gtmos.kernel.search.kinds import Kind, kinds, readable
from gtmos.kernel.search.models import DIMENSIONS, Embedding, EmbeddingJob, ReadingPlace
from gtmos.runtime import embedding

OVERLAP = timedelta(minutes=15)  # a transaction may commit so long after its rows got their moment
MOST_NOTED = 5_000
MOST_WAITING = 5_000  # older records are noted only while fewer than this wait
BATCH = 8
GIVE_UP_AFTER = 5
PAUSE = timedelta(minutes=1)


def note_changes() -> int:
    """One look at each kind: what changed since the last look, and some of what is older still."""
    model = embedding.model_name()
    return sum(_note_kind(kind, model) for kind in readable()) if model else 0


@transaction.atomic
def _note_kind(kind: Kind, model: str) -> int:
    now = timezone.now()
    place, _ = ReadingPlace.objects.select_for_update().get_or_create(
        kind=kind.name, defaults={"forward_at": now, "backward_at": now, "model": model}
    )
    if place.model != model:
        place.model, place.forward_at, place.backward_at = model, now, now
    noted = _note_forward(kind, place, now)
    if place.backward_at and EmbeddingJob.objects.count() < MOST_WAITING:
        noted += _note_backward(kind, place)
    place.save()
    return noted


def _note_forward(kind: Kind, place: ReadingPlace, now: datetime) -> int:
    since = place.forward_at - OVERLAP
    rows = _unread(kind, place.model).filter(updated_at__gte=since).order_by("updated_at")
    found = list(rows.values_list("pk", "updated_at")[:MOST_NOTED])
    place.forward_at = max(place.forward_at, found[-1][1]) if len(found) == MOST_NOTED else now
    return _note(kind, found)


def _note_backward(kind: Kind, place: ReadingPlace) -> int:
    rows = _unread(kind, place.model).filter(updated_at__lt=place.backward_at).order_by("-updated_at")
    found = list(rows.values_list("pk", "updated_at")[:MOST_NOTED])
    place.backward_at = found[-1][1] if len(found) == MOST_NOTED else None
    return _note(kind, found)


def _unread(kind: Kind, model: str) -> QuerySet[Any]:
    """Records with text of which no passage of this version, by this model, is kept."""
    records = kind.visible(actor=SYSTEM).select_related(None).filter(kind.has_prose)
    read = Embedding.objects.filter(
        subject_type=kind.name,
        subject_id=OuterRef("pk"),
        number=0,
        source_version=OuterRef("version"),
        model=model,
    )
    return records.filter(~Exists(read))


def _note(kind: Kind, found: list[tuple[Any, datetime]]) -> int:
    rows = [EmbeddingJob(subject_type=kind.name, subject_id=key, changed_at=moment) for key, moment in found]
    EmbeddingJob.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def is_waiting() -> bool:
    return EmbeddingJob.objects.filter(next_at__lte=timezone.now()).exists()


def read_waiting(*, seconds: float = 8.0) -> int:
    """Read the newest waiting texts until the time is over; returns how many records were read."""
    if not is_waiting() or not embedding.ensure_started():
        return 0
    read, stop_at = 0, time.monotonic() + seconds
    while time.monotonic() < stop_at and (done := _read_batch()):
        read += done
    return read


@transaction.atomic
def _read_batch() -> int:
    waiting = EmbeddingJob.objects.filter(next_at__lte=timezone.now()).order_by("-changed_at", "-id")
    batch = list(waiting.select_for_update(skip_locked=True)[:BATCH])
    pieces = [(job, record, text) for job, record in _records(batch) for text in _texts(job, record)]
    answer = embedding.vectors_of([text for *_, text in pieces]) if pieces else None
    if pieces and answer is None:
        _put_off(batch)
        return 0
    _forget(batch)
    if answer is not None:
        rows = [_row(*piece, vector) for piece, vector in zip(pieces, answer.rows, strict=True)]
        Embedding.objects.bulk_create(_numbered(rows, answer.model))
    EmbeddingJob.objects.filter(pk__in=[job.pk for job in batch]).delete()
    return len(batch)


def _records(batch: list[EmbeddingJob]) -> list[tuple[EmbeddingJob, Any]]:
    found: dict[tuple[str, Any], Any] = {}
    for name in {job.subject_type for job in batch} & kinds().keys():
        keys = [job.subject_id for job in batch if job.subject_type == name]
        rows = kinds()[name].visible(actor=SYSTEM).select_related(None).filter(pk__in=keys)
        found |= {(name, row.pk): row for row in rows}
    pairs = [(job, found.get((job.subject_type, job.subject_id))) for job in batch]
    return [(job, record) for job, record in pairs if record is not None]


def _texts(job: EmbeddingJob, record: Any) -> list[str]:
    return passages(kinds()[job.subject_type].text_of(record))


def _row(job: EmbeddingJob, record: Any, text: str, vector: tuple[float, ...]) -> Embedding:
    return Embedding(
        subject_type=job.subject_type,
        subject_id=job.subject_id,
        source_version=record.version,
        text=text,
        dimensions=len(vector),
        vector=HalfVector(list(vector)),
    )


def _numbered(rows: list[Embedding], model: str) -> list[Embedding]:
    places: dict[Any, int] = {}
    for row in rows:
        row.model, row.number = model, places.get(row.subject_id, 0)
        places[row.subject_id] = row.number + 1
    return rows


def _forget(batch: list[EmbeddingJob]) -> None:
    for job in batch:
        Embedding.objects.filter(subject_type=job.subject_type, subject_id=job.subject_id).delete()


def _put_off(batch: list[EmbeddingJob]) -> None:
    """Tried again later; what never works is given up, and noted again when it changes."""
    for job in batch:
        job.attempts += 1
        job.next_at = timezone.now() + PAUSE * job.attempts
        job.save(update_fields=["attempts", "next_at"])
    EmbeddingJob.objects.filter(attempts__gte=GIVE_UP_AFTER).delete()


def forget_deleted() -> int:
    """Passages whose record is gone, or has no text any more. A search never shows them; this takes the copy away."""
    return sum(_forget_deleted(kind) for kind in readable())


def _forget_deleted(kind: Kind) -> int:
    kept = kind.visible(actor=SYSTEM).select_related(None).order_by().filter(kind.has_prose)
    gone = Embedding.objects.filter(~Exists(kept.filter(pk=OuterRef("subject_id"))), subject_type=kind.name)
    return gone.delete()[0]


def ensure_index(dimensions: int) -> str:
    """The index for vectors of this length; built beside the running work, so not inside a transaction."""
    name = f"kernel_embedding_near_{int(dimensions)}"
    if dimensions != DIMENSIONS:
        with connection.cursor() as cursor:
            cursor.execute(INDEX.format(name=name, dimensions=int(dimensions)))
    return name


INDEX = (
    "CREATE INDEX CONCURRENTLY IF NOT EXISTS {name} ON kernel_embedding USING hnsw "
    "((vector::halfvec({dimensions})) halfvec_cosine_ops) WHERE dimensions = {dimensions}"
)
