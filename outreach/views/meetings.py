"""A meeting for the calendars of those who attend."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from crm.selectors.visibility import get_meeting
from gtmos.kernel.web import actor_of, found
from outreach.channels.calendar.writing import written
from outreach.selectors.invitations import invitation_of


@require_safe
@login_required
def invitation(request: HttpRequest, meeting_id: UUID) -> HttpResponse:
    """The file; whoever may see the meeting may hand it on."""
    actor = actor_of(request)
    about = invitation_of(found(get_meeting, meeting_id, actor=actor), actor=actor)
    kind = f"text/calendar; charset=utf-8; method={about.method}"
    answer = HttpResponse(written(about), content_type=kind)
    answer["Content-Disposition"] = content_disposition_header(True, f"{about.title}.ics") or "attachment"
    return answer
