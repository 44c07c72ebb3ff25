"""Which value the merged record gets, field by field."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models

from crm.models import Company, Contact, Deal
from crm.services import companies, contacts, deals
from gtmos.kernel import history
from gtmos.kernel.exceptions import InvalidInputError
from gtmos.kernel.fields.services.locks import locks_of
from gtmos.kernel.masking import hidden_on

KEEP, OTHER = "keep", "other"
FIELDS: dict[type[models.Model], frozenset[str]] = {
    Company: companies.EDITABLE,
    Contact: contacts.EDITABLE,
    Deal: deals.EDITABLE,
}
# No choice revives a refusal: the stricter of both wins.
STRICTER = ("do_not_email", "do_not_call", "opted_out_at", "paused_until")
JOINED = ("tags", "technologies", "other_countries", "custom", "is_primary")
PAIRED = {
    "revenue_currency": "revenue_amount",
    "last_funding_currency": "last_funding_amount",
    "deal_amount_currency": "deal_amount",
    "email_status": "email",
}


@dataclass(frozen=True, slots=True)
class Side:
    """One field of both records. `wins` is what counts where nobody chooses; `fixed` says that nobody can."""

    name: str
    keep: Any
    other: Any
    wins: str
    fixed: bool = False

    @property
    def label(self) -> str:
        return self.name.replace("_", " ").capitalize()


def sides(keep: Any, other: Any) -> list[Side]:
    """The fields in which the two differ."""
    hidden = hidden_on(keep) | hidden_on(other)
    changed = (_changed_at(keep), _changed_at(other))
    locks = (locks_of(keep), locks_of(other))
    names = sorted(FIELDS[type(keep)] - hidden)
    return [
        Side(
            name,
            _get(keep, name),
            _get(other, name),
            _winner(name, keep, other, changed, locks),
            name in STRICTER + JOINED,
        )
        for name in names
        if _get(keep, name) != _get(other, name)
    ]


def merged_values(keep: Any, other: Any, choices: Mapping[str, str]) -> dict[str, Any]:
    """What changes on the kept record."""
    differing = {side.name: side for side in sides(keep, other)}
    _refuse_unknown(choices, differing)
    taken = {
        name: side.other
        for name, side in differing.items()
        if not side.fixed and choices.get(PAIRED.get(name, name), choices.get(name, side.wins)) == OTHER
    }
    return {**taken, **_stricter(keep, other, differing), **_joined(keep, other, differing)}


def _refuse_unknown(choices: Mapping[str, str], differing: Mapping[str, Side]) -> None:
    for name, choice in choices.items():
        if choice not in {KEEP, OTHER}:
            raise InvalidInputError(f"Choose keep or other for {name}.", code="bad_choice")
        if name in differing and differing[name].fixed:
            raise InvalidInputError(
                f"{differing[name].label} is not chosen: a refusal is never taken back, lists are joined.",
                code="not_to_choose",
            )


def _winner(
    name: str,
    keep: Any,
    other: Any,
    changed: tuple[dict[str, datetime], dict[str, datetime]],
    locks: tuple[Collection[str], Collection[str]],
) -> str:
    """The one that says anything; a value that a person locked; otherwise the newer one."""
    name = PAIRED.get(name, name)
    mine, theirs = _get(keep, name), _get(other, name)
    if _is_blank(theirs) or _is_blank(mine):
        return KEEP if _is_blank(theirs) else OTHER
    locked = (name in locks[0], name in locks[1])
    if locked[0] != locked[1]:
        return KEEP if locked[0] else OTHER
    newest = (changed[0].get(name, keep.created_at), changed[1].get(name, other.created_at))
    return OTHER if newest[1] > newest[0] else KEEP


def _changed_at(record: models.Model) -> dict[str, datetime]:
    """When each field was last changed."""
    found: dict[str, datetime] = {}
    changes = history.of_record(record).order_by("timestamp", "id")
    for names, moment in changes.values_list("changed_fields", "timestamp")[:2000]:
        found.update(dict.fromkeys(names, moment))
    return found


def _get(record: Any, name: str) -> Any:
    return getattr(record, name)


def _is_blank(value: Any) -> bool:
    return value in (None, "", [], {})


def _stricter(keep: Any, other: Any, differing: Mapping[str, Side]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in ("do_not_email", "do_not_call"):
        if name in differing:
            found[name] = True
    for name, pick in (("opted_out_at", min), ("paused_until", max)):
        if name in differing:
            found[name] = pick(filter(None, (getattr(keep, name), getattr(other, name))))
    return found


def _joined(keep: Any, other: Any, differing: Mapping[str, Side]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in ("tags", "technologies", "other_countries"):
        if name in differing:
            found[name] = list(dict.fromkeys([*getattr(keep, name), *getattr(other, name)]))
    if "custom" in differing:
        found["custom"] = {
            **other.custom,
            **{key: value for key, value in keep.custom.items() if not _is_blank(value)},
        }
    if "is_primary" in differing and keep.company_id == other.company_id:
        found["is_primary"] = True
    return found


def renamed_in_custom(values: dict[str, Any], old: UUID, new: UUID) -> dict[str, Any]:
    """A link of a custom field to the absorbed record leads to the kept one."""
    return {key: str(new) if value == str(old) else value for key, value in values.items()}
