"""How a person left the page of a record."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Case, IntegerField, QuerySet, Value, When

from gtmos.kernel.actors import Actor
from gtmos.kernel.people.models import User
from gtmos.workspace.models import WorkspaceState

TABS = (
    ("action", "Action", "bolt"),
    ("assets", "Assets", "files"),
    ("message-tree", "Message tree", "sitemap"),
    ("inspect", "Inspect", "list-search"),
)
TAB_NAMES = tuple(name for name, _, _ in TABS)
# The left panel's share in percent, in steps of two; 1 : 1.12 until somebody moves it.
NARROWEST, WIDEST, USUAL = 30, 70, 48


@dataclass(frozen=True, slots=True)
class Layout:
    """`split` is the left panel's share, `collapsed` the parts that are folded."""

    tab: str = TAB_NAMES[0]
    split: int = USUAL
    collapsed: tuple[str, ...] = ()
    tabs: tuple[tuple[str, str, str], ...] = TABS


def layout_of(user: User, kind: str, key: UUID, *, asked: str = "") -> Layout:
    """The tab is the one of this record; the panels are as on the last record of its kind where it has none."""
    rows = WorkspaceState.objects.filter(user=user, entity_type=kind)
    own = Case(When(entity_id=key, then=Value(0)), default=Value(1), output_field=IntegerField())
    found = list(rows.annotate(place=own).order_by("place", "-updated_at")[:2])
    tabs = found[0].tab_states if found and found[0].entity_id == key else {}
    panels: dict[str, Any] = next(
        (each.panel_configuration for each in found if each.panel_configuration), {}
    )
    return Layout(
        tab=next((name for name in (asked, tabs.get("active")) if name in TAB_NAMES), TAB_NAMES[0]),
        split=within(panels.get("split", USUAL)),
        collapsed=tuple(panels.get("collapsed", ())),
    )


def within(split: Any) -> int:
    """To the next step, kept between the narrowest and the widest."""
    wanted = split if isinstance(split, int) else USUAL
    return min(WIDEST, max(NARROWEST, wanted - wanted % 2))


def my_states(*, actor: Actor) -> QuerySet[WorkspaceState]:
    """A person's own; nobody reads how another arranges their pages."""
    return WorkspaceState.objects.filter(user=actor.user) if actor.user else WorkspaceState.objects.none()
