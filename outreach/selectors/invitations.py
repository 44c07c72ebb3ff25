"""A meeting as an invitation that every calendar can take."""

from urllib.parse import urlsplit

from crm.enums import MeetingState
from crm.models import Meeting
from crm.selectors.visibility import visible_contacts
from gtmos.env import env
from gtmos.kernel.actors import Actor
from outreach.channels.calendar.writing import Invitation, Person


def invitation_of(meeting: Meeting, *, actor: Actor) -> Invitation:
    """Everybody who attends and whose address its reader may see; the agenda and the link stand in its text."""
    seen = {each.pk: each for each in visible_contacts(actor=actor).filter(meetings__meeting=meeting)}
    people = [
        each.user or (seen.get(each.contact_id) if each.contact_id else None)
        for each in meeting.attendees.select_related("user")
    ]
    guests = [Person(str(each), each.email) for each in people if each is not None and each.email]
    owner = meeting.owner
    return Invitation(
        uid=f"{meeting.pk}@{urlsplit(env.public_url).hostname or 'gtmos.example'}",
        sequence=meeting.version,
        title=meeting.title,
        begins=meeting.starts_at,
        ends=meeting.ends_at,
        written_at=meeting.updated_at,
        organizer=Person(str(owner), owner.email) if owner else None,
        guests=[each for each in guests if owner is None or each.address != owner.email],
        place=meeting.place or meeting.link,
        text="\n\n".join(filter(None, (meeting.agenda, meeting.link))),
        is_cancelled=meeting.state == MeetingState.CANCELLED,
    )
