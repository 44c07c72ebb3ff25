"""Noting many activities at once: the set form of `log_activity`, for mails that leave by the hundred each second."""

from collections.abc import Sequence

from django.db import connection, transaction

from crm.events import ActivitiesLogged
from crm.models import Activity
from gtmos.kernel import events
from gtmos.kernel.actors import Actor
from gtmos.kernel.permissions import require

LAST_CONTACT = """
UPDATE crm_contact k SET last_contact_date = fresh.at, updated_at = now()
FROM (SELECT contact_id, max(happened_at) AS at FROM crm_activity WHERE id = ANY(%(ids)s) GROUP BY contact_id) fresh
WHERE k.id = fresh.contact_id AND (k.last_contact_date IS NULL OR k.last_contact_date < fresh.at)
"""


@transaction.atomic
def log_activities(activities: Sequence[Activity], *, actor: Actor) -> int:
    """Each source is noted once, however often it is said; one fact tells of the whole batch."""
    require(actor, "crm.log_activity")
    sources = [activity.source_id for activity in activities]
    known = set(Activity.objects.filter(source_id__in=sources).values_list("source_id", flat=True))
    fresh = [activity for activity in activities if activity.source_id not in known]
    Activity.objects.bulk_create(fresh, ignore_conflicts=True)
    if fresh:
        with connection.cursor() as cursor:
            cursor.execute(LAST_CONTACT, {"ids": [activity.pk for activity in fresh]})
        events.publish(ActivitiesLogged(activity_ids=tuple(each.pk for each in fresh)), actor=actor)
    return len(fresh)
