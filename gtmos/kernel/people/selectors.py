"""Finding people and teams."""

from django.db.models import QuerySet

from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import NotFoundError
from gtmos.kernel.people.models import Team, User


def active_users(*, actor: Actor) -> QuerySet[User]:
    """Everybody may know who works here; only signed-in people ask."""
    return User.objects.filter(is_active=True) if actor.user or actor.is_system else User.objects.none()


def get_user(email: str, *, actor: Actor) -> User:
    user = active_users(actor=actor).filter(email__iexact=email).first()
    if user is None:
        raise NotFoundError(f"Nobody here has the address {email}.", code="user_not_found")
    return user


def teams(*, actor: Actor) -> QuerySet[Team]:
    return Team.objects.all() if actor.user or actor.is_system else Team.objects.none()
