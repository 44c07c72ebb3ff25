"""Reading product-usage and web events."""

from django.db.models import QuerySet

from crm.models import UsageEvent
from gtmos.kernel.actors import Actor
from gtmos.kernel.records import visible_to


def visible_usage(*, actor: Actor) -> QuerySet[UsageEvent]:
    """Seen with its company; what belongs to no known company is seen by everybody."""
    return visible_to(actor, UsageEvent.objects.all(), through="company__")
