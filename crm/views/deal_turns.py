"""What is done to a deal on its page: won, lost, held, resumed, reopened; its next step; an objection."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from crm.forms import NextStepForm, ObjectionForm
from crm.models import Deal
from crm.selectors.activities import visible_activities
from crm.selectors.deals import get_deal
from crm.services.deal_stages import hold_deal, lose_deal, reopen_deal, resume_deal, win_deal
from crm.services.editing import ChangedSinceError, save_edit
from crm.services.objections import record_objection
from crm.views.clashes import clash_shown
from crm.views.deals import detail_context
from crm.views.readings import write_and_read
from gtmos.kernel.actors import Actor
from gtmos.kernel.api_idempotency import done_once
from gtmos.kernel.exceptions import DomainError, InvalidInputError
from gtmos.kernel.people.models import User
from gtmos.kernel.web import actor_of, found, page, refusal, toast

TURNS: dict[str, tuple[Callable[..., Deal], tuple[str, ...]]] = {
    "win": (win_deal, ()),
    "lose": (lose_deal, ("reason", "note")),
    "hold": (hold_deal, ("reason",)),
    "resume": (resume_deal, ()),
    "reopen": (reopen_deal, ()),
}
WAS = "was."  # before the name of a field: what the page showed when it was read
STEP_WORDS = {"next_step": "Next step", "next_step_owner": "Who does it", "next_step_due_on": "Until"}


@login_required
@require_POST
def turn(request: HttpRequest, deal_id: UUID, verb: str) -> HttpResponse:
    if verb not in TURNS:
        raise Http404("There is no such turn.")
    act, names = TURNS[verb]
    said = {name: request.POST.get(name, "") for name in names}
    answer = _acted(request, deal_id, lambda deal, actor: act(deal, actor=actor, **said))
    if answer.status_code >= HTTPStatus.BAD_REQUEST:
        return answer
    deal = found(get_deal, deal_id, actor=actor_of(request))
    stays = verb in {"hold", "resume"}  # in its stage
    return toast(
        answer, f"{deal} is {deal.get_deal_state_display()}" if stays else f"{deal} is in {deal.stage}"
    )


@login_required
@require_POST
def next_step(request: HttpRequest, deal_id: UUID) -> HttpResponse:
    """Saved where nobody else named another since it was read; else both are shown, and one is chosen."""
    actor = actor_of(request)
    typed = NextStepForm(request.POST)
    read = NextStepForm({name: request.POST.get(f"{WAS}{name}", "") for name in NextStepForm.base_fields})
    knows = any(name.startswith(WAS) for name in request.POST)
    record = found(get_deal, deal_id, actor=actor)
    try:
        wanted = _valid(typed)
        opened = _valid(read) if knows else {name: getattr(record, name) for name in wanted}
        save_edit(record, opened=opened, typed=wanted, actor=actor)
    except ChangedSinceError as error:
        return _choose(request, found(get_deal, deal_id, actor=actor), error, typed)
    except DomainError as error:
        return refusal(error)
    return _shown(request, deal_id, actor)


def _choose(request: HttpRequest, deal: Deal, error: ChangedSinceError, typed: NextStepForm) -> HttpResponse:
    """What the other wrote beside what this person wrote."""
    mine = [(name, request.POST.get(name, "")) for name in typed.fields]
    theirs = [(f"{WAS}{name}", _text(getattr(deal, name))) for name in typed.fields]
    context = {
        "title": f"Next step of {deal}",
        "by": next((each.by for each in error.clashes if each.by), ""),
        "clashes": [
            {
                "label": STEP_WORDS[each.column],
                "theirs": each.value,
                "mine": typed.cleaned_data[each.column],
            }
            for each in error.clashes
        ],
        "mine_url": reverse("crm:deal-next-step", args=[deal.pk]),
        "mine": [*mine, *theirs],
        "theirs_url": reverse("crm:deal", args=[deal.pk]),
        "place": f"#deal-detail-{deal.pk}",
        "swap": "outerHTML",
    }
    return clash_shown(request, error, context)


def _text(value: Any) -> str:
    """As the form's hidden fields hold it."""
    if value is None:
        return ""
    return str(value.pk) if isinstance(value, User) else str(value)


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
    return _shown(request, deal_id, actor)


def _shown(request: HttpRequest, deal_id: UUID, actor: Actor) -> HttpResponse:
    fresh = found(get_deal, deal_id, actor=actor)
    return page(request, "crm/deals/detail.html", detail_context(fresh, request, actor))


@login_required
@require_POST
@done_once
def note(request: HttpRequest, deal_id: UUID) -> HttpResponse:
    text = request.POST.get("text", "")
    return _acted(request, deal_id, lambda deal, actor: write_and_read(text, deal=deal, actor=actor))
