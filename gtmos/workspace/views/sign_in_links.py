"""What the links in mails open: choosing a password after an invitation, or a new one."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from gtmos.kernel.exceptions import DomainError, NotFoundError
from gtmos.kernel.people.zones import zones
from gtmos.kernel.signin import entry_services as entry
from gtmos.kernel.signin import link_services as links
from gtmos.kernel.signin.models import LinkKind


def a_new_password(label: str = "Password") -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text="At least ten characters.",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class AddressForm(forms.Form):
    email = forms.EmailField(label="E-mail", widget=forms.EmailInput(attrs={"autocomplete": "username"}))


class ResetForm(forms.Form):
    password = a_new_password("New password")


class InvitationForm(forms.Form):
    name = forms.CharField(
        label="Your name", max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    password = a_new_password()
    time_zone = forms.ChoiceField(choices=zones, help_text="Times on your pages are told in it.")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def forgot(request: HttpRequest) -> HttpResponse:
    """The same answer for every address, known or not."""
    form = AddressForm(request.POST or None)
    is_done = form.is_bound and form.is_valid()
    if is_done:
        links.ask_for_password(form.cleaned_data["email"])
    return render(request, "registration/forgot.html", {"form": form, "is_done": is_done})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def reset(request: HttpRequest, token: str) -> HttpResponse:
    form = ResetForm(request.POST or None)
    try:
        links.link_of(token, LinkKind.RESET)
        if form.is_bound and form.is_valid():
            links.set_new_password(token, form.cleaned_data["password"])
            return render(request, "registration/reset.html", {"is_done": True})
    except NotFoundError as error:
        return _gone(request, error)
    except DomainError as error:
        form.add_error(None, error.message)
    status = 422 if form.is_bound else 200
    return render(request, "registration/reset.html", {"form": form}, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    try:
        link = links.link_of(token, LinkKind.INVITATION)
        form = InvitationForm(request.POST or None, initial={"name": link.name, "time_zone": "UTC"})
        if form.is_bound and form.is_valid():
            user = links.accept_invitation(token, **form.cleaned_data)
            entry.enter(request, user)
            return redirect("workspace:home")
    except NotFoundError as error:
        return _gone(request, error)
    except DomainError as error:
        form.add_error(None, error.message)
    status = 422 if form.is_bound else 200
    return render(request, "registration/invitation.html", {"form": form, "link": link}, status=status)


def _gone(request: HttpRequest, error: DomainError) -> HttpResponse:
    return render(request, "registration/gone.html", {"text": error.message}, status=404)
