"""Pages of companies."""

from typing import TypeVar
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from crm.enums import CustomerState
from crm.forms import CompanyForm, NoteForm, StateForm, initial_values, opened_values
from crm.models import Company, Deal
from crm.selectors.account_state import account_state
from crm.selectors.account_teams import account_team
from crm.selectors.committee import committee
from crm.selectors.companies import get_company, get_company_with_locks, named_company
from crm.selectors.contacts import get_contact
from crm.selectors.hierarchy import family
from crm.selectors.lists import companies_matching, deals_matching
from crm.selectors.routing import is_routed
from crm.selectors.target_lists import lists_of, visible_target_lists
from crm.services.companies import change_state, create_company, retag_company, update_company
from crm.services.contacts import set_primary_contact
from crm.views.editing import as_shown, saved
from crm.views.listing import asked_of, first_address, list_context
from crm.views.locks import marks_of
from crm.views.merged import leads_on
from crm.views.notes import with_untold
from crm.views.readings import write_and_read
from crm.views.relations import relations_url
from crm.views.routing_form import owner_said
from gtmos.kernel.actors import Actor
from gtmos.kernel.api_idempotency import done_once
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.fields.columns import facts_of
from gtmos.kernel.fields.forms import gathered, with_custom
from gtmos.kernel.permissions import allows
from gtmos.kernel.records import may_see
from gtmos.kernel.rights import hidden_fields
from gtmos.kernel.web import actor_of, found, page, refusal

M = TypeVar("M", bound=Model)
DEALS_SHOWN = 20


