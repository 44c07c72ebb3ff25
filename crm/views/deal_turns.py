"""What is done to a deal on its page: won, lost, held, resumed, reopened; its next step; an objection."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from crm.forms import NextStepForm, ObjectionForm
from crm.models import Deal
from crm.selectors.activities import visible_activities
from crm.selectors.deals import get_deal
from crm.services.deal_stages import hold_deal, lose_deal, reopen_deal, resume_deal, win_deal
from crm.services.deals import update_deal
from crm.services.objections import record_objection
from crm.views.deals import detail_context
from crm.views.readings import write_and_read
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError, InvalidInputError
from gtmos.kernel.web import actor_of, found, page, refusal

TURNS: dict[str, tuple[Callable[..., Deal], tuple[str, ...]]] = {
    "win": (win_deal, ()),
    "lose": (lose_deal, ("reason", "note")),
    "hold": (hold_deal, ("reason",)),
    "resume": (resume_deal, ()),
    "reopen": (reopen_deal, ()),
}


@login_required
@require_POST
def turn(request: HttpRequest, deal_id: UUID, verb: str) -> HttpResponse:
    if verb not in TURNS:
        raise Http404("There is no such turn.")
    act, names = TURNS[verb]
    said = {name: request.POST.get(name, "") for name in names}
    return _acted(request, deal_id, lambda deal, actor: act(deal, actor=actor, **said))


@login_required
@require_POST
def next_step(request: HttpRequest, deal_id: UUID) -> HttpResponse:
    form = NextStepForm(request.POST)
    return _acted(request, deal_id, lambda deal, actor: update_deal(deal, changes=_valid(form), actor=actor))


@login_required
@require_POST
def objection(request: HttpRequest, deal_id: UUID) -> HttpResponse:
    activities = visible_activities(actor=actor_of(request)).filter(deal_id=deal_id)
    form = ObjectionForm(request.POST, activities=activities)
    return _acted(
        request, deal_id, lambda deal, actor: record_objection(deal=deal, actor=actor, **_valid(form))
    )


def _valid(form: Any) -> dict[str, Any]:
    if not form.is_valid():
        words = " ".join(word for each in form.errors.values() for word in each)
        raise InvalidInputError(words, code="invalid_value")
    return dict(form.cleaned_data)


def _acted(request: HttpRequest, deal_id: UUID, act: Callable[[Deal, Actor], object]) -> HttpResponse:
    actor = actor_of(request)
    record = found(get_deal, deal_id, actor=actor)
    try:
        act(record, actor)
    except DomainError as error:
        return refusal(error)
    fresh = found(get_deal, deal_id, actor=actor)
    return page(request, "crm/deals/detail.html", detail_context(fresh, request, actor))


@login_required
@require_POST
def note(request: HttpRequest, deal_id: UUID) -> HttpResponse:
    text = request.POST.get("text", "")
    return _acted(request, deal_id, lambda deal, actor: write_and_read(text, deal=deal, actor=actor))
