"""What stands before the pages: how long a session lasts, and who has to say again who they are."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from gtmos.kernel.signin.session_services import is_confirmed, is_over, note_seen


def session_limits(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Too long without a request, or too long since signing in: nobody is signed in any more."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            row, now = getattr(request.session, "row", None), timezone.now()
            if row is not None and is_over(row, now):
                logout(request)
            elif row is not None:
                note_seen(row, now)
        return get_response(request)

    return middleware


def ask_again(request: HttpRequest) -> HttpResponse:
    """To the page that asks who sits there, and back; a form has to be sent anew."""
    back = request.get_full_path()
    if request.method != "GET" or request.headers.get("HX-Request"):
        parts = urlsplit(request.headers.get("HX-Current-URL") or request.headers.get("Referer") or "/")
        back = f"{parts.path}?{parts.query}" if parts.query else parts.path or "/"
    url = f"{reverse('login-again')}?{urlencode({'next': back})}"
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return redirect(url)


def confirmed(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """For what a thief of an open browser would want: only for who said within 15 minutes who they are."""

    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not is_confirmed(request.session):
            return ask_again(request)
        return view(request, *args, **kwargs)

    return asked
