"""The pages of deals."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from crm.enums import LossReason, ObjectionCategory
from crm.forms import DealForm, NewDealForm, initial_values, opened_values
from crm.models import Deal
from crm.selectors.committee import committee
from crm.selectors.companies import get_company, named_company
from crm.selectors.currencies import Amount, Total, organisation_currency, total
from crm.selectors.deal_health import deal_score, get_deal_with_facts, judgement_for
from crm.selectors.deals import get_deal, pipelines
from crm.selectors.objections import visible_objections
from crm.services.deals import create_deal
from crm.views.boards import board_again, move_deal
from crm.views.editing import as_shown, saved
from crm.views.locks import marks_of
from crm.views.merged import leads_on
from crm.views.relations import relations_url
from crm.views.timeline import timeline_of
from gtmos.kernel import clock
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.fields.columns import facts_of
from gtmos.kernel.fields.forms import gathered, with_custom
from gtmos.kernel.people.selectors import active_users
from gtmos.kernel.web import actor_of, found, page, toast

COMMITTEE_SHOWN = 10


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
        "today": clock.today(),
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
    day = record.deal_signing_date or clock.today()
    return total([Amount(record.deal_amount, record.deal_amount_currency, day)], currency=currency)


@login_required
@require_POST
def move(request: HttpRequest, deal_id: UUID) -> HttpResponse:
    """A card dropped on a stage, or a stage chosen on the deal's page."""
    actor = actor_of(request)
    record = found(get_deal, deal_id, actor=actor)
    refused = move_deal(request, record, actor)
    if refused is not None:
        return refused
    fresh = found(get_deal, deal_id, actor=actor)
    if request.POST.get("from") == "detail":
        answer = page(request, "crm/deals/detail.html", detail_context(fresh, request, actor))
    else:
        answer = board_again(request, fresh, actor)
    return toast(answer, f"{fresh} is in {fresh.stage}")


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
