"""The board and the pages of deals."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from crm.forms import DealForm, columns_of, opened_values
from crm.models import Deal
from crm.selectors.board import board
from crm.selectors.companies import get_company
from crm.selectors.deals import default_pipeline, get_deal
from crm.selectors.timeline import timeline
from crm.services.deals import create_deal, update_deal
from crm.views.editing import as_shown, saved
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError, NotFoundError
from gtmos.kernel.web import actor_of, found, page, refusal


@login_required
def pipeline(request: HttpRequest) -> HttpResponse:
    try:
        context = _board(actor_of(request), only_stage=request.GET.get("stage", ""))
    except NotFoundError as error:
        context = {"missing": error.message}
    return page(request, "crm/deals/board.html", context)


def _board(actor: Actor, *, only_stage: str = "") -> dict[str, object]:
    pipeline = default_pipeline()
    names = {stage.key: stage.name for stage in pipeline.stages.all()}
    chosen = only_stage if only_stage in names else ""
    return {
        "columns": board(actor=actor, pipeline=pipeline, only_stage=chosen),
        "stages": names.items(),
        "stage": chosen,
        "title": names.get(chosen, ""),
    }


@login_required
def deal(request: HttpRequest, deal_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    return page(request, "crm/deals/detail.html", _detail(found(get_deal, deal_id, actor=actor), actor))


def _detail(record: Deal, actor: Actor) -> dict[str, object]:
    return {
        "deal": record,
        "stages": record.stage.pipeline.stages.all(),
        "activities": timeline(record, actor=actor),
        "page_context": {"focus": {"type": "deal", "name": record.name}},
    }


@login_required
@require_POST
def move(request: HttpRequest, deal_id: UUID) -> HttpResponse:
    """A card dropped on a stage, or a stage chosen on the deal's page."""
    actor = actor_of(request)
    record = found(get_deal, deal_id, actor=actor)
    try:
        update_deal(record, changes={"stage": request.POST.get("stage", "")}, actor=actor)
    except DomainError as error:
        return refusal(error)
    if request.POST.get("from") == "detail":
        fresh = found(get_deal, deal_id, actor=actor)
        return page(request, "crm/deals/detail.html", _detail(fresh, actor))
    return page(request, "crm/deals/board.html", _board(actor))


@login_required
def create(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    form = DealForm(request.POST or None)
    company_id = request.GET.get("company")
    if form.is_valid():
        values = form.cleaned_data
        home = found(get_company, company_id, actor=actor) if company_id else None
        try:
            made = create_deal(company=home, actor=actor, **values)
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            return redirect("crm:deal", made.pk)
    return page(request, "crm/deals/edit.html", {"form": form, "deal": None})


@login_required
def edit(request: HttpRequest, deal_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    record = found(get_deal, deal_id, actor=actor)
    opened = opened_values(DealForm, record, request.POST)
    initial = {name: opened[column] for name, column in columns_of(DealForm).items()}
    form = DealForm(request.POST or None, initial=initial)
    if saved(form, record, opened, actor=actor):
        return redirect("crm:deal", record.pk)
    return page(request, "crm/deals/edit.html", {"deal": record, **as_shown(form, opened)})
