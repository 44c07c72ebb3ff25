"""Mails that wait for a person's word."""

from collections.abc import Callable
from functools import partial

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.web import refusal
from outreach.models import Touch
from outreach.selectors.touches import visible_touches
from outreach.services import touches
from outreach.views.campaigns import answered

WORDS: dict[str, tuple[Callable[..., Touch], str]] = {
    "was-sent": (partial(touches.resolve_doubt, was_sent=True), "Noted as sent"),
    "not-sent": (partial(touches.resolve_doubt, was_sent=False), "It is sent again"),
    "release": (touches.release_late, "It leaves now"),
    "cancel": (touches.cancel_late, "It is not sent"),
    "retry": (touches.retry_touch, "It is tried again"),
}


@login_required
@require_POST
def touch_resolve(request: HttpRequest, key: int, what: str) -> HttpResponse:
    actor = Actor.of(request.user)
    touch = visible_touches(actor=actor).select_related("campaign").filter(pk=key).first()
    if touch is None or what not in WORDS:
        raise Http404("There is no such mail.")
    verb, text = WORDS[what]
    try:
        verb(touch, actor=actor)
    except DomainError as error:
        return refusal(error)
    return answered(request, touch.campaign, actor, f"{text}: {touch.recipient}")
