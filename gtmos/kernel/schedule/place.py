"""Which database this is: a restored or copied one must not act outwards as if it were the first."""

from django.conf import settings
from django.db import connection

from gtmos.kernel.history.digests import name_of
from gtmos.kernel.schedule.models import Heartbeat

PROCESS = "database"
# The server's own number, which only a copy of its files shares, and the database's number in it.
WHICH = """
    SELECT (SELECT system_identifier FROM pg_control_system())::text || '/' || oid::text
    FROM pg_database WHERE datname = current_database()
"""
ANOTHER = (
    "This database is a copy that was restored or moved: what it sends, the first may have sent already. "
    "Somebody who configures must say that it may send."
)
OTHER_KEY = (
    "SECRET_KEY is not the one that refusals were noted with, so people who were erased would not be known again. "
    "Set the old key, or somebody who configures must say that sending may go on."
)


def present_place() -> dict[str, str]:
    """Of the database and of the key that refusals are noted with; the key itself cannot be read off."""
    with connection.cursor() as cursor:
        cursor.execute(WHICH)
        (database,) = cursor.fetchone()
    return {"database": database, "key": name_of(settings.SECRET_KEY)}


def closed_because() -> str:
    """Why nothing may leave; empty when it may. A database that has never sent anything may."""
    noted = Heartbeat.objects.filter(process=PROCESS).first()
    return "" if noted is None else difference(noted.detail, present_place())


def difference(noted: dict[str, str], present: dict[str, str]) -> str:
    if noted.get("database") != present["database"]:
        return ANOTHER
    return OTHER_KEY if noted.get("key") != present["key"] else ""
