"""The queue of pairs that may be one record, the merge page, and hints while somebody types."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect

from crm.selectors.companies import get_company
from crm.selectors.contacts import get_contact
from crm.selectors.deals import get_deal
from crm.selectors.duplicates import companies_like, contacts_like, get_pair, open_pairs
from crm.selectors.merges import get_merge
from crm.services.duplicates import dismiss_pair
from crm.services.merge_values import KEEP, OTHER
from crm.services.merging import MERGE, preview
from crm.services.unmerging import undo_merge
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.paging import newest_first
from gtmos.kernel.web import actor_of, found, page, refusal, toast, with_way_back

GET: dict[str, Any] = {"company": get_company, "contact": get_contact, "deal": get_deal}
PAIR = 2
KINDS = [("company", "Companies"), ("contact", "Contacts")]


@login_required
def duplicates(request: HttpRequest) -> HttpResponse:
    kind = request.GET.get("kind", "")
    pairs = newest_first(open_pairs(kind, actor=actor_of(request)), after=request.GET.get("after", ""))
    rows = [_row(pair) for pair in pairs.rows]
    return page(
        request, "crm/duplicates/list.html", {"page": pairs, "rows": rows, "kind": kind, "kinds": KINDS}
    )


def _row(pair: Any) -> dict[str, Any]:
    kind = "company" if pair.company_id else "contact"
    sides = (pair.company or pair.contact, pair.other_company or pair.other_contact)
    return {
        "pair": pair,
        "kind": kind,
        "sides": sides,
        "why": ", ".join(pair.reasons),
        "merge": _merge_url(kind, *sides),
    }


def _merge_url(kind: str, keep: Any, other: Any) -> str:
    return reverse(f"crm:{kind}-merge", args=[keep.pk, other.pk])


@login_required
@require_POST
def dismiss(request: HttpRequest, pair_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    try:
        pair = dismiss_pair(found(get_pair, pair_id, actor=actor), actor=actor)
    except DomainError as error:
        return refusal(error)
    return toast(HttpResponse(), f"{pair}: not the same.")


@login_required
def merge(request: HttpRequest, kind: str, other_id: UUID, **keep_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    keep, other = (found(GET[kind], key, actor=actor) for key in (keep_id[f"{kind}_id"], other_id))
    context = {"kind": kind, "keep": keep, "other": other, "swapped": _merge_url(kind, other, keep)}
    try:
        if request.method == "POST":
            done = MERGE[kind](keep, other, choices=_choices(request), actor=actor)
            undo_url, said = reverse("crm:merge-undo", args=[done.pk]), f"{other} is part of {keep} now"
            messages.success(request, said, extra_tags=undo_url)
            return with_way_back(redirect(f"crm:{kind}", keep.pk), said, undo_url)
        context["preview"] = preview(keep, other, actor=actor)
    except DomainError as error:
        context["refused"] = error.message
    return page(request, "crm/duplicates/merge.html", context)


@login_required
@require_POST
def merge_ticked(request: HttpRequest, kind: str) -> HttpResponse:
    """From two ticks in a list to the page that compares them; the upper one would stay."""
    if kind not in GET:
        raise Http404("Records of this kind are not merged.")
    ticked = list(dict.fromkeys(request.POST.getlist("ids")))
    if len(ticked) != PAIR:
        return refusal(DomainError(f"Tick two to merge them, not {len(ticked)}.", code="not_a_pair"))
    keep, other = (found(GET[kind], key, actor=actor_of(request)) for key in ticked)
    return HttpResponseClientRedirect(_merge_url(kind, keep, other))


def _choices(request: HttpRequest) -> dict[str, str]:
    return {
        name.removeprefix("choice-"): str(value)
        for name, value in request.POST.items()
        if name.startswith("choice-") and value in {KEEP, OTHER}
    }


@login_required
@require_POST
def undo(request: HttpRequest, merge_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    try:
        done = undo_merge(found(get_merge, merge_id, actor=actor), actor=actor)
    except DomainError as error:
        return refusal(error)
    answer = HttpResponse()
    answer["HX-Redirect"] = reverse(f"crm:{done.subject_type}", args=[done.absorbed_id])
    return answer


@login_required
def company_hint(request: HttpRequest) -> HttpResponse:
    """While a new company is typed: what is there already. Never in the way."""
    given = request.GET
    likes = companies_like(
        name=given.get("name", ""),
        website=given.get("website_url", ""),
        city=given.get("city", ""),
        actor=actor_of(request),
    )
    return page(request, "crm/duplicates/hint.html", {"likes": likes, "kind": "company"})


@login_required
def contact_hint(request: HttpRequest) -> HttpResponse:
    given = request.GET
    likes = contacts_like(
        name=f"{given.get('first_name', '')} {given.get('last_name', '')}".strip(),
        email=given.get("email", ""),
        linkedin=given.get("linkedin_url", ""),
        company=_key(given.get("company", "")),
        actor=actor_of(request),
    )
    return page(request, "crm/duplicates/hint.html", {"likes": likes, "kind": "contact"})


def _key(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        return ""
