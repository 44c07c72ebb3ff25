"""One change to many records: tried first and rolled back, then done in parts, then taken back as one."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from crm.models import BulkEdit
from crm.selectors.visibility import visible_tasks
from crm.services.batch_rows import Outcome, Row
from crm.services.batches import write_batch
from crm.services.bulk_undo import undo_part
from crm.services.cell_values import OPERATIONS, changes_from, words_in
from crm.services.tasks import update_task
from gtmos.kernel import clock, jobs, live
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError, InvalidInputError
from gtmos.kernel.lists.fields import ListField, kind_of, own_fields
from gtmos.kernel.notifications.services import zone_of
from gtmos.kernel.permissions import require
from gtmos.kernel.rights import refuse_fixed

MOST_RECORDS, PART, AT_ONCE, SAMPLES = 20_000, 250, 100, 5


@transaction.atomic
def start_bulk_edit(
    noun: str, records: QuerySet[Any], *, field: str, value: str, actor: Actor, operation: str = "set"
) -> BulkEdit:
    """Name the records and try the change on them; few are tried at once, many by a job. Nothing is changed yet."""
    kind = kind_of(noun)
    require(actor, f"crm.edit_{noun}")
    if actor.user is None:
        raise InvalidInputError("A bulk edit belongs to a person.", code="no_owner")
    given = _field(noun, field, actor)
    if operation not in OPERATIONS or (operation != "set" and given.kind != "words"):
        raise InvalidInputError(f"{given.label} cannot be changed so.", code="unknown_operation")
    refuse_fixed(kind.model, [given.column or given.key], actor=actor)
    changes_from(given, value, actor=actor)
    keys = [str(key) for key in records.order_by("pk").values_list("pk", flat=True)[: MOST_RECORDS + 1]]
    if not 0 < len(keys) <= MOST_RECORDS:
        raise InvalidInputError(f"Choose from 1 to {MOST_RECORDS:,} records.", code="too_many_rows")
    edit = BulkEdit.objects.create(
        person=actor.user, noun=noun, keys=keys, field=field, value=value, operation=operation
    )
    return _go_on(edit)


@transaction.atomic
def run_bulk_edit(edit: BulkEdit, *, actor: Actor) -> BulkEdit:
    """Do what was tried. Who has no right to a record by now is refused there."""
    edit = _held(edit, actor, "previewed")
    return _begin(edit, "running")


@transaction.atomic
def undo_bulk_edit(edit: BulkEdit, *, actor: Actor) -> BulkEdit:
    """Each record that nobody changed since gets its old value back; the others stay and are named."""
    edit = _held(edit, actor, "done")
    return _begin(edit, "undoing")


def _begin(edit: BulkEdit, state: str) -> BulkEdit:
    edit.state, edit.done, edit.changed, edit.unchanged, edit.refused = state, 0, 0, 0, 0
    edit.refusals = {}
    edit.save()
    return _go_on(edit)


def work_on(key: UUID | str) -> int:
    """Part by part until nothing is left; each part is one transaction, so a worker that dies loses at most one."""
    parts = 0
    while _one_part(key):
        parts += 1
    return parts


def resume_bulk_edits() -> int:
    """Ring again for those whose bell or worker was lost."""
    waiting = BulkEdit.objects.filter(state__in=("previewing", "running", "undoing"))
    keys = list(waiting.values_list("pk", flat=True)[:50])
    for key in keys:
        jobs.enqueue("crm.work_on_bulk_edit", edit_id=str(key))
    return len(keys)


def _held(edit: BulkEdit, actor: Actor, state: str) -> BulkEdit:
    require(actor, f"crm.edit_{edit.noun}")
    edit = BulkEdit.objects.select_for_update(of=("self",)).get(pk=edit.pk)
    if edit.state != state:
        raise DomainError(f"This change is {edit.get_state_display()}.", code="wrong_state")
    return edit


def _go_on(edit: BulkEdit) -> BulkEdit:
    """At once where it is soon done."""
    if edit.total <= AT_ONCE:
        while _worked(edit):
            pass
    else:
        jobs.enqueue("crm.work_on_bulk_edit", edit_id=str(edit.pk))
    return edit


@transaction.atomic
def _one_part(key: UUID | str) -> bool:
    """Whoever works on it already is not disturbed."""
    rows = BulkEdit.objects.select_for_update(of=("self",), skip_locked=True).select_related("person")
    edit = rows.filter(pk=key).first()
    return edit is not None and edit.is_working and _worked(edit)


def _worked(edit: BulkEdit) -> bool:
    """One part, with the days of the person whose change it is; whether something is left."""
    with timezone.override(zone_of(edit.person.time_zone)):
        return _part_done(edit)


def _part_done(edit: BulkEdit) -> bool:
    keys = edit.keys[edit.done : edit.done + PART]
    actor = Actor.of(edit.person, source="task")
    if edit.state == "previewing":
        with transaction.atomic():
            _count(edit, _changed(edit, keys, uuid4(), actor))
            transaction.set_rollback(True)
    elif edit.state == "running":
        cause = uuid4()
        _count(edit, _changed(edit, keys, cause, actor))
        edit.causes = [*edit.causes, str(cause)]
    else:
        _count(edit, undo_part(edit.noun, keys, edit.causes, actor=actor))
    edit.done += len(keys)
    if edit.done >= edit.total:
        edit.state = {"previewing": "previewed", "running": "done", "undoing": "undone"}[edit.state]
        edit.finished_at = clock.now()
        live.push("workspace:all")
    edit.save()
    return edit.is_working


def _field(noun: str, key: str, actor: Actor) -> ListField:
    field = own_fields(noun, actor=actor).get(key)
    if field is None or not field.is_edited:
        raise InvalidInputError(
            f"{key[:40] or 'Nothing'} is no field that is changed so.", code="unknown_field"
        )
    return field


def _changed(edit: BulkEdit, keys: Sequence[str], cause: UUID, actor: Actor) -> list[tuple[str, Outcome]]:
    try:
        field = _field(edit.noun, edit.field, actor)
        rows = _rows(edit, field, keys, actor)
        if edit.noun == "task":
            return [(str(row.key), _task(row, actor, cause)) for row in rows]
        outcomes = write_batch(
            edit.noun, rows, operation="update", match_on="id", actor=actor, cause_id=cause
        )
    except DomainError as error:  # the person lost the right meanwhile
        return [(key, Outcome("rejected", problem=error)) for key in keys]
    return list(zip(keys, outcomes, strict=True))


def _rows(edit: BulkEdit, field: ListField, keys: Sequence[str], actor: Actor) -> list[Row]:
    if edit.operation == "set":
        return [Row(UUID(key), dict(changes_from(field, edit.value, actor=actor))) for key in keys]
    words, present = words_in(edit.value), _present(edit, field, keys)
    return [
        Row(UUID(key), _with_words(field, present.get(UUID(key)) or [], words, edit.operation))
        for key in keys
    ]


def _present(edit: BulkEdit, field: ListField, keys: Sequence[str]) -> dict[UUID, Any]:
    """Held until they are written, so that no word that comes meanwhile is lost; in the order of a batch."""
    column = field.column or field.key
    held = kind_of(edit.noun).model._default_manager.filter(pk__in=keys).select_for_update(of=("self",))
    rows = held.order_by("-created_at", "pk").values_list("pk", column)
    if field.definition is None:
        return dict(rows)
    return {key: custom.get(field.definition.key) for key, custom in rows}


def _with_words(field: ListField, before: list[str], words: list[str], operation: str) -> dict[str, Any]:
    kept = [word for word in before if word not in words]
    after = [*kept, *(word for word in words if word not in before)] if operation == "add" else kept
    if operation == "add":
        after = list(dict.fromkeys([*before, *words]))
    return {"custom": {field.definition.key: after or None}} if field.definition else {field.key: after}


def _task(row: Row, actor: Actor, cause: UUID) -> Outcome:
    task = visible_tasks(actor=actor).filter(pk=row.key).first()
    if task is None:
        return Outcome("rejected", problem=DomainError("There is no such task.", code="not_found"))
    version = task.version
    try:
        with transaction.atomic():
            after = update_task(task, changes=row.values, actor=actor, cause_id=cause)
    except DomainError as error:
        return Outcome("rejected", problem=error)
    return Outcome("updated" if after.version != version else "unchanged", task.pk)


def _count(edit: BulkEdit, outcomes: Sequence[tuple[str, Outcome]]) -> None:
    for key, outcome in outcomes:
        if outcome.problem is not None:
            edit.refused += 1
            _sample(edit, key, outcome.problem)
        elif outcome.result == "unchanged":
            edit.unchanged += 1
        else:
            edit.changed += 1


def _sample(edit: BulkEdit, key: str, problem: DomainError) -> None:
    kept = edit.refusals.setdefault(problem.code, {"count": 0, "samples": []})
    kept["count"] += 1
    if len(kept["samples"]) < SAMPLES:
        kept["samples"].append({"id": key, "why": problem.message[:300]})
