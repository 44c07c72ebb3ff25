"""Who comes to the RevOps desk, and as whom they act there."""

from django.http import HttpRequest

from gtmos.kernel.actors import Actor
from gtmos.kernel.people.models import User


def actor_of(request: HttpRequest) -> Actor:
    assert isinstance(request.user, User)
    return Actor.of(request.user, source="admin")


def may_enter(request: HttpRequest) -> bool:
    """The desk is for those who configure; what each verb needs it asks for itself."""
    user = request.user
    return isinstance(user, User) and user.is_staff and user.may_configure
