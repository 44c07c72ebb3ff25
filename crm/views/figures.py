"""Pages of objections by kind, and of exchange rates."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from crm.forms import RateForm
from crm.selectors.currencies import organisation_currency, visible_rates
from crm.selectors.objections import objection_report, objections
from crm.services.currencies import read_rates, record_rate, record_rates
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError, InvalidInputError
from gtmos.kernel.web import actor_of, page, refusal

SHOWN = 50
LARGEST_FILE = 2_000_000


@login_required
def objection_page(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    category = request.GET.get("category", "")
    rows = objection_report(actor=actor)
    context = {
        "rows": rows,
        "total": sum(row.count for row in rows),
        "category": category,
        "objections": objections(actor=actor, category=category)[:SHOWN],
    }
    return page(request, "crm/objections/list.html", context)


@login_required
def rates(request: HttpRequest) -> HttpResponse:
    return page(request, "crm/rates/list.html", _rates(actor_of(request)))


@login_required
@require_POST
def record(request: HttpRequest) -> HttpResponse:
    """One rate from the form, or a file of them."""
    actor = actor_of(request)
    file = request.FILES.get("file")
    try:
        if file is not None:
            if (file.size or 0) > LARGEST_FILE:
                raise InvalidInputError("The file is too large; at most 2 MB.", code="too_large")
            record_rates(read_rates(file.read()), actor=actor)
        else:
            record_rate(actor=actor, **_typed(request))
    except DomainError as error:
        return refusal(error)
    return page(request, "crm/rates/list.html", _rates(actor))


def _typed(request: HttpRequest) -> dict[str, Any]:
    form = RateForm(request.POST)
    if not form.is_valid():
        raise InvalidInputError(
            "A rate needs two currencies, a day and a number above 0.", code="invalid_value"
        )
    return dict(form.cleaned_data)


def _rates(actor: Actor) -> dict[str, object]:
    return {
        "rates": visible_rates(actor=actor)[:SHOWN],
        "currency": organisation_currency(),
        "may_change": actor.user is not None and actor.user.may_configure,
    }
