"""The account team on the page of a company."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from crm.enums import AccountRole
from crm.models import Company
from crm.selectors.account_teams import account_team
from crm.selectors.companies import get_company
from crm.services.account_teams import add_account_member, remove_account_member
from crm.views.companies import company_context
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.people.selectors import active_users
from gtmos.kernel.web import actor_of, found, page, refusal


@login_required
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest, company_id: UUID) -> HttpResponse:
    """The form, or what it sent: somebody who is in the team already gets the role that is chosen now."""
    actor = actor_of(request)
    company = found(get_company, company_id, actor=actor)
    if request.method == "GET":
        return _form(request, company, actor)
    colleague = active_users(actor=actor).filter(email=request.POST.get("user", "")).first()
    if colleague is None:
        return refusal(DomainError("Choose a colleague.", code="no_colleague"))
    role = request.POST.get("role", AccountRole.MEMBER)
    try:
        add_account_member(company, colleague, role=role, actor=actor)
    except DomainError as error:
        return refusal(error)
    return _shown(request, company, actor)


@login_required
@require_POST
def remove(request: HttpRequest, company_id: UUID, member_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    company = found(get_company, company_id, actor=actor)
    member = account_team(company, actor=actor).filter(pk=member_id).first()
    if member is None:
        raise Http404("Nobody like this is in the team.")
    try:
        remove_account_member(member, actor=actor)
    except DomainError as error:
        return refusal(error)
    return _shown(request, company, actor)


def _shown(request: HttpRequest, company: Company, actor: Actor) -> HttpResponse:
    return page(request, "crm/companies/detail.html", company_context(company, request, actor))


def _form(request: HttpRequest, company: Company, actor: Actor) -> HttpResponse:
    return render(
        request,
        "crm/companies/_team_add.html",
        {
            "company": company,
            "colleagues": active_users(actor=actor).order_by("name", "email"),
            "account_roles": AccountRole.choices,
        },
    )
