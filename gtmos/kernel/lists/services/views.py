"""What can be done with a saved view, and with one's own setting of a list."""

from typing import Any

from django.db import transaction

from gtmos.kernel import clock, events, history
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError, InvalidInputError
from gtmos.kernel.lists.conditions import condition_of
from gtmos.kernel.lists.events import ViewChanged
from gtmos.kernel.lists.fields import fields_for, kind_of, only_known
from gtmos.kernel.lists.filters import format_filter, parse_filter
from gtmos.kernel.lists.models import ListPreference, SavedView, Sharing, ViewLayout
from gtmos.kernel.permissions import require
from gtmos.kernel.records import save_changes

EDITABLE = frozenset({"name", "shared", "team", "where", "text", "columns", "order", "layout", "board"})
MOST_VIEWS, MOST_COLUMNS, LONGEST_TEXT, LONGEST_BOARD = 200, 30, 200, 36


@transaction.atomic
def create_view(noun: str, name: str, *, actor: Actor, **values: Any) -> SavedView:
    """Keep a list under a name, for oneself unless it is shared."""
    require(actor, "kernel.save_view")
    _refuse_unknown(values)
    if actor.user is None:
        raise InvalidInputError("A view belongs to a person.", code="no_owner")
    if SavedView.objects.filter(owner=actor.user, noun=noun, deleted_at=None).count() >= MOST_VIEWS:
        raise DomainError(f"One person keeps at most {MOST_VIEWS} views of a list.", code="too_many_views")
    view = SavedView(noun=kind_of(noun).noun, name=name, owner=actor.user, **values)
    _check(view, actor)
    view.save(force_insert=True)
    history.record_creation(view, actor=actor)
    _tell(view, actor)
    return view


@transaction.atomic
def update_view(view: SavedView, *, changes: dict[str, Any], actor: Actor) -> SavedView:
    require(actor, "kernel.edit_view", view)
    _refuse_unknown(changes)
    view = SavedView.objects.select_for_update(of=("self",)).get(pk=view.pk)
    before = {name: getattr(view, name) for name in (*changes, "team")}
    for name, value in changes.items():
        setattr(view, name, value)
    _check(view, actor)
    after = {name: getattr(view, name) for name in before}
    if history.record(view, before=before, after=after, actor=actor, category="VIEW"):
        save_changes(view, *after)
        _tell(view, actor)
    return view


@transaction.atomic
def delete_view(view: SavedView, *, actor: Actor) -> SavedView:
    """It can be brought back."""
    require(actor, "kernel.edit_view", view)
    return _set_deleted(view, clock.now(), actor)


@transaction.atomic
def restore_view(view: SavedView, *, actor: Actor) -> SavedView:
    require(actor, "kernel.edit_view", view)
    return _set_deleted(view, None, actor)


@transaction.atomic
def set_preference(noun: str, view: SavedView | None, *, actor: Actor, **values: Any) -> ListPreference:
    """How this person wants the list or the view: `columns`, `order`, `is_pinned`, `is_first`."""
    require(actor, "kernel.save_view")
    if actor.user is None:
        raise InvalidInputError("Only a person sets a list for themselves.", code="no_owner")
    fields = fields_for(kind_of(noun).noun, actor=actor)
    if "columns" in values:
        values["columns"] = list(only_known(values["columns"], fields))[:MOST_COLUMNS]
    if values.get("is_first"):
        ListPreference.objects.filter(person=actor.user, noun=noun).update(is_first=False)
    kept, _ = ListPreference.objects.update_or_create(
        person=actor.user, noun=noun, view=view, defaults=values
    )
    return kept


def _set_deleted(view: SavedView, at: Any, actor: Actor) -> SavedView:
    view = SavedView.objects.select_for_update(of=("self",)).get(pk=view.pk)
    before, view.deleted_at = {"deleted_at": view.deleted_at}, at
    save_changes(view, "deleted_at")
    words = f"{'Deleted' if at else 'Brought back'} the view {view}"
    history.record(view, before=before, after={"deleted_at": at}, actor=actor, category="VIEW", summary=words)
    _tell(view, actor)
    return view


def _refuse_unknown(values: dict[str, Any]) -> None:
    unknown = sorted(set(values) - EDITABLE)
    if unknown:
        raise InvalidInputError(f"A view has no {', '.join(unknown)}.", code="unknown_field")


def _check(view: SavedView, actor: Actor) -> None:
    """Everything in it is read as it will be when somebody opens it."""
    view.name = str(view.name).strip()[:80]
    if not view.name:
        raise InvalidInputError("A view needs a name.", code="name_missing")
    if len(view.text) > LONGEST_TEXT:
        raise InvalidInputError(
            f"A view keeps a search of up to {LONGEST_TEXT} letters.", code="text_too_long"
        )
    fields = fields_for(view.noun, actor=actor)
    tree = parse_filter(view.where)
    condition_of(tree, view.noun, actor=actor)
    view.where = format_filter(tree)
    view.columns = list(only_known(view.columns or (), fields))[:MOST_COLUMNS]
    key = view.order.removeprefix("-")
    if key and not (key in fields and fields[key].is_ordered):
        raise InvalidInputError(f"The list has no order by {key[:40]}.", code="bad_order")
    if view.layout not in ViewLayout.values:
        raise InvalidInputError("A view is a table or a board.", code="bad_layout")
    if len(view.board) > LONGEST_BOARD:
        raise InvalidInputError("A board is named by its id.", code="bad_board")
    _check_sharing(view, actor)


def _check_sharing(view: SavedView, actor: Actor) -> None:
    if view.shared not in Sharing.values:
        raise InvalidInputError("A view is shared with nobody, a team or everybody.", code="bad_sharing")
    if view.shared == Sharing.NOBODY:
        view.team = None
        return
    require(actor, "kernel.share_view")
    if view.shared == Sharing.EVERYBODY:
        view.team = None
    elif view.team_id is None:
        teams = view.owner.team_ids
        if not teams:
            raise InvalidInputError("You are in no team with which this could be shared.", code="no_team")
        view.team_id = teams[0]


def _tell(view: SavedView, actor: Actor) -> None:
    events.publish(ViewChanged(view_id=view.pk, noun=view.noun), subject=view, actor=actor)
