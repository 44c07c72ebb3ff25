"""What happened around a record: activities, changes and signals as one list, newest first."""

from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any

from django.db.models import Model

from crm.models import Company, Contact, Deal
from crm.selectors.visibility import visible_activities, visible_signals
from gtmos.kernel import history
from gtmos.kernel.actors import Actor

ICONS = {"call": "phone", "meeting": "calendar-event", "email": "mail", "note": "note"}
SHOWN = 50


@dataclass(frozen=True, slots=True)
class Happening:
    icon: str
    title: str
    detail: str
    at: datetime
    actor: str = ""
    url: str = ""


def timeline(record: Company | Contact | Deal, *, actor: Actor) -> list[Happening]:
    """The newest fifty; three statements."""
    field = {Company: "company", Contact: "contact", Deal: "deal"}[type(record)]
    activities = visible_activities(actor=actor).select_related(None).filter(**{field: record})[:SHOWN]
    happened = [
        Happening(ICONS.get(each.type, "note"), each.subject, _shortened(each.body), each.happened_at)
        for each in activities
    ]
    happened += [_change(change) for change in history.of_record(record)[:SHOWN]]
    happened += _signals(record, actor)
    return sorted(happened, key=lambda each: each.at, reverse=True)[:SHOWN]


def _change(change: Any) -> Happening:
    return Happening("history", change.summary, "", change.timestamp, actor=change.user_name)


def _signals(record: Model, actor: Actor) -> list[Happening]:
    if not isinstance(record, Company):
        return []
    signals = visible_signals(actor=actor).select_related(None).filter(company=record)[:SHOWN]
    return [
        Happening(
            "briefcase" if each.type == "hiring" else "news",
            f"{each.get_type_display().capitalize()}{': ' if each.detail else ''}{each.detail}",
            each.source,
            datetime.combine(each.occurred_on, time(12), tzinfo=UTC),
            url=each.url if each.url.startswith(("http://", "https://")) else "",
        )
        for each in signals
    ]


def _shortened(text: str) -> str:
    return text if len(text) <= 160 else text[:159] + "…"
