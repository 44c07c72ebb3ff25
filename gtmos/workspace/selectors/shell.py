"""The frame around every page: who we are, what was opened last, whether time is moved."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Count, F, Subquery
from django.db.models.functions import Coalesce

from gtmos.context.selectors.organisation import organisation
from gtmos.kernel import clock
from gtmos.kernel.notifications.models import Notification
from gtmos.kernel.people.models import User
from gtmos.workspace.models import Recent

RECENTS_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Frame:
    """`now` is business time; `recents` the last ten records this person opened."""

    organisation: str
    is_demo: bool
    is_sandbox: bool
    now: datetime
    recents: list[Recent]
    unread: int


def frame_for(user: User) -> Frame:
    ours = organisation()
    recents, unread = _recents_and_unread(user)
    return Frame(
        organisation=ours.name if ours.is_known else "GTM OS",
        is_demo=ours.is_demo,
        is_sandbox=settings.SANDBOX,
        now=clock.now(),
        recents=recents,
        unread=unread,
    )


def _recents_and_unread(user: User) -> tuple[list[Recent], int]:
    """In one statement, since every page asks: a person without recents is one row of nothing."""
    unread = Notification.objects.filter(person=user.pk, read_at=None, is_shown=True).order_by()
    counted = Subquery(unread.values("person").annotate(number=Count("pk")).values("number"))
    names = ("entity_type", "entity_id", "label", "url")
    rows = list(
        User.objects.filter(pk=user.pk)
        .order_by(F("recents__opened_at").desc(nulls_last=True))
        .values_list(*(f"recents__{name}" for name in names), Coalesce(counted, 0))[:RECENTS_SHOWN]
    )
    opened = [dict(zip(names, row[:-1], strict=True)) for row in rows if row[0]]
    return [Recent(user=user, **each) for each in opened], rows[0][-1] if rows else 0
