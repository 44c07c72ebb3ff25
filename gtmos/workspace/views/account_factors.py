"""One's own second factors. Adding or removing one asks first who sits there."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.signin import factor_services as factors
from gtmos.kernel.signin.doors import confirmed
from gtmos.kernel.signin.session_store import SECOND_FACTOR
from gtmos.kernel.web import Request, actor_of, page
from gtmos.workspace.views.account import shown


@never_cache
@login_required
@confirmed
@require_http_methods(["GET", "HEAD", "POST"])
def app(request: Request) -> HttpResponseBase:
    """Show the secret to the app, and take the code by which it shows that it has it."""
    secret = factors.draft_secret(request.session)
    if request.method == "POST":
        try:
            factors.add_app(request.user, secret, request.POST.get("code", ""), actor=actor_of(request))
        except DomainError as error:
            return _app(request, secret, error=error.message, status=error.status_code)
        del request.session[factors.DRAFT]
        return _added(request, "authenticator app")
    return _app(request, secret)


def _app(request: Request, secret: str, *, error: str = "", status: int = 200) -> HttpResponse:
    url, picture = factors.picture_of(request.user, secret)
    spaced = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    context = {
        "url": url,
        "secret": spaced,
        "picture": mark_safe(picture.partition("?>")[2] or picture),  # noqa: S308 -- drawn by the library from our own address
        "error": error,
        "needs_factor": factors.needs_factor(request.user),
        "known": factors.factors_of(request.user),
    }
    return page(request, "workspace/account/app.html", context, status=status)


@never_cache
@login_required
@confirmed
@require_http_methods(["GET", "HEAD", "POST"])
def passkeys(request: Request) -> HttpResponseBase:
    error, status = "", 200
    if request.method == "POST":
        try:
            factors.add_passkey(
                request.user,
                request.POST.get("name", ""),
                request.POST.get("credential", ""),
                actor=actor_of(request),
            )
        except DomainError as refused:
            error, status = refused.message, refused.status_code
        else:
            return _added(request, "passkey")
    context = {"options": factors.passkey_to_make(request.user), "error": error}
    return page(request, "workspace/account/passkey.html", context, status=status)


def _added(request: Request, factor: str) -> HttpResponse:
    """With the first one come recovery codes, shown this once."""
    request.session[SECOND_FACTOR] = factor
    messages.success(request, f"Added: {factor}.")
    if factors.factors_of(request.user).codes_left is None:
        return shown(request, codes=factors.make_recovery_codes(request.user, actor=actor_of(request)))
    return redirect("workspace:account")


@login_required
@confirmed
@require_POST
def remove(request: Request, key: int) -> HttpResponseBase:
    try:
        factors.remove_factor(request.user, key, actor=actor_of(request))
    except DomainError as error:
        return shown(request, status=error.status_code, refused=error.message)
    messages.success(request, "Removed.")
    return redirect("workspace:account")


@login_required
@confirmed
@require_POST
def codes(request: Request) -> HttpResponseBase:
    try:
        made = factors.make_recovery_codes(request.user, actor=actor_of(request))
    except DomainError as error:
        return shown(request, status=error.status_code, refused=error.message)
    return shown(request, codes=made)
