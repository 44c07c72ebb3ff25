"""Facts about a mail that was sent. They only ever get added, so that any order of arrival leaves the same picture."""

from datetime import datetime

from gtmos.kernel import live
from outreach.enums import ReplyCategory
from outreach.models import Touch

# Of two answers to one mail the weightier stays: a no outweighs a yes, and the wish to be left alone everything.
WEIGHT = {
    "": 0,
    ReplyCategory.OUT_OF_OFFICE: 1,
    ReplyCategory.OTHER: 2,
    ReplyCategory.LATER: 3,
    ReplyCategory.QUESTION: 4,
    ReplyCategory.OBJECTION: 5,
    ReplyCategory.REFERRAL: 6,
    ReplyCategory.INTERESTED: 7,
    ReplyCategory.MEETING: 8,
    ReplyCategory.NOT_INTERESTED: 9,
    ReplyCategory.UNSUBSCRIBE: 10,
}


def add_facts(touch: Touch, *, reply_category: str = "", **moments: datetime) -> None:
    """Set timestamps that are empty or later, and the category when it weighs more. The caller holds the lock."""
    changed = join(touch, reply_category, moments)
    if changed:
        touch.save(update_fields=changed)
        live.push(f"campaign:{touch.campaign_id}")


def join(touch: Touch, reply_category: str, moments: dict[str, datetime]) -> list[str]:
    """The earlier moment and the weightier category of what is known and what is new; returns what changed."""
    changed = []
    for name, moment in moments.items():
        known = getattr(touch, name)
        if known is None or moment < known:
            setattr(touch, name, moment)
            changed.append(name)
    if WEIGHT[reply_category] > WEIGHT[touch.reply_category]:
        touch.reply_category = reply_category
        changed.append("reply_category")
    return changed
