"""Target lists: which there are, and how far we are with the companies of one."""

from uuid import UUID

from django import forms
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from crm.models import Company, TargetList
from crm.selectors.exports import TARGET_LIST
from crm.selectors.lists import companies_matching
from crm.selectors.target_lists import (
    Coverage,
    adding,
    coverage,
    get_target_list,
    list_rows,
    visible_target_lists,
)
from crm.selectors.visibility import visible_companies
from crm.services.target_lists import (
    add_to_list,
    create_target_list,
    delete_target_list,
    remove_from_list,
    update_target_list,
)
from crm.views.listing import asked_of
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.people.models import User
from gtmos.kernel.permissions import allows
from gtmos.kernel.web import actor_of, found, page, refusal, toast
from gtmos.kernel.wording import plural


class TargetListForm(forms.ModelForm[TargetList]):
    """Checked here, saved by `crm.services.target_lists`."""

    marketing_owner = forms.ModelChoiceField(
        User.objects.filter(is_active=True), required=False, empty_label="Nobody yet"
    )
    sales_owner = forms.ModelChoiceField(
        User.objects.filter(is_active=True), required=False, empty_label="Nobody yet"
    )

    class Meta:
        model = TargetList
        fields = ("name", "plan", "marketing_owner", "sales_owner", "goal_on")
        widgets = {"goal_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}

    def validate_unique(self) -> None:
        """The service says it in its own words."""


@login_required
def target_lists(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    may_create = allows(actor, "crm.create_target_list")
    form = TargetListForm(request.POST or None) if may_create else None
    if form is not None and form.is_valid():
        values = dict(form.cleaned_data)
        try:
            made = create_target_list(values.pop("name"), actor=actor, **values)
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            return redirect("crm:target-list", made.pk)
    return page(request, "crm/target_lists/list.html", {"lists": list_rows(actor=actor), "form": form})


@login_required
def target_list(request: HttpRequest, target_list_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    record = found(get_target_list, target_list_id, actor=actor)
    return page(request, "crm/target_lists/detail.html", _context(record, actor))


@login_required
def edit(request: HttpRequest, target_list_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    record = found(get_target_list, target_list_id, actor=actor)
    form = TargetListForm(request.POST or None, instance=found(get_target_list, target_list_id, actor=actor))
    if form.is_valid():
        try:
            update_target_list(record, changes=dict(form.cleaned_data), actor=actor)
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            return redirect("crm:target-list", record.pk)
    return page(request, "crm/target_lists/edit.html", {"target_list": record, "form": form})


@login_required
@require_POST
def delete(request: HttpRequest, target_list_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    try:
        delete_target_list(found(get_target_list, target_list_id, actor=actor), actor=actor)
    except DomainError as error:
        return refusal(error)
    return redirect("crm:target-lists")


@login_required
@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """The ticked companies of the list page, or with `all` every one that its search and filter show.

    With `preview` nothing is added: how many are new is said first.
    """
    actor, given = actor_of(request), request.POST
    key = _key(given.get("target_list", ""))
    record = visible_target_lists(actor=actor).filter(pk=key).first() if key else None
    if record is None:
        return refusal(DomainError("Choose a target list.", code="no_target_list"))
    try:
        companies = _shown(request, actor) if given.get("all") else _ticked(request, actor)
        if given.get("preview"):
            return _previewed(request, record, companies)
        many = add_to_list(record, companies, actor=actor)
    except DomainError as error:
        return refusal(error)
    words = (
        f"{plural(many, 'company', 'companies')} added to {record}" if many else f"Nothing new for {record}"
    )
    return toast(HttpResponse(status=204), words)


def _previewed(request: HttpRequest, record: TargetList, companies: QuerySet[Company]) -> HttpResponse:
    fresh, known = adding(record, companies)
    context = {
        "target_list": record,
        "fresh": fresh,
        "known": known,
        "query": request.GET.urlencode(),
        "all": request.POST.get("all", ""),
        "ids": request.POST.getlist("ids"),
    }
    return render(request, "crm/target_lists/_adding.html", context)


@login_required
@require_POST
def remove(request: HttpRequest, target_list_id: UUID, company_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    record = found(get_target_list, target_list_id, actor=actor)
    company = visible_companies(actor=actor).filter(pk=company_id)
    if not company.exists():
        raise Http404("There is no such company.")
    try:
        remove_from_list(record, company, actor=actor)
    except DomainError as error:
        return refusal(error)
    return page(request, "crm/target_lists/detail.html", _context(record, actor))


def _ticked(request: HttpRequest, actor: Actor) -> QuerySet[Company]:
    keys = [key for text in request.POST.getlist("ids") if (key := _key(text))]
    return visible_companies(actor=actor).filter(pk__in=keys)


def _shown(request: HttpRequest, actor: Actor) -> QuerySet[Company]:
    """What the list page shows under this address, on all its pages."""
    asked = asked_of(request, "company", actor)
    state = request.GET.get("state", "")
    return asked.exactly(companies_matching(asked.text, state=state, actor=actor))


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _context(record: TargetList, actor: Actor) -> dict[str, object]:
    covered = coverage(record, actor=actor)
    return {
        "target_list": record,
        "coverage": covered,
        "figures": _figures(covered),
        "export_choice": f"{TARGET_LIST}{record.pk}",
        "may_edit": allows(actor, "crm.edit_target_list", record),
        "page_context": {"focus": {"type": "target list", "name": record.name}},
    }


def _figures(covered: Coverage) -> list[dict[str, object]]:
    shown = (
        ("People known", covered.with_people),
        ("Active in the last 30 days", covered.active_lately),
        ("With an open deal", covered.with_open_deals),
    )
    return [
        {
            "label": label,
            "value": part,
            "unit": f"of {covered.companies}",
            "part": part,
            "whole": covered.companies,
        }
        for label, part in shown
    ]
