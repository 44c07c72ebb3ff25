"""One's own account: who I am, my password, where I am signed in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.people import services
from gtmos.kernel.people.models import MailVisibility
from gtmos.kernel.people.zones import zones
from gtmos.kernel.signin import entry_services as entry
from gtmos.kernel.signin import factor_services as factors
from gtmos.kernel.signin import session_services as sessions
from gtmos.kernel.web import Request, actor_of, page
from gtmos.workspace.selectors.people import keys_of
from gtmos.workspace.views.sign_in_links import a_new_password


class ProfileForm(forms.Form):
    name = forms.CharField(max_length=150)
    time_zone = forms.ChoiceField(choices=zones)
    mail_visibility = forms.ChoiceField(
        label="My mails may be read by",
        choices=[(key, str(label).capitalize()) for key, label in MailVisibility.choices],
    )


class PasswordForm(forms.Form):
    present = forms.CharField(
        label="Present password",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    new = a_new_password("New password")


SCOPE_WORDS = {
    "read": "Read what I see",
    "write": "Create and change",
    "send": "Send mail",
    "export": "Take whole lists out",
    "admin": "Configure",
}


# The page has another form with a name.
KEY_IDS = "key_%s"


class KeyForm(forms.Form):
    name = forms.CharField(label="What it is for", max_length=100)
    scopes = forms.MultipleChoiceField(
        label="It may",
        choices=[(each, SCOPE_WORDS[each]) for each in services.SCOPES],
        widget=forms.CheckboxSelectMultiple,
        initial=["read"],
    )
    days = forms.ChoiceField(
        label="Ends",
        choices=[("30", "In 30 days"), ("90", "In 90 days"), ("365", "In a year"), ("", "Never")],
        required=False,
        initial="90",
    )


def shown(request: Request, *, status: int = 200, **given: Any) -> HttpResponse:
    """The page, with the form that was refused or the secret that is shown this once."""
    user = request.user
    current = sessions.name_of(request.session.session_key)
    initial = {name: getattr(user, name) for name in ProfileForm.base_fields}
    context = {
        "profile_form": ProfileForm(initial=initial),
        "password_form": PasswordForm(),
        "key_form": KeyForm(auto_id=KEY_IDS),
        "factors": factors.factors_of(user),
        "needs_factor": factors.needs_factor(user),
        "is_sandbox": not settings.SECOND_FACTOR_REQUIRED,
        "sessions": [
            {"row": row, "name": sessions.name_of(row.pk), "is_this": sessions.name_of(row.pk) == current}
            for row in sessions.sessions_of(user)
        ],
        "keys": keys_of(user),
        **given,
    }
    answer = page(request, "workspace/account/account.html", context, status=status)
    answer["Cache-Control"] = "no-store"
    return answer


@never_cache
@login_required
def account(request: Request) -> HttpResponse:
    return shown(request)


@login_required
@require_POST
def profile(request: Request) -> HttpResponse:
    form = ProfileForm(request.POST)
    if not form.is_valid():
        return shown(request, status=422, profile_form=form)
    try:
        services.update_profile(request.user, changes=form.cleaned_data, actor=actor_of(request))
    except DomainError as error:
        form.add_error(None, error.message)
        return shown(request, status=error.status_code, profile_form=form)
    messages.success(request, "Saved.")
    return redirect("workspace:account")


@login_required
@require_POST
def password(request: Request) -> HttpResponse:
    form = PasswordForm(request.POST)
    if not form.is_valid():
        return shown(request, status=422, password_form=form)
    try:
        entry.check_password(request, request.user.email, form.cleaned_data["present"])
        user = services.set_password(
            request.user,
            form.cleaned_data["new"],
            actor=actor_of(request),
            keep_session=request.session.session_key,
        )
    except DomainError as error:
        form.add_error(None, error.message)
        return shown(request, status=error.status_code, password_form=form)
    update_session_auth_hash(request, user)
    messages.success(request, "New password. Everywhere else you are signed out.")
    return redirect("workspace:account")


@login_required
@require_POST
def end(request: Request) -> HttpResponse:
    """One other session, or all of them and this one too."""
    actor, name = actor_of(request), request.POST.get("session", "")
    if name == "all":
        sessions.end_sessions(request.user, actor=actor)
        request.session.flush()
        return redirect("login")
    try:
        sessions.end_session(request.user, name, actor=actor)
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, "That session has ended.")
    return redirect("workspace:account")
