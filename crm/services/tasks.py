"""What is to be done."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from crm.events import TaskCompleted, TaskCreated, TaskDeleted
from crm.models import Company, Contact, Deal, Task
from crm.services.activities import inherited
from crm.services.changing import apply_changes, check, locked
from crm.services.companies import ownership
from crm.services.notifying import tell_of_task
from gtmos.kernel import clock, events, history, live
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError, InvalidInputError
from gtmos.kernel.people.models import User
from gtmos.kernel.permissions import require

EDITABLE = frozenset({"title", "note", "due_at", "owner", "company", "contact", "deal"})


@transaction.atomic
def create_task(  # noqa: PLR0913 -- a record has as many sides as it has; nearly all are optional
    *,
    title: str,
    actor: Actor,
    due_at: datetime | None = None,
    owner: User | None = None,
    note: str = "",
    company: Company | None = None,
    contact: Contact | None = None,
    deal: Deal | None = None,
    source_type: str = "",
    source_id: UUID | None = None,
) -> Task:
    """Add a to-do for its owner, who is the actor unless named. The same source makes it once."""
    require(actor, "crm.create_task")
    if source_id is not None:
        known = Task.objects.filter(source_type=source_type, source_id=source_id).first()
        if known is not None:
            return known
    if not title.strip():
        raise InvalidInputError("A task needs a title.", code="title_missing")
    about = deal or contact or company
    task = Task(
        title=title.strip()[:300],
        note=note,
        due_at=due_at,
        company=company or (contact.company if contact else None) or (deal.company if deal else None),
        contact=contact,
        deal=deal,
        source_type=source_type,
        source_id=source_id,
        **(ownership(actor) or inherited(about)),
    )
    if owner is not None:
        task.owner = owner
    check(task, ["title", "due_at"])
    task.save(force_insert=True)
    events.publish(TaskCreated(task_id=task.pk), subject=task, actor=actor)
    tell_of_task(task, actor=actor)
    _tell(task)
    return task


@transaction.atomic
def update_task(
    task: Task, *, changes: dict[str, object], actor: Actor, cause_id: UUID | None = None
) -> Task:
    require(actor, "crm.edit_task", task)
    task = locked(task)
    changed = apply_changes(task, changes, allowed=EDITABLE, actor=actor, category="TASK", cause_id=cause_id)
    if "owner" in changed:
        tell_of_task(task, actor=actor)
    _tell(task)
    return task


@transaction.atomic
def complete_task(task: Task, *, actor: Actor) -> Task:
    require(actor, "crm.edit_task", task)
    task = locked(task)
    if task.done_at is not None:
        raise DomainError(f"{task} is done already.", code="wrong_state")
    apply_changes(task, {"done_at": clock.now()}, allowed={"done_at"}, actor=actor, category="TASK")
    events.publish(TaskCompleted(task_id=task.pk), subject=task, actor=actor)
    _tell(task)
    return task


@transaction.atomic
def reopen_task(task: Task, *, actor: Actor) -> Task:
    require(actor, "crm.edit_task", task)
    task = locked(task)
    apply_changes(task, {"done_at": None}, allowed={"done_at"}, actor=actor, category="TASK")
    _tell(task)
    return task


@transaction.atomic
def delete_task(task: Task, *, actor: Actor) -> None:
    require(actor, "crm.edit_task", task)
    history.record(
        task,
        before={"title": task.title},
        after={"title": None},
        actor=actor,
        category="DELETED",
        summary=f"Deleted task {task.title}",
    )
    events.publish(TaskDeleted(task_id=task.pk), subject=task, actor=actor)
    _tell(task)
    task.delete()


def _tell(task: Task) -> None:
    live.push(f"task:{task.pk}")
    if task.owner_id:
        live.push(f"user:{task.owner_id}", "tasks")
    if task.company_id:
        live.push(f"company:{task.company_id}")
