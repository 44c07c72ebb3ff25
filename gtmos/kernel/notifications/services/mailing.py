"""Which mail is next, and what became of it. How a mail is handed over is the business of outreach.

A mail whose fate nobody can tell is not sent again: a missing notice stands in the product, a second one would annoy.
"""

from datetime import timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from gtmos.kernel.notifications.models import NoticeState, Notification, NotificationMail

LEASE = timedelta(minutes=20)
WAITS = tuple(timedelta(seconds=each) for each in (60, 300, 1800, 7200))


def due() -> QuerySet[NotificationMail]:
    """What is to be sent, and what a worker that died has left in its hands; both by one moment."""
    open_ones = Q(state__in=(NoticeState.WAITING, NoticeState.HANDING))
    return NotificationMail.objects.filter(open_ones, due_at__lte=timezone.now())


@transaction.atomic
def claim() -> tuple[NotificationMail, bool] | None:
    """The next mail, and whether it was in somebody's hands before. Committed before the server hears of it."""
    row = (
        due()
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("person")
        .order_by("due_at")
        .first()
    )
    if row is None:
        return None
    was_handed = row.state == NoticeState.HANDING
    row.state, row.due_at = NoticeState.HANDING, timezone.now() + LEASE
    row.tries += 0 if was_handed else 1
    row.save(update_fields=["state", "due_at", "tries"])
    return row, was_handed


@transaction.atomic
def note(mail: NotificationMail, state: NoticeState, answer: str = "") -> None:
    """What came of it; one that was not sent waits longer each time and is given up after the last wait."""
    row = NotificationMail.objects.select_for_update(of=("self",)).get(pk=mail.pk)
    if state == NoticeState.WAITING and row.tries > len(WAITS):
        state = NoticeState.FAILED
    if state == NoticeState.WAITING:
        row.due_at = timezone.now() + WAITS[row.tries - 1]
    row.state, row.answer = state, answer[:300]
    row.save(update_fields=["state", "answer", "due_at"])


def lines_of(mail: NotificationMail) -> list[Notification]:
    """What is still news: who has read it meanwhile needs no mail. What is told by mail alone always is."""
    rows = Notification.objects.filter(mail=mail).filter(Q(read_at=None))
    return list(rows.order_by("created_at", "id"))
