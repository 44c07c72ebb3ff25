"""What is coming in the next months: deals expected to sign, contracts that end, campaigns that begin."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from crm.enums import DealState
from crm.models import Deal
from crm.selectors.calendar import read_day
from crm.selectors.visibility import visible_deals
from gtmos.kernel import clock
from gtmos.kernel.actors import Actor
from gtmos.kernel.rights import hidden_fields
from gtmos.kernel.wording import plural
from gtmos.workspace.selectors.lines import deal_lines
from outreach.enums import CampaignState
from outreach.selectors.campaigns import visible_campaigns

MONTHS = 3
MOST = 200  # of a kind on one page
KINDS = {"deal": "Expected to sign", "renewal": "Renewals", "campaign": "Campaigns"}
WHOSE = {"all": "All I see", "mine": "Mine"}
COUNTED = {"deal": "deal", "renewal": "renewal", "campaign": "campaign"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the address asks for; what it says wrongly is as if it said nothing."""

    first: date
    whose: str
    kind: str

    @classmethod
    def of(cls, values: Mapping[str, str]) -> "Wanted":
        day = read_day(f"{values.get('from', '')}-01") or clock.today()
        whose, kind = values.get("whose", ""), values.get("kind", "")
        return cls(day.replace(day=1), whose if whose in WHOSE else "all", kind if kind in KINDS else "")

    @property
    def months(self) -> list[date]:
        return [_moved(self.first, number) for number in range(MONTHS)]

    @property
    def end(self) -> date:
        """The day after the last one shown."""
        return _moved(self.first, MONTHS)

    @property
    def previous(self) -> str:
        return f"{_moved(self.first, -MONTHS):%Y-%m}"

    @property
    def next(self) -> str:
        return f"{self.end:%Y-%m}"


def _moved(month: date, by: int) -> date:
    years, place = divmod(month.month - 1 + by, 12)
    return month.replace(year=month.year + years, month=place + 1)


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing on its day. `is_late`: the day is over and it did not come."""

    kind: str
    day: date
    title: str
    note: str
    url: str
    is_late: bool = False
    amount: Decimal | None = None
    currency: str = ""


@dataclass(slots=True)
class Month:
    first: date
    entries: list[Entry] = field(default_factory=list)

    @property
    def sentence(self) -> str:
        """How many there are of each kind."""
        found = [(sum(each.kind == kind for each in self.entries), COUNTED[kind]) for kind in KINDS]
        return ", ".join(plural(count, words) for count, words in found if count)


@dataclass(frozen=True, slots=True)
class Roadmap:
    """`is_cut`: of a kind there were more than are shown."""

    months: list[Month]
    is_cut: bool

    @property
    def is_empty(self) -> bool:
        return not any(month.entries for month in self.months)


def roadmap(wanted: Wanted, *, actor: Actor) -> Roadmap:
    """A statement for each kind, of what the actor sees."""
    found, is_cut = list[Entry](), False
    for kind, read in READERS.items():
        if wanted.kind in {"", kind}:
            entries = list(read(wanted, actor))
            is_cut = is_cut or len(entries) > MOST
            found += entries[:MOST]
    months = {month: Month(month) for month in wanted.months}
    for entry in sorted(found, key=lambda each: (each.day, each.title)):
        months[entry.day.replace(day=1)].entries.append(entry)
    return Roadmap(list(months.values()), is_cut)


def _deals(wanted: Wanted, actor: Actor) -> Iterator[Entry]:
    name = "deal_expected_signing_date"
    today = clock.today()
    for deal in _between(visible_deals(actor=actor).filter(deal_state=DealState.OPEN), name, wanted, actor):
        day = deal.deal_expected_signing_date
        yield _of_deal("deal", day, deal, str(deal.stage), is_late=day < today)


def _renewals(wanted: Wanted, actor: Actor) -> Iterator[Entry]:
    won = visible_deals(actor=actor).filter(deal_state=DealState.WON)
    for deal in _between(won, "deal_end_date", wanted, actor):
        yield _of_deal("renewal", deal.deal_end_date, deal, "The contract ends")


def _between(deals: QuerySet[Any], name: str, wanted: Wanted, actor: Actor) -> Iterable[Any]:
    if name in hidden_fields(Deal, actor=actor):  # its place on the page would tell the day
        return ()
    deals = _whose(deals.filter(**{f"{name}__gte": wanted.first, f"{name}__lt": wanted.end}), wanted, actor)
    return deal_lines(deals).order_by(name, "pk")[: MOST + 1]


def _of_deal(kind: str, day: date, deal: Any, note: str, *, is_late: bool = False) -> Entry:
    return Entry(
        kind,
        day,
        deal.name,
        f"{deal.company.name}, {note[0].lower()}{note[1:]}" if deal.company else note,
        reverse("crm:deal", args=[deal.pk]),
        is_late,
        deal.deal_amount,
        deal.deal_amount_currency,
    )


def _campaigns(wanted: Wanted, actor: Actor) -> Iterator[Entry]:
    """By the day on which they begin or began; what was put away is over."""
    zone = timezone.get_current_timezone()
    begun = visible_campaigns(actor=actor).exclude(state=CampaignState.ARCHIVED)
    # A day more on either side: which one it is depends on the reader's zone.
    begun = begun.filter(
        starts_at__date__gte=wanted.first - timedelta(days=1), starts_at__date__lte=wanted.end
    )
    rows = _whose(begun, wanted, actor).select_related(None).only("name", "state", "starts_at")
    for campaign in rows.order_by("starts_at", "pk")[: MOST + 1]:
        day = timezone.localtime(campaign.starts_at, zone).date()
        if wanted.first <= day < wanted.end:
            url = reverse("outreach:campaign", args=[campaign.pk])
            yield Entry("campaign", day, campaign.name, campaign.get_state_display(), url)


def _whose(rows: QuerySet[Any], wanted: Wanted, actor: Actor) -> QuerySet[Any]:
    return rows.filter(owner=actor.user) if wanted.whose == "mine" else rows


READERS = {"deal": _deals, "renewal": _renewals, "campaign": _campaigns}
