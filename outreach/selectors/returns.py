"""How much of what mailboxes sent in the last days came back."""

from collections import Counter
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q, Value
from django.db.models.functions import Coalesce, Greatest

from gtmos.kernel import wording
from outreach.enums import TouchState
from outreach.governor.rates import COMPLAINTS, OVER, Limit, Returns
from outreach.models import Mailbox, MailboxDay, Touch


def returns_of(boxes: Collection[Mailbox], now: datetime) -> dict[UUID, Returns]:
    """Two statements for any number; what was before a person let the mailbox go on does not count."""
    since = {box.pk: max(now - OVER, box.watched_from or now - OVER) for box in boxes}
    sent = Counter[UUID]()
    for day in MailboxDay.objects.filter(mailbox__in=since, day__gte=(now - OVER).date()):
        if day.day >= since[day.mailbox_id].date():
            sent[day.mailbox_id] += day.used
    came_back = _came_back(list(since), now)
    return {pk: _returns(sent[pk], *came_back.get(pk, (0, 0, 0))) for pk in since}


def _came_back(keys: list[UUID], now: datetime) -> dict[UUID, tuple[int, int, int]]:
    """Of each mailbox how many bounced, how many were reported as spam, and how many of the first the server refused."""
    start = Value(now - OVER)
    since = Greatest(start, Coalesce("mailbox__watched_from", start))
    came_back = Q(bounced_at__isnull=False) | Q(complained_at__isnull=False)
    bounced = Q(bounced_at__gte=since)
    rows = (
        Touch.objects.filter(came_back, mailbox__in=keys)
        .order_by()
        .values("mailbox")
        .annotate(
            bounced=Count("pk", filter=bounced),
            complained=Count("pk", filter=Q(complained_at__gte=since)),
            refused=Count("pk", filter=bounced & Q(state=TouchState.FAILED)),
        )
    )
    found = rows.values_list("mailbox", "bounced", "complained", "refused")
    return {key: (bounces, complaints, refused) for key, bounces, complaints, refused in found}


def _returns(sent: int, bounced: int, complained: int, refused: int) -> Returns:
    """What the server refused at once gave its place of the day back, but it was tried."""
    return Returns(sent + refused, bounced, complained)


def said(returns: Returns, limit: Limit) -> str:
    """The rate with its interval, the limit, and what to do."""
    rate = wording.rate(returns.count(limit), returns.mails)
    if limit is COMPLAINTS:
        return (
            f"Reported as spam in 7 days: {rate}. Limit: {limit.stop:.1%}. "
            "Write to fewer people who know you, and look at the text."
        )
    return (
        f"Bounced in 7 days: {rate}. Limit: {limit.stop:.0%}. "
        "Check where these addresses come from, and take out those that were never verified."
    )
