"""One's own API keys: made, shown once, revoked."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.people import services
from gtmos.kernel.signin.doors import confirmed
from gtmos.kernel.web import Request, actor_of
from gtmos.workspace.selectors.people import keys_of
from gtmos.workspace.views.account import KEY_IDS, KeyForm, shown


@login_required
@confirmed
@require_POST
def keys(request: Request) -> HttpResponseBase:
    form = KeyForm(request.POST, auto_id=KEY_IDS)
    if not form.is_valid():
        return shown(request, status=422, key_form=form)
    days = form.cleaned_data["days"]
    try:
        key = services.issue_token(
            request.user,
            name=form.cleaned_data["name"],
            scopes=form.cleaned_data["scopes"],
            expires_at=timezone.now() + timedelta(days=int(days)) if days else None,
            actor=actor_of(request),
        )
    except DomainError as error:
        form.add_error(None, error.message)
        return shown(request, status=error.status_code, key_form=form)
    return shown(request, key=key)


@login_required
@require_POST
def revoke(request: Request, token_id: UUID) -> HttpResponse:
    token = keys_of(request.user).filter(pk=token_id).first()
    if token is None:
        raise Http404("There is no such key.")
    services.revoke_token(token, actor=actor_of(request))
    messages.success(request, "The key opens nothing any more.")
    return redirect("workspace:account")
