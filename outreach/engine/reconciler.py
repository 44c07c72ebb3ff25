"""Finding out what became of the mails nobody knows about."""

from collections import Counter
from datetime import timedelta

from django.utils import timezone

from outreach.channels.email.transport import Transport, transport
from outreach.engine.announcing import announce
from outreach.engine.terms import PRODUCTION, Terms
from outreach.selectors.touches import touches_in_doubt
from outreach.services.touches import assume_sent, disprove_sent, prove_sent


def reconcile(*, way: Transport | None = None, terms: Terms = PRODUCTION, limit: int = 500) -> Counter[str]:
    """Ask the server where it can be asked. Where it cannot, a mail counts as sent and a person is shown it.

    Nothing is decided before the server must have let go of the old connection.
    """
    way = way or transport()
    grace = way.grace if terms.grace is None else timedelta(seconds=terms.grace)
    touches = list(touches_in_doubt(handed_before=timezone.now() - grace)[:limit])
    known = way.look_up([touch.message_id for touch in touches]) if way.can_look_up and touches else {}
    done: Counter[str] = Counter()
    for touch in touches:
        taken = known.get(touch.message_id)
        if taken:
            done["sent"] += prove_sent([touch.pk], how="The server's log has it.")
        elif taken is False:
            done["not sent"] += disprove_sent([touch.pk], how="The server's log does not have it.")
        elif not way.can_look_up:
            done["assumed sent"] += assume_sent([touch.pk])
    announce()
    return done
