"""Pages of workflows: begin with one that is there, write, look at it, try it, switch it, go back."""

import json
from typing import Any
from uuid import UUID

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError, InvalidInputError
from gtmos.kernel.people.models import User
from gtmos.kernel.permissions import allows
from gtmos.kernel.web import actor_of, found, page
from gtmos.kernel.workflows import selectors, words
from gtmos.kernel.workflows.builder import WorkflowFields
from gtmos.kernel.workflows.models import Workflow, WorkflowVersion
from gtmos.kernel.workflows.services import exchange
from gtmos.kernel.workflows.services import workflows as verbs
from gtmos.kernel.workflows.starters import BY_KEY, STARTERS, Starter
from gtmos.workspace.selectors.workflow_pictures import picture_of

LARGEST_FILE = 200_000
WRITTEN = ("event_name", "conditions", "steps")


class WorkflowForm(WorkflowFields):
    name = forms.CharField(max_length=120)
    owner = forms.ModelChoiceField(
        User.objects.none(), help_text="It acts on behalf of this person, with their rights."
    )
    field_order = ("name", *WRITTEN, "owner")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner = self.fields["owner"]
        assert isinstance(owner, forms.ModelChoiceField)
        owner.queryset = User.objects.filter(is_active=True).order_by("name", "email")

    def written(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in WRITTEN}


def configurer(request: HttpRequest) -> Actor:
    """For everybody else there is no such page."""
    actor = actor_of(request)
    if not allows(actor, selectors.RIGHT):
        raise Http404("There is no such page, or you may not see it.")
    return actor


@login_required
def workflows(request: HttpRequest) -> HttpResponse:
    actor = configurer(request)
    rows = selectors.with_counts(selectors.visible_workflows(actor=actor))
    context = {"workflows": [(each, words.event_in_words(each.newest.event_name)) for each in rows]}
    return page(request, "workspace/workflows/list.html", {**context, "starters": STARTERS})


@login_required
def new(request: HttpRequest, key: str = "") -> HttpResponse:
    """One that is there to begin with, or an empty one."""
    actor = configurer(request)
    if key and key not in BY_KEY:
        raise Http404("There is nothing of this name to begin with.")
    form = WorkflowForm(request.POST or None, initial=_begun(BY_KEY.get(key), actor))
    if request.method != "POST" or not form.is_valid():
        return _written(request, form, None, status=422 if request.method == "POST" else 200)
    given = form.cleaned_data
    try:
        made = verbs.create_workflow(given["name"], owner=given["owner"], actor=actor, **form.written())
    except DomainError as error:
        form.add_error(None, error.message)
        return _written(request, form, None, status=error.status_code)
    return redirect("workspace:workflow", made.pk)


def _begun(starter: Starter | None, actor: Actor) -> dict[str, Any]:
    owner = {"owner": actor.user.pk if actor.user else None}
    if starter is None:
        return {**owner, "event_name": "crm.deal_won"}
    told = {"name": starter.name, "event_name": starter.event_name}
    return {**owner, **told, "conditions": starter.conditions, "steps": list(starter.steps)}


@login_required
def edit(request: HttpRequest, workflow_id: UUID) -> HttpResponse:
    actor = configurer(request)
    workflow = found(selectors.get_workflow, workflow_id, actor=actor)
    newest = workflow.newest
    present = {"name": workflow.name, "owner": workflow.owner_id}
    form = WorkflowForm(
        request.POST or None, initial={**present, **{name: getattr(newest, name) for name in WRITTEN}}
    )
    if request.method != "POST" or not form.is_valid():
        return _written(request, form, workflow, status=422 if request.method == "POST" else 200)
    changes = {"name": form.cleaned_data["name"], "owner": form.cleaned_data["owner"]}
    try:
        verbs.update_and_save(workflow, changes=changes, actor=actor, **form.written())
    except DomainError as error:
        form.add_error(None, error.message)
        return _written(request, form, workflow, status=error.status_code)
    return redirect("workspace:workflow", workflow.pk)


def _written(
    request: HttpRequest, form: WorkflowForm, workflow: Workflow | None, *, status: int
) -> HttpResponse:
    context = {"form": form, "workflow": workflow}
    return page(request, "workspace/workflows/edit.html", context, status=status)


@login_required
def workflow(request: HttpRequest, workflow_id: UUID) -> HttpResponse:
    return _workflow(request, workflow_id, configurer(request))


