"""The page of tasks."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from crm.selectors.activities import get_task
from crm.selectors.lists import task_counts, tasks_in
from crm.services.tasks import complete_task, create_task, reopen_task
from gtmos.kernel import clock
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.web import actor_of, found, page, refusal, toast

VIEWS = (("mine", "Mine"), ("overdue", "Overdue"), ("all", "All open"), ("done", "Done"))
SHOWN = 200


@login_required
def tasks(request: HttpRequest) -> HttpResponse:
    return _list(request, actor_of(request))


def _list(request: HttpRequest, actor: Actor) -> HttpResponse:
    which = request.GET.get("view", "mine")
    counts = task_counts(actor=actor)
    context = {
        "tasks": tasks_in(which, actor=actor)[:SHOWN],
        "which": which,
        "tabs": [{"key": key, "label": label, "count": counts[key]} for key, label in VIEWS],
        "now": clock.now(),
    }
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
def create(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    try:
        create_task(title=request.POST.get("title", ""), actor=actor)
    except DomainError as error:
        return refusal(error)
    return _list(request, actor)
