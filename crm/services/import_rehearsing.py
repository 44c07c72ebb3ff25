"""What files would do: imported whole inside a transaction that is rolled back before anybody sees it."""

import csv
from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from crm.models import ImportBatch
from crm.services.import_copies import ORDER, copied_import
from crm.services.import_files import Readable
from crm.services.import_tally import rejected_path
from crm.services.importing import choose_columns, run_import, start_import, upload_import
from crm.services.pipelines import ensure_default_pipeline
from gtmos.kernel import jobs, live
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.permissions import require

# A worker that died in the middle has changed nothing; another one tries again then.
LEASE = timedelta(minutes=15)
REASONS_SHOWN = 12
NOT_STARTED = ("uploaded", "failed")


def rehearse_import(*, file_name: str, content: Readable, actor: Actor, into: str = "auto") -> ImportBatch:
    """A file that is not kept: the batch says what it would do."""
    with transaction.atomic():
        ensure_default_pipeline(actor=Actor.system("import", source="import"))
        batch = upload_import(file_name=file_name, content=content, actor=actor, into=into)
        try:
            start_import(batch, actor=actor)
            batch = run_import(batch.pk)
        finally:
            _forget_files(batch)
        transaction.set_rollback(True)
    if batch.result:
        batch.result["rejected_file"] = ""
    return batch


@transaction.atomic
def ask_rehearsal(
    batch: ImportBatch, *, actor: Actor, mapping: dict[str, str] | None = None
) -> list[ImportBatch]:
    """Try an uploaded file in the background, with the others of its move: one may bring what another names."""
    require(actor, "crm.import_records")
    require(actor, "crm.undo_import", batch)
    locked = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    if locked.state not in NOT_STARTED:
        raise DomainError(
            f"{batch} is {locked.get_state_display()}; there is nothing to try.", code="nothing_to_try"
        )
    choose_columns(locked, mapping, actor=actor)
    locked.save(update_fields=["mapping"])
    together = _together(locked)
    for each in together.select_for_update(of=("self",)):
        each.result, each.lease_until = {"rehearsal": {"state": "running"}}, None
        each.save(update_fields=["result", "lease_until"])
        live.push(f"import:{each.pk}")
    jobs.enqueue("crm.rehearse_imports", batch_id=str(batch.pk))
    return list(together)


def _together(batch: ImportBatch) -> QuerySet[ImportBatch]:
    same = Q(move=batch.move_id) if batch.move_id else Q(pk=batch.pk)
    return ImportBatch.objects.filter(same, state__in=NOT_STARTED, repetitions=None).order_by("created_at")


def rehearse_imports(batch_id: UUID | str) -> int:
    """Do the asked look at a file and at those that belong to it. Safe to call twice."""
    batches = _claimed(batch_id)
    if not batches:
        return 0
    found: dict[UUID, dict[str, Any]] = {}
    with transaction.atomic():
        ensure_default_pipeline(actor=Actor.system("import", source="import"))
        for batch in sorted(batches, key=lambda each: ORDER.index(str(each.mapping["kind"]))):
            found[batch.pk] = _tried(batch)
        transaction.set_rollback(True)
    for key, rehearsal in found.items():
        waiting = ImportBatch.objects.filter(pk=key, state__in=NOT_STARTED)
        waiting.update(result={"rehearsal": rehearsal}, lease_until=None)
        live.push(f"import:{key}", "tried")
    return len(found)


@transaction.atomic
def _claimed(batch_id: UUID | str) -> list[ImportBatch]:
    batch = ImportBatch.objects.filter(pk=batch_id).first()
    if batch is None:
        return []
    asked = _together(batch).filter(result__rehearsal__state="running")
    free = list(asked.exclude(lease_until__gt=timezone.now()).select_for_update(of=("self",)))
    ImportBatch.objects.filter(pk__in=[each.pk for each in free]).update(lease_until=timezone.now() + LEASE)
    return free


def _tried(batch: ImportBatch) -> dict[str, Any]:
    """A copy of it, so that whoever looks at the batch itself waits for nobody."""
    actor = Actor.of(batch.owner, source="import") if batch.owner else Actor.system("import", source="import")
    try:
        copy = copied_import(batch, move=None, owner=batch.owner, team=batch.team)
    except DomainError as error:
        return {"state": "failed", "error": error.message}
    try:
        start_import(copy, actor=actor)
        done = run_import(copy.pk)
        if done.state != "done":
            return {"state": "failed", "error": done.error}
        return {"state": "done", "result": done.result, "reasons": _reasons(rejected_path(copy))}
    finally:
        _forget_files(copy)


def _reasons(path: Path) -> list[list[Any]]:
    """Why lines would be refused, the most frequent reason first, each with a line to look at."""
    if not path.exists():
        return []
    first: dict[str, str] = {}
    with path.open(newline="", encoding="utf-8") as file:
        counted = Counter(_noted(csv.reader(file), first))
    return [[reason, count, first[reason]] for reason, count in counted.most_common(REASONS_SHOWN)]


def _noted(rows: Iterable[list[str]], first: dict[str, str]) -> Iterable[str]:
    for line, reason, *_ in rows:
        if line != "line":
            first.setdefault(reason, line)
            yield reason


def _forget_files(batch: ImportBatch) -> None:
    for path in (Path(batch.path), rejected_path(batch)):
        path.unlink(missing_ok=True)


def resume_rehearsals() -> int:
    """Ring again for looks whose worker died."""
    asked = ImportBatch.objects.filter(state__in=NOT_STARTED, result__rehearsal__state="running")
    waiting = asked.exclude(lease_until__gt=timezone.now())
    for batch in waiting:
        jobs.enqueue("crm.rehearse_imports", batch_id=str(batch.pk))
    return len(waiting)
