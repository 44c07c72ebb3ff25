"""Remembering how a person arranges the page of a record."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from gtmos.kernel import events, live
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import InvalidInputError, NotFoundError
from gtmos.kernel.people.models import User
from gtmos.kernel.permissions import require
from gtmos.workspace.events import WorkspaceContextChanged
from gtmos.workspace.models import WorkspaceState
from gtmos.workspace.selectors.layouts import TAB_NAMES, within
from gtmos.workspace.selectors.topics import may_follow

PAGES = frozenset({"company", "contact", "deal"})
PARTS = frozenset({"overview", "tags", "fields", "state", "people", "team", "group"})
ACTIONS_KEPT = 10


@transaction.atomic
def open_tab(kind: str, key: UUID, *, tab: str, actor: Actor) -> WorkspaceState:
    """Their screens, and nobody else's, are told where they are now."""
    if tab not in TAB_NAMES:
        raise InvalidInputError("There is no such tab.", code="unknown_tab")
    state = _state(kind, key, actor)
    if state.tab_states.get("active") == tab:
        return state
    opened = [name for name in TAB_NAMES if name == tab or name in state.tab_states.get("opened", ())]
    state.tab_states = {"active": tab, "opened": opened}
    state.save(update_fields=["tab_states", "updated_at"])
    changed = WorkspaceContextChanged(user_id=state.user_id, entity_type=kind, entity_id=key, tab=tab)
    events.publish(changed, subject=state, actor=actor)
    live.push(f"user:{state.user_id}", "workspace_context_changed")
    return state


@transaction.atomic
def arrange_panels(
    kind: str, key: UUID, *, actor: Actor, split: int | None = None, collapsed: Iterable[str] | None = None
) -> WorkspaceState:
    """The width of the left panel in percent, and the parts that are folded; what is not said stays."""
    state = _state(kind, key, actor)
    panels = dict(state.panel_configuration)
    if split is not None:
        panels["split"] = within(split)
    if collapsed is not None:
        wanted = set(collapsed)
        if wanted - PARTS:
            raise InvalidInputError("There is no such part of the page.", code="unknown_part")
        panels["collapsed"] = sorted(wanted)
    state.panel_configuration = panels
    state.save(update_fields=["panel_configuration", "updated_at"])
    return state


@transaction.atomic
def note_action(kind: str, key: UUID, *, action: str, actor: Actor) -> WorkspaceState:
    """The newest ten things that a person began from this page."""
    state = _state(kind, key, actor)
    entry = {"action": action[:60], "at": timezone.now().isoformat()}
    state.recent_actions = [entry, *state.recent_actions][:ACTIONS_KEPT]
    state.save(update_fields=["recent_actions", "updated_at"])
    return state


def _state(kind: str, key: UUID, actor: Actor) -> WorkspaceState:
    require(actor, "workspace.arrange_page")
    if kind not in PAGES or not isinstance(actor.user, User) or not may_follow(kind, key, actor=actor):
        raise NotFoundError("There is no such record, or you may not see it.", code="not_found")
    state, _ = WorkspaceState.objects.select_for_update().get_or_create(
        user=actor.user, entity_type=kind, entity_id=key
    )
    return state
