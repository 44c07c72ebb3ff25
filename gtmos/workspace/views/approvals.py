"""What waits for my decision, what I asked for, and what was decided; and who decides while I am away."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from gtmos.kernel import clock
from gtmos.kernel.actors import Actor
from gtmos.kernel.approvals import selectors
from gtmos.kernel.approvals.cards import card_of, cards_of
from gtmos.kernel.approvals.enums import ApprovalState
from gtmos.kernel.approvals.models import Approval
from gtmos.kernel.approvals.services import decide, withdraw_approval
from gtmos.kernel.approvals.services.delegations import delegate, end_delegation
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.paging import newest_first
from gtmos.kernel.people.models import User
from gtmos.kernel.people.selectors import active_users
from gtmos.kernel.web import Request, actor_of, found, page, refusal, toast

SHOWN = 20


def _decided(*, actor: Actor) -> QuerySet[Approval]:
    return selectors.visible_approvals(actor=actor).exclude(state=ApprovalState.REQUESTED)


# By the word in the address: the tab, what is in it, and what is said where nothing is.
VIEWS: dict[str, tuple[str, Callable[..., QuerySet[Approval]], str, str]] = {
    "mine": (
        "Mine to decide",
        selectors.approvals_waiting,
        "Nothing waits for you",
        "When somebody needs your word, it stands here at once.",
    ),
    "asked": (
        "I asked for",
        selectors.requested_by,
        "You have asked for nothing",
        "A discount above what you may give goes to whoever decides. You ask on the page of the deal.",
    ),
    "decided": (
        "Decided",
        _decided,
        "Nothing was decided yet",
        "What was granted, rejected or ran out stays here.",
    ),
}


@login_required
def approvals(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    view = request.GET.get("view", "mine")
    view = view if view in VIEWS else "mine"
    label, rows, title, text = VIEWS[view]
    shown = newest_first(
        rows(actor=actor), after=request.GET.get("after", ""), size=SHOWN, moment="requested_at"
    )
    context = {
        "view": view,
        "label": label,
        "tabs": [(key, words) for key, (words, *_) in VIEWS.items()],
        "cards": cards_of(shown.rows, actor=actor),
        "page": shown,
        "empty": {"title": title, "text": text},
        "waiting": selectors.approvals_waiting(actor=actor).count(),
    }
    return page(request, "workspace/approvals/list.html", context)


@login_required
def approval(request: HttpRequest, approval_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    card = card_of(found(selectors.get_approval, approval_id, actor=actor), actor=actor)
    return page(request, "workspace/approvals/detail.html", {"card": card})


@login_required
def rejecting(request: HttpRequest, approval_id: UUID) -> HttpResponse:
    """The dialog that asks why."""
    actor = actor_of(request)
    card = card_of(found(selectors.get_approval, approval_id, actor=actor), actor=actor)
    return render(request, "workspace/approvals/rejecting.html", {"card": card})


@login_required
@require_POST
def verb(request: HttpRequest, approval_id: UUID, name: str) -> HttpResponse:
    """Grant, reject or withdraw; the card is answered as it stands then."""
    actor = actor_of(request)
    record = found(selectors.get_approval, approval_id, actor=actor)
    reason = request.POST.get("reason", "")
    if name not in {"grant", "reject", "withdraw"}:
        raise Http404("There is no such verb.")
    try:
        if name == "withdraw":
            withdraw_approval(record, actor=actor)
        else:
            decide(record, granted=name == "grant", reason=reason, actor=actor)
    except DomainError as error:
        return refusal(error)
    card = card_of(found(selectors.get_approval, approval_id, actor=actor), actor=actor)
    answer = render(request, "components/approval_request.html", {"card": card})
    words = card.approval.get_state_display() if not card.waits_for else "noted, others are still asked"
    return toast(answer, f"{card.approval.subject_name}: {words}.")


class AwayForm(forms.Form):
    """Days by the person's own calendar; the last one counts whole."""

    deputy = forms.ModelChoiceField(label="Who decides in my name", queryset=User.objects.none())
    first_day = forms.DateField(label="First day away", widget=forms.DateInput(attrs={"type": "date"}))
    last_day = forms.DateField(label="Last day away", widget=forms.DateInput(attrs={"type": "date"}))
    note = forms.CharField(label="Note", max_length=200, required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["deputy"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = active_users(actor=Actor.of(user)).exclude(pk=user.pk).order_by("name", "email")


@login_required
def away(request: Request) -> HttpResponse:
    form = AwayForm(request.POST if request.method == "POST" else None, user=request.user)
    if form.is_bound and form.is_valid():
        try:
            _go_away(request, form.cleaned_data)
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, "Saved. Your deputy sees what waits for you in that time.")
            return redirect("workspace:account-away")
    now = clock.now()
    known = selectors.visible_delegations(actor=actor_of(request)).filter(ends_at__gt=now)
    context = {
        "form": form,
        "now": now,
        "mine": known.filter(person=request.user).order_by("starts_at"),
        "for_others": known.filter(deputy=request.user).order_by("starts_at"),
    }
    return page(request, "workspace/approvals/away.html", context, status=422 if form.errors else 200)


def _go_away(request: Request, values: dict[str, Any]) -> None:
    zone = ZoneInfo(request.user.time_zone)
    start = datetime.combine(values["first_day"], time(), tzinfo=zone).astimezone(UTC)
    end = datetime.combine(values["last_day"] + timedelta(days=1), time(), tzinfo=zone).astimezone(UTC)
    delegate(
        request.user,
        deputy=values["deputy"],
        starts_at=start,
        ends_at=end,
        note=values["note"],
        actor=actor_of(request),
    )


@login_required
@require_POST
def back(request: Request, delegation_id: UUID) -> HttpResponse:
    """Here again before the time."""
    actor = actor_of(request)
    mine = selectors.visible_delegations(actor=actor).filter(person=request.user, pk=delegation_id).first()
    if mine is None:
        raise Http404("There is no such time away.")
    try:
        end_delegation(mine, actor=actor)
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, "From now on you decide alone.")
    return redirect("workspace:account-away")
