"""Filling the form of a record from notes: a fragment of its edit page. Nothing is saved here."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from crm.forms import CompanyForm, ContactForm, DealForm, columns_of
from crm.selectors.note_offers import Offer
from crm.services.readings import offers_for
from crm.views.duplicates import GET
from gtmos.kernel import wording
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.web import actor_of, found, refusal

FORMS: dict[str, Any] = {"company": CompanyForm, "contact": ContactForm, "deal": DealForm}


@login_required
@require_POST
def offers(request: HttpRequest, kind: str, **key: UUID) -> HttpResponse:
    """Each value with the sentence it comes from; a press puts it into the form, saving the form keeps it."""
    actor = actor_of(request)
    record = found(GET[kind], key[f"{kind}_id"], actor=actor)
    try:
        made = offers_for(record, request.POST.get("notes", ""), actor=actor)
    except DomainError as error:
        return refusal(error)
    names = {column: name for name, column in columns_of(FORMS[kind]).items()}
    lines = [_line(each, names.get(each.column, "")) for each in made]
    return render(request, "crm/filling/_offers.html", {"lines": [each for each in lines if each["field"]]})


def _line(offer: Offer, field: str) -> dict[str, Any]:
    value, before = offer.value, offer.before
    is_choice = isinstance(value, dict)
    return {
        "offer": offer,
        "field": field,
        "label": offer.column.removeprefix("deal_").replace("_", " ").capitalize(),
        "value": str(value["id"] if is_choice else value),
        "words": str(value["name"] if is_choice else value),
        "before": _words(before),
    }


def _words(value: Any) -> str:
    if value in (None, ""):
        return wording.NOT_KNOWN
    return str(value["name"] if isinstance(value, dict) else value)
