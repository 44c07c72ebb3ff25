"""Listing, counting and adding up records, with the actor's rights inside the query."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from django.db.models import Avg, Count, DecimalField, Model, Q, QuerySet, Sum
from django.utils import timezone

from agents.selectors.custom import is_custom, narrowed
from crm.intake.countries import country
from crm.selectors.activities import visible_activities, visible_tasks
from crm.selectors.companies import visible_companies
from crm.selectors.contacts import visible_contacts
from crm.selectors.deals import visible_deals
from gtmos.kernel import clock
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import InvalidInputError
from gtmos.kernel.records import visible_to
from gtmos.kernel.rights import hidden_fields
from outreach.models import Campaign

LIST_LENGTH = 25
MOST_LISTED = 200
MOST_GROUPS = 50
LOOKUPS = {"=": "", ">": "__gt", "<": "__lt", ">=": "__gte", "<=": "__lte"}


@dataclass(frozen=True, slots=True)
class Column:
    """One field people may say: where it stands, and how its values compare."""

    path: str
    kind: str = "text"


@dataclass(frozen=True, slots=True)
class Source:
    """One kind of record that can be asked for."""

    noun: str
    rows: Callable[[Actor], QuerySet[Any]]
    columns: Mapping[str, Column]
    order: str
    amount: str = ""
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """`figure` of an aggregate; `rows` of a list; `groups` as (label, figure). `total` is how many fit."""

    noun: str
    total: int
    rows: tuple[Model, ...] = ()
    figure: dict[str, Decimal] = field(default_factory=dict)
    groups: tuple[tuple[str, int, dict[str, Decimal]], ...] = ()


_OWNED = {"owner": Column("owner__name"), "created": Column("created_at", "moment")}
_ABOUT = {
    "company": Column("company__name"),
    "contact": Column("contact__name"),
    "deal": Column("deal__name"),
}

SOURCES: dict[str, Source] = {
    "companies": Source(
        "company",
        lambda actor: visible_companies(actor=actor),
        {
            **_OWNED,
            "name": Column("name"),
            "industry": Column("industry_vertical"),
            "headcount": Column("employee_size", "number"),
            "location": Column("city", "place"),
            "state": Column("customer_state"),
            "segment": Column("customer_segment_label"),
            "revenue": Column("revenue_amount", "number"),
            "funding_stage": Column("funding_stage"),
            "domain": Column("domain"),
            "momentum": Column("momentum_score", "number"),
            "product_fit": Column("product_fit_score", "number"),
        },
        "name",
        "revenue_amount",
        "revenue_currency",
    ),
    "contacts": Source(
        "contact",
        lambda actor: visible_contacts(actor=actor),
        {
            **_OWNED,
            "name": Column("name"),
            "company": Column("company__name"),
            "title": Column("title", "contains"),
            "seniority": Column("seniority"),
            "department": Column("department"),
            "location": Column("city", "place"),
            "lifecycle": Column("lifecycle"),
            "email": Column("email"),
            "engagement": Column("engagement_score", "number"),
            "last_contact": Column("last_contact_date", "moment"),
        },
        "name",
    ),
    "deals": Source(
        "deal",
        lambda actor: visible_deals(actor=actor),
        {
            **_OWNED,
            "name": Column("name"),
            "stage": Column("stage__key", "stage"),
            "state": Column("deal_state"),
            "amount": Column("deal_amount", "number"),
            "close_date": Column("deal_expected_signing_date", "day"),
            "company": Column("company__name"),
            "contact": Column("contact__name"),
            "product": Column("product__name"),
            "health": Column("deal_health"),
            "momentum": Column("momentum_score", "number"),
        },
        "-deal_amount",
        "deal_amount",
        "deal_amount_currency",
    ),
    "campaigns": Source(
        "campaign",
        lambda actor: visible_to(actor, Campaign.objects.select_related("owner")),
        {
            **_OWNED,
            "name": Column("name"),
            "state": Column("state"),
            "kind": Column("kind"),
            "theme": Column("theme", "contains"),
        },
        "-created_at",
    ),
    "tasks": Source(
        "task",
        lambda actor: visible_tasks(actor=actor),
        {
            **_OWNED,
            **_ABOUT,
            "title": Column("title", "contains"),
            "due": Column("due_at", "moment"),
            "state": Column("done_at", "task_state"),
        },
        "due_at",
    ),
    "activities": Source(
        "activity",
        lambda actor: visible_activities(actor=actor),
        {
            **_OWNED,
            **_ABOUT,
            "type": Column("type"),
            "outcome": Column("outcome"),
            "when": Column("happened_at", "moment"),
        },
        "-happened_at",
    ),
}
# Other words for the same field.
ALIASES = {
    "assignee": "owner",
    "user": "owner",
    "status": "state",
    "customer_state": "state",
    "deal_state": "state",
    "due_date": "due",
    "date": "when",
    "happened_at": "when",
    "period": "when",
    "created_at": "created",
    "industries": "industry",
    "locations": "location",
    "city": "location",
    "country": "location",
    "place": "location",
    "region": "location",
    "employees": "headcount",
    "close": "close_date",
    "value": "amount",
    "titles": "title",
    "account": "company",
}
TASK_STATES = {"open": Q(done_at__isnull=True), "done": Q(done_at__isnull=False)}


def query(slots: Mapping[str, Any], *, actor: Actor) -> Answer:
    """Answer one question about records: list, count, sum or mean, in groups where asked."""
    source = open_part(source_of(slots["entity"]), actor=actor)
    rows = filtered(source, slots.get("filters") or (), actor=actor)
    aggregate = slots.get("aggregate") or "list"
    if slots.get("group_by"):
        return _grouped(source, rows, slots["group_by"], aggregate)
    total = rows.order_by().count()
    if aggregate in {"sum", "avg"}:
        return Answer(source.noun, total, figure=_figure(source, rows, aggregate))
    if aggregate == "count":
        return Answer(source.noun, total)
    limit = max(1, min(int(slots.get("limit") or LIST_LENGTH), MOST_LISTED))
    return Answer(source.noun, total, rows=tuple(_ordered(source, rows, slots)[:limit]))


def source_of(entity: str) -> Source:
    if entity not in SOURCES:
        raise InvalidInputError(
            f"Questions about {entity} are not part of this release. Nothing was changed.",
            code="not_in_this_release",
        )
    return SOURCES[entity]


def open_part(source: Source, *, actor: Actor) -> Source:
    """The source without the fields that the role may not see: no filter, order, sum or group tells of them."""
    hidden = hidden_fields(source.rows(actor).model, actor=actor)
    if not hidden:
        return source
    columns = {
        name: each for name, each in source.columns.items() if each.path.partition("__")[0] not in hidden
    }
    order = "name" if source.order.lstrip("-") in hidden else source.order
    amount = "" if source.amount in hidden else source.amount
    return replace(source, columns=columns, order=order, amount=amount)


def filtered(source: Source, filters: Any, *, actor: Actor) -> QuerySet[Any]:
    rows = source.rows(actor)
    for condition in filters:
        if is_custom(condition):
            rows = narrowed(rows, source.noun, condition, actor=actor)
        else:
            rows = rows.filter(_condition(source, condition, actor))
    return rows


def column_of(source: Source, name: str) -> Column:
    key = name.strip().lower().replace(" ", "_")
    key = key if key in source.columns else ALIASES.get(key, key)
    if key == "when" and key not in source.columns:
        key = "close_date" if "close_date" in source.columns else "created"
    if key not in source.columns:
        known = ", ".join(word.replace("_", " ") for word in source.columns)
        raise InvalidInputError(
            f"A {source.noun} has no field {name} to filter by. There are: {known}.", code="unknown_field"
        )
    return source.columns[key]


def _condition(source: Source, condition: Mapping[str, Any], actor: Actor) -> Q:
    column = column_of(source, str(condition["field"]))
    value, op = condition.get("value"), str(condition.get("op") or "=")
    if isinstance(value, list):
        either = Q(pk__in=[])
        for item in value:
            either |= _condition(source, {**condition, "value": item}, actor)
        return either
    if isinstance(value, Mapping) and ("start" in value or "min" in value):
        return _between(column, value)
    if column.kind in {"number", "day", "moment"}:
        return _compared(column, op, value)
    return _worded(column, str(value or ""), actor)


def _between(column: Column, value: Mapping[str, Any]) -> Q:
    low, high = value.get("start", value.get("min")), value.get("end", value.get("max"))
    both = Q()
    if low is not None:
        both &= _compared(column, ">=", low)
    if high is not None:
        both &= _compared(column, "<=", high)
    return both


def _compared(column: Column, op: str, value: Any) -> Q:
    if op not in LOOKUPS:
        raise InvalidInputError(f"I cannot compare with {op}.", code="unknown_comparison")
    if column.kind == "number":
        return Q(**{f"{column.path}{LOOKUPS[op]}": _number(value)})
    day = _day(value)
    if column.kind == "day":
        return Q(**{f"{column.path}{LOOKUPS[op]}": day})
    return _moment(column.path, op, day)


def _moment(path: str, op: str, day: dt.date) -> Q:
    """A day in the reader's own zone, from midnight to midnight."""
    zone = timezone.get_current_timezone()
    start = dt.datetime.combine(day, dt.time.min, zone)
    after = start + dt.timedelta(days=1)
    return {
        "=": Q(**{f"{path}__gte": start, f"{path}__lt": after}),
        ">=": Q(**{f"{path}__gte": start}),
        ">": Q(**{f"{path}__gte": after}),
        "<": Q(**{f"{path}__lt": start}),
        "<=": Q(**{f"{path}__lt": after}),
    }[op]


