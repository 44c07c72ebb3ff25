"""Pages of what workflows did: the log, each run with its steps, and trying again."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.paging import newest_first
from gtmos.kernel.web import found, page
from gtmos.kernel.workflows import selectors
from gtmos.kernel.workflows.models import RunState, Workflow
from gtmos.kernel.workflows.services.runs import retry_run
from gtmos.workspace.selectors.workflow_pictures import picture_of_run
from gtmos.workspace.views.workflows import configurer


class RunsForm(forms.Form):
    """What cannot be read means all."""

    workflow = forms.ModelChoiceField(Workflow.objects.none(), required=False, empty_label="All")
    state = forms.ChoiceField(choices=[("", "All"), *RunState.choices], required=False)

    def narrowed(self, rows: Any) -> Any:
        if not self.is_valid():
            return rows
        given = {name: value for name, value in self.cleaned_data.items() if value}
        return rows.filter(**given)


@login_required
def runs(request: HttpRequest) -> HttpResponse:
    actor = configurer(request)
    form = RunsForm(request.GET)
    chosen = form.fields["workflow"]
    assert isinstance(chosen, forms.ModelChoiceField)
    chosen.queryset = selectors.visible_workflows(actor=actor)
    rows = form.narrowed(selectors.visible_runs(actor=actor))
    shown = newest_first(rows, after=request.GET.get("after", ""), moment="started_at")
    return page(request, "workspace/workflows/runs.html", {"form": form, "page": shown})


@login_required
def run(request: HttpRequest, run_id: UUID) -> HttpResponse:
    return _run(request, run_id)


def _run(request: HttpRequest, run_id: UUID, *, error: str = "", status: int = 200) -> HttpResponse:
    actor = configurer(request)
    run = found(selectors.get_run, run_id, actor=actor)
    context = {"run": run, "picture": picture_of_run(run), "error": error}
    return page(request, "workspace/workflows/run.html", context, status=status)


@login_required
@require_POST
def retry(request: HttpRequest, run_id: UUID) -> HttpResponse:
    actor = configurer(request)
    run = found(selectors.get_run, run_id, actor=actor)
    try:
        retry_run(run, actor=actor)
    except DomainError as error:
        return _run(request, run_id, error=error.message, status=error.status_code)
    return redirect("workspace:workflow-run", run_id)
