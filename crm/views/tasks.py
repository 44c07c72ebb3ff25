"""The list of tasks, with what is done to one in its row."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from crm.selectors.activities import get_task
from crm.selectors.lists import task_counts, tasks_in
from crm.services.calendar import put_off
from crm.services.tasks import complete_task, create_task, reopen_task
from crm.views.listing import address_of_view, list_context
from crm.views.task_cells import task_cells
from gtmos.kernel import clock
from gtmos.kernel.actors import Actor
from gtmos.kernel.api_idempotency import done_once
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.lists.asking import Asked
from gtmos.kernel.web import actor_of, found, page, refusal, toast

PARTS = (("mine", "Mine"), ("overdue", "Overdue"), ("all", "All open"), ("done", "Done"))
BESIDE = ("note", "done_at", "due_at")
ORDERS = {"done": "-done_at"}


@login_required
def tasks(request: HttpRequest) -> HttpResponse:
    asked = _asked(request, actor_of(request))
    if not request.GET and asked.first_view is not None:
        return redirect(address_of_view(asked.first_view, asked.kind))
    return _list(request, asked.actor)


def _asked(request: HttpRequest, actor: Actor) -> Asked:
    """One's own open tasks, unless the address says something else."""
    given = {name: str(text) for name, text in request.GET.items()}
    if not {"view", "saved", "where"} & set(given):
        given["view"] = "mine"
    if given.get("view") in ORDERS:
        given.setdefault("sort", ORDERS[given["view"]])
    return Asked("task", given, actor, extra=frozenset(BESIDE))


def _list(request: HttpRequest, actor: Actor) -> HttpResponse:
    asked = _asked(request, actor)
    part = asked.given.get("view", "")
    part = part if part in dict(PARTS) else ""
    context = list_context(
        asked, tasks_in(part, text=asked.text, actor=actor), special=task_cells(asked, now=clock.now())
    )
    counts, here = task_counts(actor=actor), reverse("crm:tasks")
    parts = [
        {"label": label, "url": f"{here}?view={key}", "is_here": key == part, "count": counts[key]}
        for key, label in PARTS
    ]
    everything, *views = context["tabs"]
    is_all = everything["is_here"] and not part
    context["tabs"] = [*parts, {**everything, "is_here": is_all}, *views]
    return page(request, "crm/tasks/list.html", context)


@login_required
@require_POST
def complete(request: HttpRequest, task_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    task = found(get_task, task_id, actor=actor)
    try:
        complete_task(task, actor=actor)
    except DomainError as error:
        return refusal(error)
    return toast(_list(request, actor), f"Done: {task}", undo_url=reverse("crm:task-reopen", args=[task.pk]))


@login_required
@require_POST
def reopen(request: HttpRequest, task_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    try:
        task = reopen_task(found(get_task, task_id, actor=actor), actor=actor)
    except DomainError as error:
        return refusal(error)
    return toast(_list(request, actor), f"Open again: {task}")


@login_required
@require_POST
def later(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Tomorrow or next week; the hour stays."""
    actor, zone = actor_of(request), timezone.get_current_timezone()
    task = found(get_task, task_id, actor=actor)
    try:
        task = put_off(task, request.POST.get("to", ""), today=clock.today(), zone=zone, actor=actor)
    except DomainError as error:
        return refusal(error)
    assert task.due_at is not None
    day = timezone.localtime(task.due_at)
    return toast(_list(request, actor), f"{task}: put off to {day:%A} {day.day} {day:%B}. Z takes it back.")


@login_required
@require_POST
@done_once
def create(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    try:
        create_task(title=request.POST.get("title", ""), actor=actor)
    except DomainError as error:
        return refusal(error)
    return _list(request, actor)
