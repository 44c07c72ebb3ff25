"""What messages did, side by side: by channel, step, variant, campaign, segment or hour. Each rate has its base."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    DateTimeField,
    F,
    Func,
    IntegerField,
    QuerySet,
    Value,
    When,
)
from django.db.models.expressions import RawSQL

from crm.enums import Seniority
from crm.models import Company, Contact
from gtmos.context.models import Organisation
from gtmos.kernel import clock
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import InvalidInputError
from gtmos.kernel.rights import hidden_fields
from outreach.enums import Channel
from outreach.models import Touch
from outreach.selectors.campaigns import visible_touches
from outreach.selectors.performance import COUNTED, SENT

MOST = 50  # groups; the largest, and how many messages the others hold
NOT_KNOWN = "Not known"
PERIODS = {
    "7": "Sent in 7 days",
    "30": "Sent in 30 days",
    "90": "Sent in 90 days",
    "365": "Sent in a year",
    "all": "Sent at any time",
}
MEASURES = {
    "replied": "Replies",
    "positive": "Positive replies",
    "meetings": "Meetings",
    "opened": "Opens",
    "clicked": "Clicks",
    "bounced": "Bounces",
    "unsubscribed": "Unsubscribed",
    "complained": "Complaints",
}


@dataclass(frozen=True, slots=True)
class Grouping:
    """One way to put messages into groups. `path` is the field, and `of` the record whose field a role may hide."""

    label: str
    path: str = ""
    of: type[Contact | Company] | None = None
    named: Callable[[Any], str] = str

    @property
    def field(self) -> str:
        return self.path.rpartition("__")[2]


def _step(number: int) -> str:
    return f"Touch {number}"


def _hour(hour: int) -> str:
    return f"{hour:02d}:00 to {hour:02d}:59"


def _of(choices: type[Channel | Seniority]) -> Callable[[Any], str]:
    labels = dict(choices.choices)
    return lambda key: str(labels.get(key, key)).capitalize()


BY: Mapping[str, Grouping] = {
    "channel": Grouping("Channel", "channel", named=_of(Channel)),
    "step": Grouping("Step", "step_no", named=_step),
    "variant": Grouping("Variant"),
    "campaign": Grouping("Campaign", "campaign__name"),
    "hour": Grouping("Hour of sending", named=_hour),
    "country": Grouping("Country", "contact__country", Contact),
    "seniority": Grouping("Seniority", "contact__seniority", Contact, _of(Seniority)),
    "department": Grouping("Department", "contact__department", Contact, str.capitalize),
    "industry": Grouping("Industry", "contact__company__industry_vertical", Company),
}
IN_ORDER = frozenset({"step", "hour"})  # by themselves, not by size


@dataclass(frozen=True, slots=True)
class Group:
    """Messages that have something in common; `sent` is the base of every rate."""

    name: str
    sent: int
    counts: Mapping[str, int]
    campaign: Any = None
    detail: str = ""

    def count(self, measure: str) -> int:
        return self.counts[measure]


@dataclass(frozen=True, slots=True)
class Breakdown:
    """`groups` are the largest, `every` all of them; `left_out` are the messages of those that are too many to show."""

    groups: tuple[Group, ...]
    every: tuple[Group, ...]
    total: Group
    left_out: int
    since: datetime | None


def breakdown(by: str, *, actor: Actor, period: str = "30", campaign: str = "") -> Breakdown:
    """All groups in two statements, however many messages there are.

    Raises InvalidInputError for a grouping, period or campaign that there is not, or that the role hides.
    """
    grouping = _grouping(by, actor=actor)
    since = _since(period)
    touches = visible_touches(actor=actor).filter(SENT)
    if since is not None:
        touches = touches.filter(sent_at__gte=since)
    if campaign:
        touches = touches.filter(campaign__pk=campaign)
    rows = list(_grouped(touches, by, grouping))
    groups = [_group(row, by, grouping) for row in rows]
    shown = groups[:MOST]
    if by in IN_ORDER:
        shown = [
            group for _, group in sorted(zip(rows, shown, strict=False), key=lambda each: each[0]["key"])
        ]
    total = Group("All", _sum(groups, None), {name: _sum(groups, name) for name in MEASURES})
    return Breakdown(tuple(shown), tuple(groups), total, sum(group.sent for group in groups[MOST:]), since)


def choices(*, actor: Actor) -> dict[str, str]:
    """The ways to group that this role may use."""
    return {key: each.label for key, each in BY.items() if not _is_hidden(each, actor)}


def _grouping(by: str, *, actor: Actor) -> Grouping:
    grouping = BY.get(by)
    if grouping is None:
        raise InvalidInputError(f"Messages are not grouped by {by}.", code="unknown_grouping")
    if _is_hidden(grouping, actor):
        raise InvalidInputError(f"{grouping.label} is hidden from your role.", code="hidden_field")
    return grouping


def _is_hidden(grouping: Grouping, actor: Actor) -> bool:
    return grouping.of is not None and grouping.field in hidden_fields(grouping.of, actor=actor)


def _since(period: str) -> datetime | None:
    if period not in PERIODS:
        raise InvalidInputError("Choose one of the periods.", code="unknown_period")
    return None if period == "all" else clock.now() - timedelta(days=int(period))


def _grouped(touches: QuerySet[Touch], by: str, grouping: Grouping) -> QuerySet[Touch, dict[str, Any]]:
    counted = {f"n_{name}": Count("pk", filter=COUNTED[name]) for name in MEASURES}
    keys = {"key": _hour_key() if by == "hour" else F(grouping.path or "variant__letter")}
    if by in {"variant", "campaign"}:
        keys |= {"of": F("campaign__name"), "of_id": F("campaign_id")}
    if by == "variant":
        keys |= {"text": F("variant__text")}
        touches = touches.filter(variant__isnull=False)
    # Only the keys are read: any further column would make groups of its own.
    plain: QuerySet[Touch, dict[str, Any]] = touches.order_by().annotate(**keys).values(*keys)
    return plain.annotate(n_sent=Count("pk"), **counted).order_by("-n_sent", *keys)


def _hour_key() -> Func:
    """By the reader's clock; by that of the house where the zone is not known to the database."""
    organisation = Organisation.objects.first()
    home = organisation.time_zone if organisation else "UTC"
    known = RawSQL("SELECT name FROM pg_timezone_names", ())
    zone = Case(
        When(contact__time_zone__in=known, then=F("contact__time_zone")),
        default=Value(home),
        output_field=CharField(),
    )
    local = Func(zone, F("sent_at"), function="timezone", output_field=DateTimeField())
    return Func(local, template="EXTRACT(HOUR FROM %(expressions)s)::int", output_field=IntegerField())


def _group(row: dict[str, Any], by: str, grouping: Grouping) -> Group:
    counts = {name: row[f"n_{name}"] for name in MEASURES}
    name = NOT_KNOWN if row["key"] in {None, ""} else grouping.named(row["key"])
    if by == "variant":
        return Group(f"{name}: {row['text']}", row["n_sent"], counts, row["of_id"], detail=row["of"])
    return Group(name, row["n_sent"], counts, row.get("of_id"))


def _sum(groups: list[Group], measure: str | None) -> int:
    return sum(group.sent if measure is None else group.count(measure) for group in groups)
