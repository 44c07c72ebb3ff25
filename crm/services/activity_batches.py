"""Noting many activities at once: the set form of `log_activity`, for mails that leave by the hundred each second."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from django.db import connection, transaction

from crm.events import ActivitiesLogged, ActivityLogged
from crm.models import Activity
from gtmos.kernel import events
from gtmos.kernel.actors import Actor
from gtmos.kernel.permissions import require
from gtmos.kernel.webhooks.set_services import tell_of_each

LAST_CONTACT = """
UPDATE crm_contact k SET last_contact_date = fresh.at, updated_at = now()
FROM (SELECT contact_id, max(happened_at) AS at FROM crm_activity WHERE id = ANY(%(ids)s) GROUP BY contact_id) fresh
WHERE k.id = fresh.contact_id AND (k.last_contact_date IS NULL OR k.last_contact_date < fresh.at)
"""


@transaction.atomic
def log_activities(activities: Sequence[Activity], *, actor: Actor) -> int:
    """Each source is noted once, however often it is said; inside one fact tells of the whole batch, other systems of each."""
    require(actor, "crm.log_activity")
    sources = [activity.source_id for activity in activities]
    known = set(Activity.objects.filter(source_id__in=sources).values_list("source_id", flat=True))
    fresh = [activity for activity in activities if activity.source_id not in known]
    Activity.objects.bulk_create(fresh, ignore_conflicts=True)
    if fresh:
        with connection.cursor() as cursor:
            cursor.execute(LAST_CONTACT, {"ids": [activity.pk for activity in fresh]})
        events.publish(ActivitiesLogged(activity_ids=tuple(each.pk for each in fresh)), actor=actor)
        tell_of_each(ActivityLogged, _each_of(fresh), subject_type="crm.activity", actor=actor)
    return len(fresh)


def _each_of(fresh: Sequence[Activity]) -> Iterator[tuple[UUID, ActivityLogged]]:
    """Without those that somebody else noted at the same moment."""
    there = Activity.objects.filter(pk__in=[each.pk for each in fresh]).values_list("pk", "type")
    return ((key, ActivityLogged(activity_id=key, type=kind)) for key, kind in there.iterator())
