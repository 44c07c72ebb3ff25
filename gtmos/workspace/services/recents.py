"""Which records a person opened last."""

from uuid import UUID

from django.utils import timezone

from gtmos.kernel.people.models import User
from gtmos.workspace.models import Recent


def note_opened(user: User, *, kind: str, key: UUID, label: str, url: str) -> None:
    """One statement; the newest ten are shown beside every page."""
    row = Recent(
        user=user, entity_id=key, entity_type=kind, label=label[:200], url=url[:300], opened_at=timezone.now()
    )
    Recent.objects.bulk_create(
        [row],
        update_conflicts=True,
        unique_fields=("user", "entity_id"),
        update_fields=("entity_type", "label", "url", "opened_at"),
    )
