"""The earlier part of a timeline, and a timeline of one kind: fragments of the record's page."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from crm.models import Company, Contact, Deal
from crm.selectors.timeline import KINDS, timeline
from crm.views.duplicates import GET
from gtmos.kernel.actors import Actor
from gtmos.kernel.web import actor_of, found


def timeline_of(record: Company | Contact | Deal, request: HttpRequest, *, actor: Actor) -> dict[str, Any]:
    """What the timeline of a record's page shows; the kind stands in the address."""
    noun = str(record._meta.model_name)
    # A form of the page sends the kind along, so that saving leaves the choice as it is.
    kind = request.GET.get("kind") or request.POST.get("kind", "")
    shown = timeline(record, actor=actor, kind=kind, after=request.GET.get("after", ""))
    return {
        "timeline": shown,
        "timeline_kinds": KINDS,
        "timeline_url": reverse(f"crm:{noun}-timeline", args=[record.pk]),
        "record_url": reverse(f"crm:{noun}", args=[record.pk]),
        "colleagues_url": reverse(f"crm:{noun}-colleagues", args=[record.pk]),
        "meeting_url": f"{reverse('crm:meeting-create')}?{noun}={record.pk}",
        "record_key": record.pk,
    }


@login_required
def earlier(request: HttpRequest, kind: str, **key: UUID) -> HttpResponse:
    """With `after` only what goes below what is there; without it the whole card."""
    actor = actor_of(request)
    record = found(GET[kind], key[f"{kind}_id"], actor=actor)
    context = timeline_of(record, request, actor=actor)
    name = "crm/_timeline_items.html" if context["timeline"].has_previous else "crm/_timeline.html"
    return render(request, name, context)
