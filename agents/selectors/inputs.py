"""Reading what came in."""

from django.db.models import QuerySet

from agents.models import Input
from gtmos.kernel.actors import Actor


def my_inputs(*, actor: Actor) -> QuerySet[Input]:
    """What a person's own programs sent."""
    if actor.user is None:
        return Input.objects.none()
    return Input.objects.filter(owner=actor.user)
