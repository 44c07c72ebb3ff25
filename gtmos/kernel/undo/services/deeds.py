"""Noting what was done, taking it back, doing it again."""

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.history.models import Change
from gtmos.kernel.people.models import User
from gtmos.kernel.permissions import require
from gtmos.kernel.undo.collecting import collected
from gtmos.kernel.undo.models import Deed
from gtmos.kernel.undo.restoring import way_of, words_of

KEPT = timedelta(days=30)
MOST_CHANGES = 50
GONE = "What it changed is not there any more."


def note_deed(person: User, *, title: str, undo_url: str) -> Deed:
    """A verb that has its own way back."""
    return Deed.objects.create(
        person=person, title=title[:300], undo_url=undo_url[:300], done_at=timezone.now()
    )


def note_changes(person: User, keys: Sequence[int]) -> Deed | None:
    """Changes of records that can be turned round, all of them or none."""
    rows = _rows(keys) if len(keys) <= MOST_CHANGES else []
    if not rows or any(way_of(row) is None for row in rows):
        return None
    return Deed.objects.create(
        person=person, title=words_of(rows)[:300], changes=list(keys), done_at=timezone.now()
    )


def note_undone(person: User, undo_url: str) -> None:
    """Somebody used the way back itself."""
    open_ones = Deed.objects.filter(person=person, undo_url=undo_url, undone_at=None)
    newest = open_ones.values_list("pk", flat=True).first()
    if newest is not None:
        Deed.objects.filter(pk=newest).update(undone_at=timezone.now())


@transaction.atomic
def take_back(deed: Deed, *, actor: Actor) -> Deed:
    """Put back what it changed; refused as a whole where somebody changed one of it since."""
    return _turn(deed, is_undone=False, actor=actor)


@transaction.atomic
def do_again(deed: Deed, *, actor: Actor) -> Deed:
    """Take back the taking back."""
    return _turn(deed, is_undone=True, actor=actor)


def _turn(deed: Deed, *, is_undone: bool, actor: Actor) -> Deed:
    require(actor, "kernel.undo_deed", deed)
    deed = Deed.objects.select_for_update(of=("self",)).get(pk=deed.pk)
    if deed.undo_url or (deed.undone_at is not None) != is_undone:
        said = "has not been taken back" if is_undone else "has been taken back already"
        raise DomainError(f"This {said}: {deed}", code="wrong_state")
    with collected() as made:
        for change in reversed(_rows(deed.changes)):
            _restore(change, actor)
    deed.changes, deed.undone_at = made, None if is_undone else timezone.now()
    deed.save(update_fields=["changes", "undone_at"])
    return deed


def _restore(change: Change, actor: Actor) -> None:
    way = way_of(change)
    record = way.model._default_manager.filter(pk=change.subject_id).first() if way else None
    if way is None or record is None:
        raise DomainError(GONE, code="gone")
    way.restore(record, change, actor=actor)


def _rows(keys: Sequence[int]) -> list[Change]:
    return list(Change.objects.filter(pk__in=keys).order_by("id"))


def forget_deeds() -> int:
    return Deed.objects.filter(done_at__lt=timezone.now() - KEPT).delete()[0]
