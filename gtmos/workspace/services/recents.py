"""Which records a person opened last."""

from uuid import UUID, uuid4

from django.db import connection
from django.utils import timezone

from gtmos.kernel.people.models import User

# In one statement of its own: the frame's way to write many begins and ends a transaction around it.
_NOTE = """
INSERT INTO workspace_recent (id, created_at, updated_at, version, user_id, entity_type, entity_id, label, url, opened_at)
VALUES (%s, %s, %s, 1, %s, %s, %s, %s, %s, %s)
ON CONFLICT (user_id, entity_id) DO UPDATE SET
    entity_type = excluded.entity_type, label = excluded.label, url = excluded.url, opened_at = excluded.opened_at
"""


def note_opened(user: User, *, kind: str, key: UUID, label: str, url: str) -> None:
    """The newest ten are shown beside every page."""
    now = timezone.now()
    values = (uuid4(), now, now, user.pk, kind, key, label[:200], url[:300], now)
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, values)
