"""Pages of meetings."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from crm.enums import MeetingState
from crm.forms import MeetingForm
from crm.models import Company, Contact, Deal, Meeting
from crm.selectors.contacts import visible_contacts
from crm.selectors.visibility import get_meeting, visible_meetings
from crm.services.meetings import (
    cancel_meeting,
    complete_meeting,
    mark_no_show,
    plan_meeting,
    update_meeting,
)
from crm.views.duplicates import GET
from gtmos.kernel import clock, history
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.people.selectors import active_users
from gtmos.kernel.permissions import allows
from gtmos.kernel.web import actor_of, found, page, refusal

TABS = (("planned", "Planned"), ("mine", "Mine"), ("past", "Past"))
CLOSES: dict[str, Callable[..., Meeting]] = {
    "complete": complete_meeting,
    "no-show": mark_no_show,
    "cancel": cancel_meeting,
}
SHOWN = 200


@login_required
def meetings(request: HttpRequest) -> HttpResponse:
    actor, which = actor_of(request), request.GET.get("view", "planned")
    rows = visible_meetings(actor=actor).prefetch_related("attendees__contact", "attendees__user")
    if which == "past":
        rows = rows.exclude(state=MeetingState.PLANNED).order_by("-starts_at", "-pk")
    else:
        rows = rows.filter(state=MeetingState.PLANNED)
    if which == "mine":
        rows = rows.filter(attendees__user=actor.user)
    context = {"meetings": rows[:SHOWN], "which": which, "tabs": TABS, "now": clock.now()}
    return page(request, "crm/meetings/list.html", context)


@login_required
def create(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    about = _about(request, actor)
    company = _company(about)
    start = (timezone.localtime(clock.now()) + timedelta(hours=1)).replace(minute=0, second=0, microsecond=0)
    initial = {"starts_at": start, "ends_at": start + timedelta(minutes=30), "users": [actor.user]}
    if isinstance(about, Contact):
        initial["contacts"] = [about]
    form = _form(request, company, actor, initial)
    if form.is_valid():
        deal = about if isinstance(about, Deal) else None
        try:
            made = plan_meeting(company=company, deal=deal, actor=actor, **form.cleaned_data)
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            return redirect("crm:meeting", made.pk)
    return page(request, "crm/meetings/edit.html", {"form": form, "about": about})


def _about(request: HttpRequest, actor: Actor) -> Company | Contact | Deal | None:
    for kind in ("deal", "contact", "company"):
        if request.GET.get(kind):
            record: Company | Contact | Deal = found(GET[kind], request.GET[kind], actor=actor)
            return record
    return None


def _company(about: Company | Contact | Deal | None) -> Company | None:
    return about if about is None or isinstance(about, Company) else about.company


def _form(
    request: HttpRequest, company: Company | None, actor: Actor, initial: dict[str, Any]
) -> MeetingForm:
    people = visible_contacts(actor=actor)
    chosen = people.filter(company=company) if company else people.filter(pk__in=_keys(initial))
    return MeetingForm(request.POST or None, initial=initial, people=chosen, users=active_users(actor=actor))


def _keys(initial: dict[str, Any]) -> list[Any]:
    return [each.pk for each in initial.get("contacts", ())]


@login_required
def meeting(request: HttpRequest, meeting_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    record = found(get_meeting, meeting_id, actor=actor)
    form = _form(request, record.company, actor, _initial(record))
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        contacts, users = values.pop("contacts"), values.pop("users")
        try:
            update_meeting(record, changes=values, contacts=contacts, users=users, actor=actor)
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            return redirect("crm:meeting", record.pk)
    return page(request, "crm/meetings/meeting.html", _context(record, form, actor))


def _initial(record: Meeting) -> dict[str, Any]:
    names = ("title", "starts_at", "ends_at", "place", "link", "agenda")
    people = list(record.attendees.select_related("contact", "user"))
    return {
        **{name: getattr(record, name) for name in names},
        "contacts": [each.contact for each in people if each.contact],
        "users": [each.user for each in people if each.user],
    }


def _context(record: Meeting, form: MeetingForm, actor: Actor) -> dict[str, Any]:
    return {
        "meeting": record,
        "form": form,
        "attendees": record.attendees.select_related("contact", "user"),
        "changes": history.of_record(record)[:50],
        "may_edit": allows(actor, "crm.edit_meeting", record),
        "has_begun": record.starts_at <= clock.now(),
    }


@login_required
@require_POST
def close(request: HttpRequest, meeting_id: UUID, verb: str) -> HttpResponse:
    """Held, missed or cancelled."""
    actor = actor_of(request)
    record = found(get_meeting, meeting_id, actor=actor)
    if verb not in CLOSES:
        raise Http404("There is no such end of a meeting.")
    try:
        CLOSES[verb](record, outcome=request.POST.get("outcome", ""), actor=actor)
    except DomainError as error:
        return refusal(error)
    return redirect("crm:meeting", record.pk)
