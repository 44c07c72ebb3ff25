"""Signing in: the password, the second factor, a passkey alone; and saying again who one is."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from gtmos.kernel.desk import may_enter
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.people.models import User
from gtmos.kernel.signin import entry_services as entry
from gtmos.kernel.signin import factor_services as factors
from gtmos.kernel.signin.limit_services import TooManyTriesError


class SignInForm(AuthenticationForm):
    """The framework's form; whether the password is right is asked of the service, which counts."""

    too_many = False

    def clean(self) -> dict[str, Any]:
        email, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if email and password:
            assert self.request is not None
            try:
                self.user_cache = entry.check_password(self.request, email, password)
            except DomainError as error:
                self.too_many = isinstance(error, TooManyTriesError)
                raise ValidationError(error.message) from error
        return self.cleaned_data


class SignInView(LoginView):
    form_class = SignInForm
    redirect_authenticated_user = True

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        user = form.get_user()
        assert isinstance(user, User)
        if entry.begin(self.request, user, next_url=self.get_success_url()):
            return HttpResponseRedirect(self.get_success_url())
        return redirect("login-second")

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        answer = super().form_invalid(form)
        if isinstance(form, SignInForm) and form.too_many:
            answer.status_code = 429
        return answer


def next_of(request: HttpRequest) -> str:
    """Where to go on, if that is a page of ours."""
    wanted = request.POST.get("next") or request.GET.get("next", "")
    ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if ours else resolve_url("workspace:home")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def second(request: HttpRequest) -> HttpResponse:
    """The code of the app, a recovery code, or a passkey; within ten minutes of the password."""
    user = entry.half_way(request.session)
    if user is None:
        return redirect("login")
    if request.method != "POST":
        return _second(request, user)
    try:
        factor = _factor_given(request, user)
    except DomainError as error:
        return _second(request, user, error=error.message, status=error.status_code)
    goal = request.session.get(entry.HALF_WAY_TO) or resolve_url("workspace:home")
    entry.enter(request, user, factor=factor)
    return redirect(goal)


def _factor_given(request: HttpRequest, user: User) -> str:
    credential = request.POST.get("credential", "")
    if credential:
        factors.check_passkey(user, credential)
        return "passkey"
    factors.check_code(user, request.POST.get("code", ""))
    return "code"


def _second(request: HttpRequest, user: User, *, error: str = "", status: int = 200) -> HttpResponse:
    context = {**_offered(user), "error": error}
    return render(request, "registration/second.html", context, status=status)


def _offered(user: User) -> dict[str, Any]:
    """What this person can answer with; a new challenge for passkeys each time."""
    known = factors.factors_of(user)
    options = factors.passkey_to_ask(user) if known.passkeys else None
    return {"has_code": bool(known.app or known.codes_left), "has_app": bool(known.app), "options": options}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def passkey(request: HttpRequest) -> HttpResponse:
    """Without a password: a passkey has itself asked for a finger or a PIN, which makes two factors."""
    if request.method != "POST":
        return JsonResponse(factors.passkey_to_ask())
    try:
        user = factors.person_of_passkey(request.POST.get("credential", ""))
    except DomainError as error:
        form = SignInForm(request)
        context = {"form": form, "passkey_error": error.message, "next": request.POST.get("next", "")}
        return render(request, "registration/login.html", context, status=error.status_code)
    entry.enter(request, user, factor="passkey")
    return redirect(next_of(request))


class AgainForm(forms.Form):
    password = forms.CharField(
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}), required=False
    )
    code = forms.CharField(
        required=False,
        max_length=20,
        label="Code",
        help_text="Of your authenticator app, or a recovery code.",
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def again(request: HttpRequest) -> HttpResponse:
    """Before something that a thief of an open browser would want."""
    user = request.user
    assert isinstance(user, User)
    if request.method != "POST":
        return _again(request, user)
    try:
        factor = _said_again(request, user)
    except DomainError as error:
        return _again(request, user, error=error.message, status=error.status_code)
    entry.confirm_again(request, factor=factor)
    return redirect(next_of(request))


def _said_again(request: HttpRequest, user: User) -> str:
    if request.POST.get("credential"):
        return _factor_given(request, user)
    entry.check_password(request, user.email, request.POST.get("password", ""))
    return _factor_given(request, user) if factors.has_factor(user) else ""


def _again(request: HttpRequest, user: User, *, error: str = "", status: int = 200) -> HttpResponse:
    context = {**_offered(user), "form": AgainForm(), "error": error, "next": next_of(request)}
    return render(request, "registration/again.html", context, status=status)


@never_cache
def desk(request: HttpRequest) -> HttpResponse:
    """The RevOps desk has no door of its own: one way in, with the same limits and the same second factor."""
    goal = next_of(request) if request.GET.get("next") else "/admin/"
    if may_enter(request):
        return redirect("/admin/" if goal.startswith("/admin/login") else goal)
    if request.user.is_authenticated:
        return render(request, "403.html", status=403)
    return redirect(f"{resolve_url('login')}?{urlencode({'next': goal})}")
