"""Tasks and meetings in a month, a week, a day or a list of days."""

from datetime import datetime, time
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from crm.selectors.calendar import VIEWS, WHOSE, Wanted, calendar_days, read_day
from crm.selectors.visibility import get_meeting, get_task
from crm.services.calendar import move_meeting, move_task
from crm.services.tasks import create_task
from gtmos.kernel.actors import Actor
from gtmos.kernel.api_idempotency import done_once
from gtmos.kernel.exceptions import DomainError, InvalidInputError
from gtmos.kernel.web import Request, actor_of, found, page, refusal, toast

MOVES: dict[str, Any] = {"task": (get_task, move_task), "meeting": (get_meeting, move_meeting)}
KIND_WORDS = (("", "Tasks and meetings"), ("task", "Tasks"), ("meeting", "Meetings"))
WHOSE_WORDS = dict(zip(WHOSE, ("Mine", "My team", "All I see"), strict=True))
NO_DAY = "Say which day."


@login_required
def calendar(request: Request) -> HttpResponse:
    return _shown(request, actor_of(request))


def _shown(request: Request, actor: Actor) -> HttpResponse:
    wanted = Wanted.of(request.GET.dict())
    context = {
        "days": calendar_days(wanted, actor=actor),
        "wanted": wanted,
        "views": VIEWS,
        "whose": WHOSE_WORDS.items(),
        "kinds": KIND_WORDS,
        "user": request.user,
        "query": request.GET.urlencode(),
    }
    return page(request, "crm/calendar/calendar.html", context)


@login_required
@require_POST
def move(request: Request) -> HttpResponse:
    """Dragged, or moved by keys or a form."""
    actor = actor_of(request)
    get, verb = MOVES.get(request.POST.get("kind", ""), (None, None))
    if get is None:
        raise Http404("There is no such entry.")
    record = found(get, request.POST.get("id", ""), actor=actor)
    day = read_day(request.POST.get("day", ""))
    try:
        if day is None:
            raise InvalidInputError(NO_DAY, code="day_missing")
        verb(record, day, zone=timezone.get_current_timezone(), actor=actor)
    except DomainError as error:
        return refusal(error)
    said = f"{record}: moved to {day:%A} {day.day} {day:%B}. Z takes it back."
    if request.htmx:
        return toast(_shown(request, actor), said)
    messages.success(request, said)
    return redirect(f"{reverse('crm:calendar')}?{request.GET.urlencode()}")


@login_required
@require_POST
@done_once
def create(request: Request) -> HttpResponse:
    """A task on the day that was clicked."""
    actor, day = actor_of(request), read_day(request.POST.get("day", ""))
    try:
        hour = time.fromisoformat(request.POST.get("time") or "09:00")
    except ValueError:
        hour = time(9)
    try:
        if day is None:
            raise InvalidInputError(NO_DAY, code="day_missing")
        due = datetime.combine(day, hour, timezone.get_current_timezone())
        task = create_task(title=request.POST.get("title", ""), due_at=due, owner=request.user, actor=actor)
    except DomainError as error:
        return refusal(error)
    if request.htmx:
        return toast(_shown(request, actor), f"Task on {day:%A} {day.day} {day:%B}: {task}")
    return redirect(f"{reverse('crm:calendar')}?{request.GET.urlencode()}")
