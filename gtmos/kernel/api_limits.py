"""How many requests a caller may send a minute: counted exactly, in one statement, in the database."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from gtmos.kernel.people.models import ApiToken

# A count that a power cut forgets harms nobody, so this commit alone need not wait for the disk.
COUNT = """
    INSERT INTO kernel_requestcount (caller, minute, used)
    SELECT %s, %s, 1 WHERE set_config('synchronous_commit', 'off', true) = 'off'
    ON CONFLICT (caller, minute) DO UPDATE SET used = kernel_requestcount.used + 1
    RETURNING used
"""


def caller_of(request: Request) -> str:
    """Whose key, limit and answers these are: the token's, or the signed-in person's."""
    if isinstance(request.auth, ApiToken):
        return f"token:{request.auth.pk}"
    return f"user:{request.user.pk}"


class MinuteLimit(BaseThrottle):
    """Counts each request by caller and minute, and tells the caller where it stands."""

    def __init__(self) -> None:
        self.seconds_left = 60

    def allow_request(self, request: Request, view: Any) -> bool:
        if not request.user.is_authenticated:
            return True
        scope = getattr(view, "limit_scope", "")
        limit = settings.API_REQUESTS_PER_MINUTE[scope]
        now = timezone.now()
        self.seconds_left = 60 - now.second
        used = count(f"{caller_of(request)}{':' if scope else ''}{scope}", now)
        view.headers.update(
            {
                "RateLimit-Limit": str(limit),
                "RateLimit-Remaining": str(max(limit - used, 0)),
                "RateLimit-Reset": str(self.seconds_left),
            }
        )
        return used <= limit

    def wait(self) -> float:
        return float(self.seconds_left)


def count(caller: str, moment: datetime) -> int:
    """Add one to the caller's minute; returns how many it has sent in it."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [caller, moment.replace(second=0, microsecond=0)])
        return int(cursor.fetchone()[0])


KEEP_COUNTS = timedelta(hours=1)