def _workflow(
    request: HttpRequest, workflow_id: UUID, actor: Actor, *, error: str = "", status: int = 200
) -> HttpResponse:
    workflow = found(selectors.get_workflow, workflow_id, actor=actor)
    newest = workflow.newest
    rows = selectors.tried(newest, actor=actor)
    context = {
        "workflow": workflow,
        "newest": newest,
        "picture": picture_of(newest),
        "tried": rows,
        "fitting": sum(1 for each in rows if each.fits),
        "runs": selectors.visible_runs(actor=actor).filter(workflow=workflow)[:5],
        "error": error,
    }
    return page(request, "workspace/workflows/detail.html", context, status=status)


@login_required
@require_POST
def switch(request: HttpRequest, workflow_id: UUID) -> HttpResponse:
    actor = configurer(request)
    workflow = found(selectors.get_workflow, workflow_id, actor=actor)
    verb = verbs.switch_off if request.POST.get("to") == "off" else verbs.switch_on
    try:
        verb(workflow, actor=actor)
    except DomainError as error:
        return _workflow(request, workflow_id, actor, error=error.message, status=error.status_code)
    return redirect("workspace:workflow", workflow_id)


@login_required
def versions(request: HttpRequest, workflow_id: UUID) -> HttpResponse:
    actor = configurer(request)
    workflow = found(selectors.get_workflow, workflow_id, actor=actor)
    rows = list(selectors.visible_versions(actor=actor).filter(workflow=workflow)[:50])
    before: list[WorkflowVersion | None] = [*rows[1:], None]
    shown = [
        {"version": new, "lines": _difference(old, new), "is_active": new.pk == workflow.active_id}
        for new, old in zip(rows, before, strict=True)
    ]
    context = {"workflow": workflow, "versions": shown}
    return page(request, "workspace/workflows/versions.html", context)


def _difference(old: WorkflowVersion | None, new: WorkflowVersion) -> list[tuple[str, str]]:
    """Against the version before; of the first, all of it."""
    return words.difference(old, new) if old else [(" ", line) for line in words.lines_of(new)]


@login_required
@require_POST
def use_version(request: HttpRequest, workflow_id: UUID, number: int) -> HttpResponse:
    """Put it in force as it is, or bring an earlier one back as the newest."""
    actor = configurer(request)
    workflow = found(selectors.get_workflow, workflow_id, actor=actor)
    version = found(
        lambda key, *, actor: selectors.get_version(workflow, key, actor=actor), number, actor=actor
    )
    verb: Any = verbs.roll_back if request.POST.get("to") == "back" else verbs.activate_version
    try:
        verb(version, actor=actor)
    except DomainError as error:
        return _workflow(request, workflow_id, actor, error=error.message, status=error.status_code)
    return redirect("workspace:workflow", workflow_id)


@login_required
def export(request: HttpRequest, workflow_id: UUID) -> HttpResponse:
    actor = configurer(request)
    workflow = found(selectors.get_workflow, workflow_id, actor=actor)
    answer = JsonResponse(exchange.exported(workflow, actor=actor), json_dumps_params={"indent": 2})
    answer["Content-Disposition"] = 'attachment; filename="workflow.json"'
    return answer


@login_required
@require_POST
def take_in(request: HttpRequest) -> HttpResponse:
    actor = configurer(request)
    try:
        made = exchange.take_in(_read_file(request), actor=actor)
    except DomainError as error:
        rows = selectors.with_counts(selectors.visible_workflows(actor=actor))
        shown = [(each, words.event_in_words(each.newest.event_name)) for each in rows]
        context = {"workflows": shown, "starters": STARTERS, "error": error.message}
        return page(request, "workspace/workflows/list.html", context, status=error.status_code)
    return redirect("workspace:workflow", made.pk)


def _read_file(request: HttpRequest) -> dict[str, Any]:
    file = request.FILES.get("file")
    if file is None or not file.size or file.size > LARGEST_FILE:
        raise InvalidInputError("Choose a file of a workflow, at most 200 KB.", code="bad_file")
    try:
        read = json.loads(file.read())
    except (ValueError, RecursionError) as error:
        raise InvalidInputError("This file is no workflow.", code="bad_file") from error
    if not isinstance(read, dict) or not {"name", "event_name", "steps"} <= set(read):
        raise InvalidInputError("This file is no workflow.", code="bad_file")
    return read
