"""What can be done about notifications."""

from gtmos.kernel.notifications.services.telling import (
    mark_all_read,
    mark_read,
    mute,
    next_digest,
    notify,
    set_preference,
    zone_of,
)

__all__ = ["mark_all_read", "mark_read", "mute", "next_digest", "notify", "set_preference", "zone_of"]
