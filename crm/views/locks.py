"""The small lock beside a field: who keeps its value from imports, enrichment and agents, and the press that does it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from crm.models import Company, Contact, Deal
from crm.views.duplicates import GET
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.fields.columns import open_fields
from gtmos.kernel.fields.objects import noun_of, object_of
from gtmos.kernel.fields.services.locks import lock_fields, locks_of, unlock_fields
from gtmos.kernel.permissions import allows
from gtmos.kernel.rights import fixed_fields, hidden_fields
from gtmos.kernel.web import actor_of, found, refusal, toast

Parts = Mapping[str, tuple[str, tuple[str, ...]]]
# What a page shows as one fact is kept as one: its label and its columns.
PARTS: dict[str, Parts] = {
    "company": {
        "name": ("Name", ("name",)),
        "domain": ("Domain", ("domain", "website_url")),
        "description": ("Description", ("description",)),
        "state": ("State", ("customer_state",)),
        "industry": ("Industry", ("industry_vertical", "sub_industry")),
        "place": ("Place", ("city", "region", "country_hq")),
        "people": ("People", ("employee_size",)),
        "funding": (
            "Funding",
            ("funding_stage", "funded_on", "last_funding_amount", "last_funding_currency"),
        ),
        "revenue": ("Revenue", ("revenue_amount", "revenue_currency")),
        "source": ("Source", ("source", "dated_on")),
    },
    "contact": {
        "name": ("Name", ("name", "first_name", "last_name")),
        "title": ("Title", ("title",)),
        "email": ("E-mail", ("email", "email_status")),
        "phone": ("Phone", ("phone",)),
        "linkedin": ("LinkedIn", ("linkedin_url",)),
        "place": ("Place", ("city", "country")),
        "zone": ("Time zone", ("time_zone",)),
        "role": ("Role", ("influence_role",)),
        "department": ("Department", ("department", "seniority")),
        "basis": ("Lawful basis", ("consent_basis", "consent_source", "consent_on")),
        "last": ("Last contact", ("last_contact_date",)),
        "source": ("Source", ("source", "external_id", "dated_on")),
    },
    "deal": {
        "name": ("Name", ("name",)),
        "stage": ("Stage", ("stage",)),
        "amount": ("Amount", ("deal_amount", "deal_amount_currency")),
        "contact": ("Contact", ("contact",)),
        "product": ("Product", ("product",)),
        "state": ("State", ("deal_state", "on_hold_reason", "lost_reason", "lost_note")),
        "signing": ("Expected signing", ("deal_expected_signing_date",)),
        "signed": ("Signed", ("deal_signing_date",)),
        "step": ("Next step", ("next_step", "next_step_owner", "next_step_due_on")),
        "campaign": ("Campaign", ("acquisition_campaign_source",)),
    },
}
VERBS = {"lock": lock_fields, "unlock": unlock_fields}


@dataclass(frozen=True, slots=True)
class Mark:
    """How one fact stands. `url` is where a press is sent; empty for somebody who may only look."""

    part: str
    label: str
    columns: tuple[str, ...]
    held: tuple[str, ...]
    id: str
    url: str = ""
    by: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Marks:
    """Those of one record: of its facts, of its custom fields by key, and of what is kept and not shown."""

    parts: dict[str, Mark]
    custom: dict[str, Mark]
    others: list[Mark]


def marks_of(record: Company | Contact | Deal, *, actor: Actor) -> Marks:
    """One query, or none where the record was read with its locks."""
    noun, in_hand = noun_of(record), vars(record)
    locks = in_hand["kept"] or {} if "kept" in in_hand else locks_of(record)
    known = {part: each for part, each in _parts(noun, actor=actor).items() if part not in _others(noun)}
    shown = {column for _, columns in known.values() for column in columns}
    hidden = hidden_fields(type(record), actor=actor)
    left = sorted(name for name in locks if name not in shown and name.partition(".")[0] not in hidden)
    marks = {part: _mark(record, part, *each, locks, actor) for part, each in known.items()}
    return Marks(
        {part: mark for part, mark in marks.items() if not part.startswith("custom-")},
        {part.removeprefix("custom-"): mark for part, mark in marks.items() if part.startswith("custom-")},
        [_mark(record, name, _words(name), (name,), locks, actor) for name in left],
    )


def _parts(noun: str, *, actor: Actor) -> Parts:
    """Every name that an address may hold; no column holds a dash, so custom fields cannot be mistaken."""
    fields = open_fields(noun, actor=actor).values()
    custom = {f"custom-{each.key}": (each.label, (each.column,)) for each in fields}
    return {**_others(noun), **PARTS[noun], **custom}


@cache
def _others(noun: str) -> Parts:
    """Columns that no fact of the page stands for; which there are does not change while a process runs."""
    covered = {column for _, columns in PARTS[noun].values() for column in columns}
    left = (name for name in object_of(noun).columns if name not in covered and name not in PARTS[noun])
    return {name: (_words(name), (name,)) for name in left}


def _words(column: str) -> str:
    return column.removeprefix("deal_").replace("_", " ").capitalize()


def _mark(
    record: Any, part: str, label: str, columns: Iterable[str], locks: Mapping[str, Any], actor: Actor
) -> Mark:
    noun, fixed = noun_of(record), fixed_fields(type(record), actor=actor)
    own = tuple(name for name in columns if name.partition(".")[0] not in fixed)
    held = tuple(name for name in own if name in locks)
    seen = [locks[name] for name in columns if name in locks]
    may_change = bool(own) and allows(actor, object_of(noun).edit_right, record)
    verb = "unlock" if seen else "lock"
    return Mark(
        part=part,
        label=label,
        columns=own,
        held=held,
        id=f"lock-{record.pk}-{part}",
        url=reverse(f"crm:{noun}-lock", args=[record.pk, part, verb]) if may_change else "",
        by=seen[0]["by"] if seen else "",
        at=datetime.fromisoformat(seen[0]["at"]) if seen else None,
    )


@login_required
@require_POST
def change(request: HttpRequest, kind: str, part: str, verb: str, **key: UUID) -> HttpResponse:
    """Keep a fact or let it go. `only` in the address narrows an undo to what the press before it changed."""
    actor = actor_of(request)
    record = found(GET[kind], key[f"{kind}_id"], actor=actor)
    parts = _parts(kind, actor=actor)
    if part not in parts or verb not in VERBS:
        raise Http404("There is no such field.")
    label, columns = parts[part]
    before = _mark(record, part, label, columns, locks_of(record), actor)
    only = set(filter(None, request.GET.get("only", "").split(",")))
    wanted = [name for name in before.columns or columns if not only or name in only]
    try:
        VERBS[verb](record, wanted, actor=actor)
    except DomainError as error:
        return refusal(error)
    after = _mark(record, part, label, columns, locks_of(record), actor)
    return _answered(request, before, after)


def _answered(request: HttpRequest, before: Mark, after: Mark) -> HttpResponse:
    answer = render(request, "crm/_lock.html", {"mark": after})
    changed = sorted(set(before.held) ^ set(after.held))
    if not changed:
        words = f"{after.label} is locked by {after.by} already" if after.by else "It is not locked"
        return toast(answer, f"{words}.")
    verb = "locked. Only people change it now" if after.by else "unlocked"
    back = f"{after.url}?{urlencode({'only': ','.join(changed)})}"
    return toast(answer, f"{after.label} is {verb}.", undo_url=back)
