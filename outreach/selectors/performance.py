"""What a campaign has done so far, per step and variant, people and machines apart, each with its base."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from uuid import UUID

from django.db.models import Count, Q

from gtmos.kernel.actors import Actor
from gtmos.kernel.records import may_see
from outreach.enums import ReplyCategory, TouchState
from outreach.models import Campaign, Touch, Variant
from outreach.selectors.campaigns import HUMAN_REPLY

SENT = Q(state=TouchState.SENT)
POSITIVE = (ReplyCategory.INTERESTED, ReplyCategory.MEETING)
NEGATIVE = (ReplyCategory.NOT_INTERESTED, ReplyCategory.UNSUBSCRIBE)
COUNTED = {
    "planned": Q(),
    "waiting": Q(state__in=(TouchState.SCHEDULED, TouchState.CLAIMED, TouchState.HANDING)),
    "sent": SENT,
    "bounced": SENT & Q(bounced_at__isnull=False),
    "opened": SENT & Q(opened_at__isnull=False),
    "machine_opened": SENT & Q(opened_at__isnull=True, machine_opens__gt=0),
    "clicked": SENT & Q(clicked_at__isnull=False),
    "machine_clicked": SENT & Q(clicked_at__isnull=True, machine_clicks__gt=0),
    "replied": SENT & HUMAN_REPLY,
    "out_of_office": SENT & Q(reply_category=ReplyCategory.OUT_OF_OFFICE),
    "positive": SENT & HUMAN_REPLY & Q(reply_category__in=POSITIVE),
    "negative": SENT & HUMAN_REPLY & Q(reply_category__in=NEGATIVE),
    "meetings": SENT & Q(meeting_at__isnull=False),
    "unsubscribed": SENT & Q(unsubscribed_at__isnull=False),
    "complained": SENT & Q(complained_at__isnull=False),
    "failed": Q(state=TouchState.FAILED),
    "in_doubt": Q(state=TouchState.IN_DOUBT),
    "late": Q(state=TouchState.LATE),
    "unapproved": Q(state=TouchState.SCHEDULED, approved_hash=""),
}


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of messages. `sent` is the base of every rate; machines are those that no person followed."""

    planned: int = 0
    waiting: int = 0
    sent: int = 0
    bounced: int = 0
    opened: int = 0
    machine_opened: int = 0
    clicked: int = 0
    machine_clicked: int = 0
    replied: int = 0
    out_of_office: int = 0
    positive: int = 0
    negative: int = 0
    meetings: int = 0
    unsubscribed: int = 0
    complained: int = 0
    failed: int = 0
    in_doubt: int = 0
    late: int = 0
    unapproved: int = 0

    @property
    def delivered(self) -> int:
        return self.sent - self.bounced

    @property
    def neutral(self) -> int:
        return self.replied - self.positive - self.negative


NAMES = tuple(field.name for field in fields(Figures))


@dataclass(frozen=True, slots=True)
class Cell:
    """One step and one variant."""

    step_no: int
    variant: UUID | None
    figures: Figures


@dataclass(frozen=True, slots=True)
class Performance:
    """`cells` hold every count once; everything else is a sum of them."""

    cells: tuple[Cell, ...]

    @property
    def total(self) -> Figures:
        return self._sum(lambda _: True)

    @property
    def step_numbers(self) -> list[int]:
        return sorted({cell.step_no for cell in self.cells})

    def step(self, number: int) -> Figures:
        return self._sum(lambda cell: cell.step_no == number)

    def variant(self, key: UUID | None, *, step: int | None = None) -> Figures:
        return self._sum(lambda cell: cell.variant == key and step in {None, cell.step_no})

    def _sum(self, belongs: Callable[[Cell], bool]) -> Figures:
        return added(cell.figures for cell in self.cells if belongs(cell))


def added(figures: Iterable[Figures]) -> Figures:
    rows = list(figures)
    return Figures(**{name: sum(getattr(row, name) for row in rows) for name in NAMES})


def performance(campaign: Campaign, *, actor: Actor, variant: Variant | None = None) -> Performance:
    """All figures in one statement, however many messages there are."""
    if not may_see(actor, campaign):
        return Performance(())
    touches = Touch.objects.filter(campaign=campaign)
    if variant is not None:
        touches = touches.filter(variant=variant)
    counted = {name: Count("pk", filter=COUNTED[name]) for name in NAMES}
    rows = touches.order_by().values_list("step_no", "variant_id").annotate(**counted)
    return Performance(tuple(Cell(step_no, key, Figures(*counts)) for step_no, key, *counts in rows))


def replies_by_category(campaign: Campaign, *, actor: Actor) -> dict[str, int]:
    if not may_see(actor, campaign):
        return {}
    rows = Touch.objects.filter(SENT, campaign=campaign, replied_at__isnull=False).order_by()
    return dict(rows.values_list("reply_category").annotate(count=Count("pk")))
