"""The vocabulary of the live workspace: everything a sentence can name."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from agents.planner.custom import Custom, custom_fields
from agents.planner.names import MemoryNames, NameIndex, Record, SmallIndex

BIG_KINDS = ("company", "contact", "deal")


@dataclass(frozen=True, slots=True)
class Variant:
    """One letter of a campaign's test and its text."""

    letter: str
    text: str


@dataclass(frozen=True, slots=True)
class World:
    """Short lists are held here; companies, contacts and deals are behind `names`, however many there are."""

    now: dt.datetime
    names: NameIndex
    small: SmallIndex
    timezone: str = "UTC"
    currency: str = "USD"
    me: str = ""
    roles: Mapping[str, str] = field(default_factory=dict)
    teams: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    campaigns: tuple[Record, ...] = ()
    agents: tuple[str, ...] = ()
    deal_stages: tuple[str, ...] = ()
    fields: tuple[Custom, ...] = ()
    customer_states: tuple[str, ...] = ("dormant", "exploring", "buying", "using", "churned")
    issue_status: tuple[str, ...] = ("open", "in_progress", "waiting", "escalated", "resolved", "closed")
    project_status: tuple[str, ...] = ("planned", "active", "blocked", "done", "cancelled")
    journey_stages: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def from_mapping(cls, data: Mapping[str, Any], names: NameIndex | None = None) -> "World":
        """Build from plain data. With `names` given, the lists of companies, contacts and deals may be left out."""
        users = data.get("users", [])
        campaigns = tuple(_campaign(row) for row in data.get("campaigns", []))
        big = names or MemoryNames(_big_records(data))
        lists = {key: tuple(data[key]) for key in _LISTS if key in data}
        return cls(
            now=_naive(data["now"]),
            names=big,
            small=MemoryNames([*campaigns, *_small_records(data)]),
            timezone=data.get("timezone", "UTC"),
            currency=data.get("currency", "USD"),
            me=data.get("me", ""),
            roles={row["name"]: row.get("role", "") for row in users},
            campaigns=campaigns,
            fields=custom_fields(data.get("custom_fields", [])),
            journey_stages={key: tuple(value) for key, value in data.get("journey_stages", {}).items()},
            **lists,
        )


_LISTS = (
    "teams",
    "products",
    "agents",
    "deal_stages",
    "customer_states",
    "issue_status",
    "project_status",
)


def _naive(value: str | dt.datetime) -> dt.datetime:
    """Local wall-clock time of the workspace: the planner never converts zones."""
    moment = value if isinstance(value, dt.datetime) else dt.datetime.fromisoformat(value)
    return moment.replace(tzinfo=None)


def _campaign(row: Mapping[str, Any]) -> Record:
    variants = tuple(Variant(letter, text) for letter, text in row.get("variants", {}).items())
    return Record(
        "campaign", row["name"], row["name"], facts={"state": row.get("state", ""), "variants": variants}
    )


def _named(kind: str, values: Iterable[str]) -> list[Record]:
    return [Record(kind, value, value) for value in values]


def _big_records(data: Mapping[str, Any]) -> list[Record]:
    records = [_company(row) for row in data.get("companies", [])]
    records += [_owned("contact", row) for row in data.get("contacts", [])]
    records += [_owned("deal", row) for row in data.get("deals", [])]
    return records


def _company(row: str | Mapping[str, Any]) -> Record:
    if isinstance(row, str):
        return Record("company", row, row, row)
    return Record("company", row["name"], row["name"], row["name"], facts=dict(row))


def _owned(kind: str, row: Mapping[str, Any]) -> Record:
    return Record(kind, row["name"], row["name"], row.get("company") or "", facts=dict(row))


def _small_records(data: Mapping[str, Any]) -> list[Record]:
    records = _named("user", (row["name"] for row in data.get("users", [])))
    for kind, key in (("team", "teams"), ("product", "products"), ("project", "projects"), ("play", "plays")):
        records += _named(kind, data.get(key, []))
    records += _named("saved_search", data.get("saved_searches", []))
    records += [Record("agent", value.replace("_", " "), value) for value in data.get("agents", [])]
    records += [
        Record("issue", row["title"], row["id"], row.get("company") or "") for row in data.get("issues", [])
    ]
    records += [Record("assumption", row["text"], row["id"]) for row in data.get("assumptions", [])]
    records += [
        Record("approval", row["text"], row["id"], facts=dict(row)) for row in data.get("approvals", [])
    ]
    return records
