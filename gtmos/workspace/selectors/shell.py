"""The frame around every page: who we are, what was opened last, whether time is moved."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from gtmos.context.selectors.organisation import organisation
from gtmos.kernel import clock
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


def frame_for(user: User) -> Frame:
    ours = organisation()
    return Frame(
        organisation=ours.name if ours.is_known else "GTM OS",
        is_demo=ours.is_demo,
        is_sandbox=settings.SANDBOX,
        now=clock.now(),
        recents=list(Recent.objects.filter(user=user)[:RECENTS_SHOWN]),
    )
