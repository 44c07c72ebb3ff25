"""Domain health: whether what we write arrives, and what to do where it does not."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.permissions import allows
from gtmos.kernel.web import actor_of, found, page, refusal, toast
from outreach.selectors.domains import get_domain, get_mailbox
from outreach.services.domains import ask_for_check
from outreach.services.watching import resume_mailbox
from outreach.views.domain_page import domains_context


@login_required
@require_GET
def domain_list(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    context = domains_context(actor=actor)
    if request.GET.get("part"):
        return render(request, "outreach/domains/_list.html", context)
    if allows(actor, "outreach.configure_mailboxes"):
        context["mailboxes_url"] = reverse("admin:outreach_mailbox_changelist")
    return page(request, "outreach/domains/list.html", context)


@login_required
@require_POST
def domain_check(request: HttpRequest, key: UUID) -> HttpResponse:
    actor = actor_of(request)
    domain = found(get_domain, key, actor=actor)
    try:
        ask_for_check(domain, actor=actor)
    except DomainError as error:
        return refusal(error)
    return render(request, "outreach/domains/_list.html", domains_context(actor=actor))


@login_required
@require_POST
def mailbox_resume(request: HttpRequest, key: UUID) -> HttpResponse:
    actor = actor_of(request)
    mailbox = found(get_mailbox, key, actor=actor)
    try:
        resume_mailbox(mailbox, actor=actor)
    except DomainError as error:
        return refusal(error)
    answer = render(request, "outreach/domains/_list.html", domains_context(actor=actor))
    return toast(answer, f"{mailbox.address} sends again")
