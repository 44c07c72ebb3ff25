"""Teams: who shares what they own."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.people.models import Team, User
from gtmos.kernel.people.selectors import active_users, teams
from gtmos.kernel.people.team_services import change_team, found_team
from gtmos.kernel.web import page
from gtmos.workspace.views.people import manager


class TeamForm(forms.Form):
    name = forms.CharField(max_length=100)
    members = forms.ModelMultipleChoiceField(
        queryset=User.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )

    manager = forms.ModelChoiceField(
        queryset=User.objects.none(),
        required=False,
        empty_label="Nobody",
        help_text="Who is asked where its people need a decision. They need not be in the team.",
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("members", "manager"):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = active_users(actor=actor).order_by("name", "email")


@login_required
def all_teams(request: HttpRequest) -> HttpResponse:
    actor = manager(request)
    form = TeamForm(request.POST if request.method == "POST" else None, actor=actor)
    if form.is_bound and form.is_valid():
        try:
            team = found_team(**form.cleaned_data, actor=actor)
        except DomainError as error:
            form.add_error("name", error.message)
        else:
            messages.success(request, f"Made the team {team}.")
            return redirect("workspace:teams")
    found = teams(actor=actor).select_related("manager").prefetch_related("memberships__user")
    return page(
        request,
        "workspace/teams/list.html",
        {"teams": found, "form": form},
        status=422 if form.errors else 200,
    )


@login_required
def team(request: HttpRequest, team_id: UUID) -> HttpResponse:
    actor = manager(request)
    record = teams(actor=actor).filter(pk=team_id).first()
    if record is None:
        raise Http404("There is no such team.")
    form = TeamForm(request.POST if request.method == "POST" else None, initial=_initial(record), actor=actor)
    if form.is_bound and form.is_valid():
        try:
            change_team(record, **form.cleaned_data, actor=actor)
        except DomainError as error:
            form.add_error("name", error.message)
        else:
            messages.success(request, "Saved. It counts from the next page on.")
            return redirect("workspace:teams")
    context = {"team": record, "form": form}
    return page(request, "workspace/teams/team.html", context, status=422 if form.errors else 200)


def _initial(record: Team) -> dict[str, Any]:
    members = record.memberships.values_list("user_id", flat=True)
    return {"name": record.name, "members": members, "manager": record.manager_id}
