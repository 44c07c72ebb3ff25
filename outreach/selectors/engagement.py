"""Opens and clicks as they came, for people who look at one mail."""

from django.db.models import QuerySet

from gtmos.kernel.actors import Actor
from gtmos.kernel.records import visible_to
from outreach.enums import EngagementKind
from outreach.models import Engagement, Touch

LONGEST_TOKEN = 43


def touch_by_token(token: str) -> Touch | None:
    """The mail that carries this token in its links; whoever knows the token has the mail."""
    if not token or len(token) > LONGEST_TOKEN or not token.isascii():
        return None
    touches = Touch.objects.select_related("enrollment__campaign", "contact__company", "campaign")
    return touches.filter(token=token).first()


def visible_engagements(*, actor: Actor) -> QuerySet[Engagement]:
    return visible_to(actor, Engagement.objects.select_related("touch__contact"), through="touch__campaign__")


def human_clicks(touch: Touch) -> QuerySet[Engagement]:
    return Engagement.objects.filter(touch=touch, kind=EngagementKind.CLICK, is_machine=False)
