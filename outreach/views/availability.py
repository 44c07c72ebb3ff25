"""When I may be booked, and what that leaves."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from gtmos.kernel import clock
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.web import Request, actor_of, page
from outreach.forms.availability import HoursForm, filled
from outreach.models import BookingHours
from outreach.selectors.availability import hours_of, offer_of, offered_times
from outreach.services.availability import checked_hours, set_booking_hours
from outreach.timing.slots import Reader
from outreach.timing.windows import zone_of

SHOWN_DAYS = 5


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def booking_hours(request: Request) -> HttpResponse:
    hours = hours_of(request.user)
    form = HoursForm(request.POST if request.method == "POST" else None, initial=filled(hours))
    if form.is_bound and form.is_valid():
        try:
            set_booking_hours(changes=form.values(), actor=actor_of(request))
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, "Saved.")
            return redirect("outreach:booking-hours")
    context = {"form": form, **_times(hours, hours.user.time_zone)}
    return page(request, "outreach/hours/hours.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def next_times(request: Request) -> HttpResponse:
    """What the hours in the form would leave; nothing is kept."""
    form = HoursForm(request.POST)
    if not form.is_valid():
        return render(request, "outreach/hours/_times.html", {"is_unreadable": True})
    hours = BookingHours(user=request.user, **checked_hours(form.values()))
    return render(request, "outreach/hours/_times.html", _times(hours, form.cleaned_data["reader_zone"]))


def _times(hours: BookingHours, reader_zone: str) -> dict[str, Any]:
    zone = zone_of(reader_zone)
    offered = offered_times(hours, clock.now(), Reader(zone))
    offer = offer_of(offered, hours, zone)
    days: dict[str, list[str]] = {}
    for begin, _end in offered:
        at = begin.astimezone(zone)
        days.setdefault(f"{at:%A, %-d %B}", []).append(f"{at:%H:%M}")
    return {
        "three": offer.lines,
        "offer": offer.text,
        "zone": offer.zone_name,
        "days": list(days.items())[:SHOWN_DAYS],
        "count": len(offered),
    }