def _worded(column: Column, value: str, actor: Actor) -> Q:
    if column.path == "owner__name" and value.lower() in {"me", "mine", "i"}:
        return Q(owner=actor.user)
    if column.kind == "task_state":
        return _task_state(value)
    if column.kind == "contains":
        return Q(**{f"{column.path}__icontains": value})
    if column.kind == "stage":
        key = value.lower().replace(" ", "_").replace("-", "_")
        return Q(stage__key=key) | Q(stage__name__iexact=value)
    if column.kind == "place":
        return _place(column, value)
    return Q(**{f"{column.path}__iexact": value}) | Q(**{f"{column.path}__iexact": value.replace("_", " ")})


def _place(column: Column, value: str) -> Q:
    """A city, a region or a country; the columns of a country differ between people and companies."""
    anywhere = Q(**{f"{column.path}__iexact": value})
    code = country(value).code
    if code:
        anywhere |= (
            Q(country_hq=code) if column is SOURCES["companies"].columns["location"] else Q(country=code)
        )
    if column is SOURCES["companies"].columns["location"]:
        anywhere |= Q(region__iexact=value)
    return anywhere


def _task_state(value: str) -> Q:
    if value == "overdue":
        return Q(done_at__isnull=True, due_at__lt=clock.now())
    if value not in TASK_STATES:
        raise InvalidInputError("A task is open, done or overdue.", code="unknown_state")
    return TASK_STATES[value]


