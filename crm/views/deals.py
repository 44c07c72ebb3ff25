"""The board and the pages of deals."""

from collections.abc import Mapping
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from crm.enums import LossReason, ObjectionCategory
from crm.forms import DealForm, NewDealForm, initial_values, opened_values
from crm.models import Deal, Pipeline
from crm.selectors.board import board
from crm.selectors.committee import committee
from crm.selectors.companies import get_company, named_company
from crm.selectors.currencies import Amount, Total, organisation_currency, total
from crm.selectors.deal_health import deal_score, get_deal_with_facts, judgement_for
from crm.selectors.deals import default_pipeline, get_deal, pipelines
from crm.selectors.objections import visible_objections
from crm.services.deals import create_deal, update_deal
from crm.views.editing import as_shown, saved
from crm.views.locks import marks_of
from crm.views.merged import leads_on
from crm.views.relations import relations_url
from crm.views.timeline import timeline_of
from gtmos.kernel import clock
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError, NotFoundError
from gtmos.kernel.fields.columns import facts_of
from gtmos.kernel.fields.forms import gathered, with_custom
from gtmos.kernel.people.selectors import active_users
from gtmos.kernel.web import actor_of, found, page, refusal

COMMITTEE_SHOWN = 10


@login_required
def pipeline(request: HttpRequest) -> HttpResponse:
    try:
        context = _board(actor_of(request), request.GET)
    except NotFoundError as error:
        context = {"missing": error.message}
    return page(request, "crm/deals/board.html", context)


def _board(actor: Actor, asked: Mapping[str, str], *, of: Deal | None = None) -> dict[str, object]:
    known = list(pipelines().prefetch_related(None).prefetch_related("stages"))
    pipeline = _chosen(known, asked.get("pipeline", ""), of)
    only_stage, without_step = asked.get("stage", ""), asked.get("step") == "none"
    names = {stage.key: stage.name for stage in pipeline.stages.all()}
    chosen = only_stage if only_stage in names else ""
    return {
        "columns": board(actor=actor, pipeline=pipeline, only_stage=chosen, without_step=without_step),
        "pipelines": known,
        "pipeline": pipeline,
        "without_step": without_step,
        "today": clock.now().date(),
        "stages": names.items(),
        "stage": chosen,
        "title": names.get(chosen, ""),
    }


def _chosen(known: list[Pipeline], key: str, deal: Deal | None) -> Pipeline:
    """The one that was asked for, that of the deal that was moved, or the default one."""
    wanted = str(deal.stage.pipeline_id) if deal else key
    named = (each for each in known if str(each.pk) == wanted)
    return next(named, None) or (known[0] if known else default_pipeline())


@login_required
@leads_on("deal")
def deal(request: HttpRequest, deal_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    return page(
        request,
        "crm/deals/detail.html",
        detail_context(found(get_deal_with_facts, deal_id, actor=actor), request, actor),
    )


def detail_context(record: Deal, request: HttpRequest, actor: Actor) -> dict[str, object]:
    """Everything that the page of a deal shows."""
    return {
        "deal": record,
        "stages": record.stage.pipeline.stages.all(),
        "pipelines": pipelines().prefetch_related(None),
        "worth": _worth(record),
        "people": committee(record.company, actor=actor)[:COMMITTEE_SHOWN] if record.company else [],
        "colleagues": active_users(actor=actor),
        "objections": visible_objections(actor=actor).filter(deal=record)[:20],
        "categories": ObjectionCategory.choices,
        "reasons": LossReason.choices,
        "today": clock.now().date(),
        **timeline_of(record, request, actor=actor),
        "custom_facts": facts_of("deal", record.custom, actor=actor),
        "ties_url": relations_url(record),
        "locks": marks_of(record, actor=actor),
        "judgement": judgement_for(record) if record.deal_state == "open" else None,
        "score": deal_score(record, actor=actor),
        "page_context": {"focus": {"type": "deal", "name": record.name}},
    }


def _worth(record: Deal) -> Total | None:
    """The amount in the organisation's currency, where it is of another."""
    currency = organisation_currency()
    if record.deal_amount is None or record.deal_amount_currency == currency:
        return None
    day = record.deal_signing_date or clock.now().date()
    return total([Amount(record.deal_amount, record.deal_amount_currency, day)], currency=currency)


@login_required
@require_POST
def move(request: HttpRequest, deal_id: UUID) -> HttpResponse:
    """A card dropped on a stage, or a stage chosen on the deal's page."""
    actor = actor_of(request)
    record = found(get_deal, deal_id, actor=actor)
    try:
        named = {name: request.POST[name] for name in ("stage", "pipeline") if request.POST.get(name)}
        update_deal(record, changes=named, actor=actor)
    except DomainError as error:
        return refusal(error)
    if request.POST.get("from") == "detail":
        fresh = found(get_deal, deal_id, actor=actor)
        return page(request, "crm/deals/detail.html", detail_context(fresh, request, actor))
    return page(request, "crm/deals/board.html", _board(actor, {}, of=record))


@login_required
def create(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    company_id = request.GET.get("company")
    home = found(get_company, company_id, actor=actor) if company_id else None
    form = with_custom(DealForm if home else NewDealForm, "deal")(request.POST or None)
    if form.is_valid():
        values = gathered(form.cleaned_data)
        named = values.pop("company", "")
        try:
            home = named_company(named, actor=actor) if named else home
            made = create_deal(company=home, actor=actor, **values)
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            return redirect("crm:deal", made.pk)
    return page(request, "crm/deals/edit.html", {"form": form, "deal": None, "home": home})


@login_required
@leads_on("deal")
def edit(request: HttpRequest, deal_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    record = found(get_deal, deal_id, actor=actor)
    shape = with_custom(DealForm, "deal")
    opened = opened_values(shape, record, request.POST)
    form = shape(request.POST or None, initial=initial_values(shape, opened))
    if saved(form, record, opened, actor=actor):
        return redirect("crm:deal", record.pk)
    return page(request, "crm/deals/edit.html", {"deal": record, **as_shown(form, opened)})
