"""What was written to a person stands in the person's timeline."""

from collections.abc import Sequence
from uuid import UUID

from crm.enums import ActivityType, Direction
from crm.models import Activity
from crm.services.activity_batches import log_activities
from gtmos.kernel.actors import SYSTEM
from outreach.models import Touch


def note_sent_mails(touch_ids: Sequence[int]) -> int:
    """A batch of mails that left; each is noted once, however often this is called."""
    touches = Touch.objects.filter(pk__in=touch_ids).select_related("contact")
    return log_activities([_activity(touch) for touch in touches], actor=SYSTEM)


def _activity(touch: Touch) -> Activity:
    contact = touch.contact
    return Activity(
        type=ActivityType.EMAIL,
        direction=Direction.OUT,
        subject=touch.subject[:300],
        body=touch.body,
        company_id=contact.company_id,
        contact=contact,
        happened_at=touch.sent_at or touch.due_at,
        source_type="outreach.touch",
        source_id=UUID(touch.idempotency_key),
        owner_id=contact.owner_id,
        team_id=contact.team_id,
    )
