"""Whoever opens a record that was merged away is led to where it goes on, with one quiet sentence."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from crm.selectors.merges import led_on
from gtmos.kernel.web import actor_of

View = Callable[..., HttpResponse]


def leads_on(kind: str) -> Callable[[View], View]:
    """For a page of one record. Not for good: the merge can be taken back, and then the record stands here again."""

    def decorate(view: View) -> View:
        @wraps(view)
        def shown(request: HttpRequest, **key: Any) -> HttpResponse:
            try:
                return view(request, **key)
            except Http404:
                answer = _led_on(request, kind, key[f"{kind}_id"])
                if answer is None:
                    raise
                return answer

        return shown

    return decorate


def _led_on(request: HttpRequest, kind: str, key: Any) -> HttpResponse | None:
    moved = led_on(kind, key, actor=actor_of(request)) if request.method == "GET" else None
    if moved is None:
        return None
    messages.info(request, moved.message)
    if not getattr(request, "htmx", None):
        return redirect(f"crm:{kind}", moved.new)
    answer = HttpResponse()  # a page that was open while it happened
    answer["HX-Redirect"] = reverse(f"crm:{kind}", args=[moved.new])
    return answer
