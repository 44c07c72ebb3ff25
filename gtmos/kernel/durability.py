"""Whether a commit survives a power cut here. Where it may not, nothing irreversible may follow it."""

from django.db import connection

DURABLE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}


def durability_faults() -> list[str]:
    """Server settings that would break the promise that a sent mail is known to be sent."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", [list(DURABLE)])
        found = dict(cursor.fetchall())
    return [f"{name} is {found.get(name)}" for name, wanted in DURABLE.items() if found.get(name) != wanted]
