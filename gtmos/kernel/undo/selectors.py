"""What one person did lately. Nobody takes back another's."""

from django.db.models import QuerySet

from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import NotFoundError
from gtmos.kernel.undo.models import Deed


def own_deeds(*, actor: Actor) -> QuerySet[Deed]:
    return Deed.objects.filter(person=actor.user)


def get_deed(key: int | str, *, actor: Actor) -> Deed:
    found = own_deeds(actor=actor).filter(pk=key).first()
    if found is None:
        raise NotFoundError("There is no such thing to take back.", code="not_found")
    return found


def last_done(*, actor: Actor) -> Deed | None:
    return own_deeds(actor=actor).filter(undone_at=None).first()


def last_undone(*, actor: Actor) -> Deed | None:
    """Only what was taken back since the last thing that was done: after something new there is nothing to repeat."""
    own = own_deeds(actor=actor)
    undone = own.filter(undo_url="").exclude(undone_at=None).order_by("-undone_at", "-id").first()
    if undone is None or own.filter(undone_at=None, done_at__gt=undone.undone_at).exists():
        return None
    return undone
