"""The people of the house: inviting, roles and teams, leaving and coming back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.people import services
from gtmos.kernel.people.access_services import role_names
from gtmos.kernel.people.models import Role, Team, User
from gtmos.kernel.people.selectors import active_users, teams
from gtmos.kernel.permissions import allows
from gtmos.kernel.signin import factor_services, leaving_services, link_services
from gtmos.kernel.signin.doors import confirmed
from gtmos.kernel.web import actor_of, found, page
from gtmos.workspace.selectors.people import get_invitation, get_person, invitations, people_here


class InviteForm(forms.Form):
    email = forms.EmailField(label="E-mail")
    name = forms.CharField(max_length=150, required=False)
    role = forms.ChoiceField(choices=lambda: list(role_names().items()), initial=Role.AE)
    team = forms.ModelChoiceField(queryset=Team.objects.none(), required=False, empty_label="No team")

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["team"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = teams(actor=actor)


class PersonForm(forms.Form):
    role = forms.ChoiceField(choices=lambda: list(role_names().items()))
    teams = forms.ModelMultipleChoiceField(
        queryset=Team.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["teams"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        field.queryset = teams(actor=actor)


def manager(request: HttpRequest) -> Actor:
    """For everybody else there is no such page."""
    actor = actor_of(request)
    if not allows(actor, "kernel.manage_people"):
        raise Http404("There is no such page, or you may not see it.")
    return actor


@login_required
def people(request: HttpRequest) -> HttpResponse:
    actor = manager(request)
    form = InviteForm(request.POST if request.method == "POST" else None, actor=actor)
    if form.is_bound and form.is_valid():
        try:
            link = link_services.invite(**form.cleaned_data, actor=actor)
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, f"Invited {link.email}. The mail is on its way.")
            return redirect("workspace:people")
    context = {"people": people_here(actor=actor), "invitations": invitations(actor=actor), "form": form}
    context["roles"] = role_names()
    return page(request, "workspace/people/list.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def invitation(request: HttpRequest, link_id: UUID, verb: str) -> HttpResponse:
    actor = manager(request)
    link = found(get_invitation, link_id, actor=actor)
    verbs = {"resend": link_services.resend_invitation, "revoke": link_services.revoke_invitation}
    if verb not in verbs:
        raise Http404
    verbs[verb](link, actor=actor)
    said = "Sent anew. The earlier link opens nothing." if verb == "resend" else "Taken back."
    messages.success(request, said)
    return redirect("workspace:people")


@login_required
def person(request: HttpRequest, user_id: UUID) -> HttpResponseBase:
    user = found(get_person, user_id, actor=manager(request))
    return _changed(request, user_id=user_id) if request.method == "POST" else _shown(request, user)


def _shown(request: HttpRequest, user: User, *, status: int = 200, **given: Any) -> HttpResponse:
    actor = actor_of(request)
    mine = [membership.team_id for membership in user.memberships.all()]
    context = {
        "person": user,
        "form": PersonForm(initial={"role": user.role, "teams": mine}, actor=actor),
        "may_change_role": user.role != Role.ADMIN or allows(actor, "kernel.make_administrators"),
        "may_reset": allows(actor, "kernel.reset_factors", user),
        "is_me": actor.user == user,
        **given,
    }
    return page(request, "workspace/people/person.html", context, status=status)


@confirmed
def _changed(request: HttpRequest, *, user_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    user = found(get_person, user_id, actor=actor)
    form = PersonForm(request.POST, actor=actor)
    if not form.is_valid():
        return _shown(request, user, status=422, form=form)
    try:
        services.change_place(user, actor=actor, **form.cleaned_data)
    except DomainError as error:
        form.add_error(None, error.message)
        return _shown(request, user, status=error.status_code, form=form)
    messages.success(request, "Saved. It counts from the next page on.")
    return redirect("workspace:person", user_id)


@login_required
@confirmed
def deactivate(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """What they own, who gets it, and then all of it in one step."""
    actor = manager(request)
    user = found(get_person, user_id, actor=actor)
    if request.method != "POST":
        return _leaving(request, user, actor)
    try:
        moved = leaving_services.deactivate_person(user, heirs=_heirs(request, actor), actor=actor)
    except DomainError as error:
        return _leaving(request, user, actor, error=error.message, status=error.status_code)
    messages.success(request, f"{user} is deactivated. {sum(moved.values())} records went to others.")
    return redirect("workspace:person", user_id)


def _heirs(request: HttpRequest, actor: Actor) -> dict[str, User | Team]:
    """The form's `heir:crm.company.owner` = `user:…` or `team:…`; what cannot be found is left out."""
    known: dict[str, User | Team] = {f"user:{each.pk}": each for each in active_users(actor=actor)}
    known |= {f"team:{each.pk}": each for each in teams(actor=actor)}
    chosen = {
        key.partition(":")[2]: str(value) for key, value in request.POST.items() if key.startswith("heir:")
    }
    return {key: known[value] for key, value in chosen.items() if value in known}


def _leaving(
    request: HttpRequest, user: User, actor: Actor, *, error: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "person": user,
        "owned": leaving_services.owned_by(user, actor=actor),
        "colleagues": active_users(actor=actor).exclude(pk=user.pk).order_by("name"),
        "teams": teams(actor=actor),
        "error": error,
    }
    return page(request, "workspace/people/deactivate.html", context, status=status)


@login_required
@confirmed
@require_POST
def reactivate(request: HttpRequest, user_id: UUID) -> HttpResponse:
    actor = manager(request)
    user = found(get_person, user_id, actor=actor)
    return _done(
        request, user, lambda: leaving_services.reactivate_person(user, actor=actor), f"{user} is back."
    )


@login_required
@confirmed
@require_POST
def reset_factors(request: HttpRequest, user_id: UUID) -> HttpResponse:
    actor = manager(request)
    user = found(get_person, user_id, actor=actor)
    said = "The second factors are gone. The next sign-in is by password alone."
    return _done(request, user, lambda: factor_services.reset_factors(user, actor=actor), said)


def _done(request: HttpRequest, user: User, act: Any, said: str) -> HttpResponse:
    try:
        act()
    except DomainError as error:
        return _shown(request, user, status=error.status_code, error=error.message)
    messages.success(request, said)
    return redirect("workspace:person", user.pk)
