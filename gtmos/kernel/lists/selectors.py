"""Which saved views a person has, and how they set their lists."""

from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet

from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import NotFoundError
from gtmos.kernel.lists.models import ListPreference, SavedView, Sharing


def visible_views(*, actor: Actor) -> QuerySet[SavedView]:
    """Their own, those of their teams, and those for everybody."""
    views = SavedView.objects.filter(deleted_at__isnull=True).select_related("owner")
    if actor.user is None:
        return views if actor.is_system else views.none()
    return views.filter(_open_to(actor))


def _open_to(actor: Actor) -> Q:
    assert actor.user is not None
    theirs = Q(owner=actor.user) | Q(shared=Sharing.EVERYBODY)
    teams = actor.user.team_ids
    return theirs | Q(shared=Sharing.TEAM, team__in=teams) if teams else theirs


def get_view(key: UUID | str, *, actor: Actor, is_deleted: bool = False) -> SavedView:
    views = visible_views(actor=actor)
    if is_deleted and actor.user is not None:
        views = SavedView.objects.filter(_open_to(actor), deleted_at__isnull=False)
    try:
        view = views.filter(pk=key).first()
    except ValidationError:
        view = None
    if view is None:
        raise NotFoundError("There is no such view, or it is not shared with you.", code="not_found")
    return view


def views_of(noun: str, *, actor: Actor) -> list[SavedView]:
    return list(visible_views(actor=actor).filter(noun=noun).order_by("name"))


def preferences_of(noun: str, *, actor: Actor) -> dict[UUID | None, ListPreference]:
    """By saved view; the list itself is None."""
    rows = ListPreference.objects.filter(person=actor.user, noun=noun) if actor.user else ()
    return {row.view_id: row for row in rows}