@login_required
def companies(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    asked = asked_of(request, "company", actor)
    if first := first_address(asked):
        return redirect(first)
    state = request.GET.get("state", "")
    context = list_context(asked, companies_matching(asked.text, state=state, actor=actor))
    context["filters"] = [_state_filter(state), *context["filters"]]
    if allows(actor, "crm.edit_target_list"):
        context["target_lists"] = visible_target_lists(actor=actor).order_by("name")
    return page(request, "crm/companies/list.html", context)


def _state_filter(state: str) -> dict[str, object]:
    return {"name": "state", "label": "State", "value": state, "choices": CustomerState.choices}


@login_required
@leads_on("company")
def company(request: HttpRequest, company_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    record = found(get_company_with_locks, company_id, actor=actor)
    return page(request, "crm/companies/detail.html", company_context(record, request, actor))


def of_company(records: QuerySet[M], company: Company) -> QuerySet[M]:
    """What belongs to it, without reading the company and its people again beside each row."""
    return records.filter(company=company).defer(None).select_related(None)


def company_context(record: Company, request: HttpRequest, actor: Actor) -> dict[str, object]:
    """What the left panel shows at once; timeline, suggestions and the tabs are read when the page is there."""
    group, shows_amounts = family(record, actor=actor), "deal_amount" not in hidden_fields(Deal, actor=actor)
    deals = list(of_company(deals_matching("", actor=actor), record).select_related("stage")[:DEALS_SHOWN])
    facts = facts_of("company", record.custom, actor=actor)
    return {
        "company": record,
        "people": committee(record, actor=actor)[:50],
        "family": group,
        "shows_amounts": shows_amounts,
        "deals": deals,
        "state": account_state(group, deals, shows_amounts=shows_amounts),
        "timeline_kind": request.GET.get("kind", ""),
        "custom_facts": facts,
        "custom_set": sum(1 for each in facts if each.text),
        "may_edit": allows(actor, "crm.edit_company", record),
        "ties_url": relations_url(record),
        "locks": marks_of(record, actor=actor),
        "states": CustomerState.choices,
        "account_team": account_team(record, actor=actor),
        "may_staff": allows(actor, "crm.edit_account_team", record),
        "target_lists": lists_of(record, actor=actor),
        "page_context": {"focus": {"type": "company", "name": record.name}},
    }


@login_required
def create(request: HttpRequest) -> HttpResponse:
    actor, form = actor_of(request), with_custom(CompanyForm, "company")(request.POST or None)
    if form.is_valid():
        try:
            made = create_company(
                actor=actor, **gathered(form.cleaned_data), **owner_said(request.POST, actor=actor)
            )
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            return redirect("crm:company", made.pk) if may_see(actor, made) else redirect("crm:companies")
    return page(
        request, "crm/companies/edit.html", {"form": form, "company": None, "is_routed": is_routed("company")}
    )


@login_required
@leads_on("company")
def edit(request: HttpRequest, company_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    record = found(get_company, company_id, actor=actor)
    shape = with_custom(CompanyForm, "company")
    opened = opened_values(shape, record, request.POST)
    form = shape(
        request.POST or None,
        instance=get_company(company_id, actor=actor),
        initial=initial_values(shape, opened),
    )
    if saved(form, record, opened, actor=actor):
        return redirect("crm:company", record.pk)
    return page(request, "crm/companies/edit.html", {"company": record, **as_shown(form, opened)})


@login_required
@require_POST
def state(request: HttpRequest, company_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    record = found(get_company, company_id, actor=actor)
    form = StateForm(request.POST)
    if not form.is_valid():
        return refusal(DomainError("There is no such state.", code="unknown_state"))
    shown = request.POST.get("from", "")
    if shown and shown != record.customer_state and record.customer_state != form.cleaned_data["state"]:
        now = record.get_customer_state_display()
        words = f"Somebody changed the state to {now} while you had it open. Choose again if yours is right."
        return refusal(DomainError(words, code="changed_since"))
    try:
        change_state(record, form.cleaned_data["state"], reason=form.cleaned_data["reason"], actor=actor)
    except DomainError as error:
        return refusal(error)
    return page(
        request,
        "crm/companies/detail.html",
        company_context(found(get_company, company_id, actor=actor), request, actor),
    )


@login_required
@require_POST
@done_once
def note(request: HttpRequest, company_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    record = found(get_company, company_id, actor=actor)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return refusal(DomainError("Write something first.", code="empty_note"))
    text = form.cleaned_data["text"]
    try:
        written = write_and_read(text, company=record, actor=actor)
    except DomainError as error:
        return refusal(error)
    shown = page(request, "crm/companies/detail.html", company_context(record, request, actor))
    return with_untold(shown, written)


@login_required
@require_POST
def tags(request: HttpRequest, company_id: UUID) -> HttpResponse:
    """One tag more, or one less."""
    actor = actor_of(request)
    record = found(get_company, company_id, actor=actor)
    tag, gone = " ".join(request.POST.get("tag", "").split())[:60], request.POST.get("remove", "")
    try:
        retag_company(record, add=tag, remove=gone, actor=actor)
    except DomainError as error:
        return refusal(error)
    fresh = found(get_company, company_id, actor=actor)
    return page(request, "crm/companies/detail.html", company_context(fresh, request, actor))


@login_required
@require_POST
def parent(request: HttpRequest, company_id: UUID) -> HttpResponse:
    """The company above, by its name or domain; nothing takes it away."""
    actor = actor_of(request)
    record = found(get_company, company_id, actor=actor)
    words = request.POST.get("parent", "").strip()
    try:
        above = named_company(words, actor=actor) if words else None
        update_company(record, changes={"parent": above}, actor=actor)
    except DomainError as error:
        return refusal(error)
    fresh = found(get_company, company_id, actor=actor)
    return page(request, "crm/companies/detail.html", company_context(fresh, request, actor))


@login_required
@require_POST
def primary(request: HttpRequest, company_id: UUID, contact_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    record = found(get_company, company_id, actor=actor)
    person = found(get_contact, contact_id, actor=actor)
    if person.company_id != record.pk:
        return refusal(DomainError(f"{person} does not belong to {record}.", code="other_company"))
    try:
        set_primary_contact(person, actor=actor)
    except DomainError as error:
        return refusal(error)
    return page(request, "crm/companies/detail.html", company_context(record, request, actor))
