"""What I was told: the bell, its panel, the page, and how I want to be told."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.notifications import kinds, services
from gtmos.kernel.notifications.models import Notification, Rhythm
from gtmos.kernel.notifications.selectors import (
    MOST_COUNTED,
    choices_of,
    get_notification,
    own_notifications,
    unread,
    unread_count,
)
from gtmos.kernel.paging import newest_first
from gtmos.kernel.web import Request, actor_of, found, page, refusal, toast

IN_PANEL = 20
VIEWS = (("all", "All"), ("unread", "Unread"))


@login_required
def notifications(request: Request) -> HttpResponse:
    actor, view = actor_of(request), request.GET.get("view", "all")
    rows = unread(actor=actor) if view == "unread" else own_notifications(actor=actor)
    shown = newest_first(rows, after=request.GET.get("after", ""))
    context = {
        "page": shown,
        "days": list(_days(shown.rows)),
        "view": view,
        "tabs": VIEWS,
        "user": request.user,
    }
    return page(request, "workspace/notifications/list.html", context)


@login_required
def panel(request: Request) -> HttpResponse:
    """The newest, in a dialog that opens by itself."""
    rows = list(own_notifications(actor=actor_of(request))[:IN_PANEL])
    context = {"days": list(_days(rows)), "user": request.user}
    return render(request, "workspace/notifications/panel.html", context)


@login_required
def bell(request: Request) -> HttpResponse:
    context = {"unread": unread_count(actor=actor_of(request)), "most": MOST_COUNTED, "user": request.user}
    return render(request, "components/bell.html", context)


def _days(rows: list[Notification]) -> Iterator[dict[str, Any]]:
    """By the reader's days."""
    for day, told in groupby(rows, lambda each: timezone.localdate(each.created_at)):
        lines = [{"row": each, "label": kinds.label_of(each.kind)} for each in told]
        yield {"day": day, "lines": lines}


@login_required
@require_POST
def open_it(request: Request, notification_id: UUID) -> HttpResponse:
    """Read, and on to what it tells of."""
    actor = actor_of(request)
    row = services.mark_read(found(get_notification, notification_id, actor=actor), actor=actor)
    url = row.url if url_has_allowed_host_and_scheme(row.url, allowed_hosts=None) else ""
    target = url or reverse("workspace:notifications")
    if request.htmx:
        return HttpResponse(status=204, headers={"HX-Redirect": target})
    return redirect(target)


@login_required
@require_POST
def mark(request: Request, notification_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    row = found(get_notification, notification_id, actor=actor)
    row = services.mark_read(row, is_read=request.POST.get("read") != "no", actor=actor)
    context = {"line": {"row": row, "label": kinds.label_of(row.kind)}}
    return _or_page(request, "workspace/notifications/_line.html", context)


@login_required
@require_POST
def mark_all(request: Request) -> HttpResponse:
    marked = services.mark_all_read(actor=actor_of(request))
    if not request.htmx:
        return redirect("workspace:notifications")
    words = f"{marked} marked as read." if marked else "Nothing was unread."
    return toast(HttpResponse(status=204, headers={"HX-Reswap": "none"}), words)


@login_required
@require_POST
def mute(request: Request, notification_id: UUID) -> HttpResponse:
    """No more of this kind, neither here nor by mail."""
    actor = actor_of(request)
    row = found(get_notification, notification_id, actor=actor)
    try:
        services.mute(request.user, row.kind, actor=actor)
    except (DomainError, KeyError):
        return toast(HttpResponse(status=409), "This kind is not told any more.", level="bad")
    services.mark_read(row, actor=actor)
    label = kinds.label_of(row.kind)
    context = {"line": {"row": row, "label": label}}
    said = f"Muted: {label}. Change it under Notifications, Settings."
    return toast(_or_page(request, "workspace/notifications/_line.html", context), said)


def _or_page(request: Request, template: str, context: dict[str, Any]) -> HttpResponse:
    if request.htmx:
        return render(request, template, context)
    return redirect("workspace:notifications")


@login_required
def notification_settings(request: Request) -> HttpResponse:
    if request.method == "POST":
        return _saved(request)
    return page(request, "workspace/notifications/settings.html", _choices(request))


def _choices(request: HttpRequest) -> dict[str, Any]:
    return {"choices": choices_of(actor_of(request).user), "rhythms": Rhythm.choices}  # type: ignore[arg-type]  # signed in


def _saved(request: Request) -> HttpResponse:
    """Every kind that the form names; what it does not name stays."""
    actor = actor_of(request)
    try:
        for each in kinds.known():
            by_mail = request.POST.get(f"mail-{each.name}")
            if by_mail is not None:
                in_app = request.POST.get(f"app-{each.name}") == "on"
                services.set_preference(request.user, each.name, in_app=in_app, by_mail=by_mail, actor=actor)
    except DomainError as error:
        return refusal(error)
    messages.success(request, "Saved.")
    return redirect("workspace:notification-settings")