def _ordered(source: Source, rows: QuerySet[Any], slots: Mapping[str, Any]) -> QuerySet[Any]:
    if not slots.get("sort"):
        return rows.order_by(source.order, "pk")
    path = column_of(source, slots["sort"]).path
    return rows.order_by(path if slots.get("order") == "asc" else f"-{path}", "pk")


def _figure(source: Source, rows: QuerySet[Any], aggregate: str) -> dict[str, Decimal]:
    """One figure for each currency: different money is never added up."""
    _refuse_without_amount(source)
    known = rows.exclude(**{f"{source.amount}__isnull": True}).order_by()
    made = known.values(source.currency).annotate(figure=_aggregate(source, aggregate))
    return {row[source.currency]: row["figure"] for row in made if row["figure"] is not None}


def _refuse_without_amount(source: Source) -> None:
    if not source.amount:
        raise InvalidInputError(f"A {source.noun} has no amount to add up.", code="no_amount")


def _aggregate(source: Source, aggregate: str) -> Sum | Avg:
    kind = Sum if aggregate == "sum" else Avg
    return kind(source.amount, output_field=DecimalField(max_digits=20, decimal_places=2))


def _grouped(source: Source, rows: QuerySet[Any], by: str, aggregate: str) -> Answer:
    path = column_of(source, by).path
    groups: dict[str, tuple[int, dict[str, Decimal]]] = {}
    for row in rows.order_by().values(path).annotate(many=Count("pk")).order_by("-many")[:MOST_GROUPS]:
        groups[str(row[path] or "Not known")] = (row["many"], {})
    if aggregate in {"sum", "avg"}:
        _refuse_without_amount(source)
        known = rows.exclude(**{f"{source.amount}__isnull": True}).order_by()
        made = known.values(path, source.currency).annotate(figure=_aggregate(source, aggregate))
        for row in made:
            label = str(row[path] or "Not known")
            if label in groups:
                groups[label][1][row[source.currency]] = row["figure"]
    ordered = tuple((label, many, money) for label, (many, money) in groups.items())
    return Answer(source.noun, rows.order_by().count(), groups=ordered)


def _number(value: Any) -> Decimal:
    if isinstance(value, Mapping):
        value = value.get("amount")
    try:
        return Decimal(str(value))
    except ArithmeticError as error:
        raise InvalidInputError(f"{value} is not a number.", code="not_a_number") from error


def _day(value: Any) -> dt.date:
    try:
        return dt.date.fromisoformat(str(value)[:10])
    except ValueError as error:
        raise InvalidInputError(f"{value} is not a date.", code="not_a_date") from error
