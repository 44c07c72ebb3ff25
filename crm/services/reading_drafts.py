"""What a text would change: new records, empty fields to fill, contradictions, and what cannot be used."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import models

from crm.enums import ProposalKind, ProposalState
from crm.intake.faults import BadCellError
from crm.intake.keys import email_key
from crm.intake.notes.people import is_fuller, is_same_person
from crm.intake.notes.shapes import Said
from crm.intake.text import fold
from crm.models import Company, Contact, Deal, Stage
from crm.selectors.currencies import organisation_currency
from crm.selectors.deals import find_stage
from crm.selectors.reading_matches import Match, find_company, find_contact, find_deal
from crm.services.restoring import value_of
from gtmos.kernel.actors import Actor
from gtmos.kernel.events.publishing import plain
from gtmos.kernel.exceptions import NotFoundError
from gtmos.kernel.fields.services.locks import locks_of
from gtmos.kernel.rights import fixed_fields

Values = dict[str, Any]
NOT_YOURS = "Your role may not change this field."
NO_HOME = "Only a first name, and neither a company nor an address: it is not clear who this is."


@dataclass(slots=True)
class Draft:
    """One change that is proposed. `values` are those of the record's columns, in types that JSON knows."""

    kind: str
    noun: str
    record: Any
    values: Values
    before: Values = field(default_factory=dict)
    state: str = ProposalState.OPEN
    reason: str = ""


@dataclass(slots=True)
class Context:
    """What the text is about, as far as it is known; filled with what is found."""

    actor: Actor
    company: Company | None = None
    contact: Contact | None = None
    deal: Deal | None = None


def drafts_of(said: Said, about: Context) -> list[Draft]:
    """`about` holds afterwards the records that the text speaks of."""
    company = list(_of_company(said, about))
    is_new = any(each.kind == ProposalKind.CREATE_COMPANY for each in company)
    people = [draft for person in said.people for draft in _of_person(person, said, about, is_new=is_new)]
    return [*company, *people, *_of_deal(said, about, is_new=is_new), *_refused(said, about)]


def _of_company(said: Said, about: Context) -> Iterator[Draft]:
    values: Values = {"name": said.company} if said.company else {}
    if said.employees:
        values["employee_size"] = said.employees
    home = about.company
    if said.company and not (home and fold(home.name) == fold(said.company)):
        emails = [each["email"] for each in said.people if each.get("email")]
        match = find_company(said.company, emails, actor=about.actor)
        if match.record is None and home in match.others:
            match = Match(home)
        about.company = match.record
        if match.record is None:
            yield _new("company", values, match)
            return
    if about.company is not None:
        yield from changes_for(about.company, {**values, "name": about.company.name}, actor=about.actor)


def _of_person(person: dict[str, str], said: Said, about: Context, *, is_new: bool) -> Iterator[Draft]:
    values = {name: person[name] for name in ("name", "title", "email", "phone") if person.get(name)}
    match = _who(person, about)
    if match.record is not None:
        if len(said.people) == 1:
            about.contact = match.record
        yield from changes_for(match.record, values, actor=about.actor)
        return
    draft = _new("contact", values, match)
    if " " not in person["name"] and not (is_new or about.company or person.get("email")):
        draft.state, draft.reason = ProposalState.HELD_BACK, NO_HOME
    yield draft


def _who(person: dict[str, str], about: Context) -> Match:
    if about.contact is not None and is_same_person(person["name"], about.contact.name):
        return Match(about.contact)
    return find_contact(person, about.company, actor=about.actor)


def _of_deal(said: Said, about: Context, *, is_new: bool) -> Iterator[Draft]:
    values = _deal_values(said)
    if not values or not (is_new or about.company):
        return
    match = Match(about.deal)
    if about.company is not None and not (about.deal and about.deal.company_id == about.company.pk):
        match = find_deal(about.company, said.subject, actor=about.actor)
    if match.record is not None:
        about.deal = match.record
        yield from changes_for(match.record, values, actor=about.actor)
        return
    about.deal = None
    name = about.company.name if about.company else said.company
    if values.get("deal_amount") is not None:
        values = {"deal_amount_currency": organisation_currency(), **values}
    yield _new("deal", {"name": f"{name} {said.subject}".strip(), **values}, match)


def _deal_values(said: Said) -> Values:
    values: Values = {}
    if said.amount is not None:
        values |= {"deal_amount": plain(said.amount)}
        values |= {"deal_amount_currency": said.currency} if said.currency else {}
    if said.close_on:
        values["deal_expected_signing_date"] = plain(said.close_on)
    stage = _stage(said.stage)
    if stage is not None:
        values["stage"] = plain(stage)
    return values or ({"deal_amount": None} if said.subject else {})


def _stage(words: str) -> Stage | None:
    try:
        return find_stage(words) if words else None
    except NotFoundError:
        return None


def _new(noun: str, values: Values, match: Match) -> Draft:
    stated = {name: value for name, value in values.items() if value is not None}
    draft = Draft(f"create_{noun}", noun, None, stated)
    if match.others:
        names = " and ".join(dict.fromkeys(str(each) for each in match.others[:3]))
        draft.state = ProposalState.CONFLICT
        draft.reason = f"{names[:200]} may be meant. Accept only if this is another one."
    return draft


def changes_for(record: Company | Contact | Deal, values: Values, *, actor: Actor) -> Iterator[Draft]:
    """What differs: an empty field is filled; another value is a contradiction; a locked field stays."""
    noun = str(record._meta.model_name)
    for name, raw in values.items():
        if raw is None or name == "deal_amount_currency" or _is_same(record, name, raw, values):
            continue
        columns = [name, *(["deal_amount_currency"] if name == "deal_amount" else [])]
        after = {each: values[each] for each in columns if each in values}
        draft = Draft(ProposalKind.SET_FIELD, noun, record, after)
        draft.before = {each: plain(getattr(record, each)) for each in after}
        yield _judged(draft, name, actor)


def _judged(draft: Draft, name: str, actor: Actor) -> Draft:
    held = locks_of(draft.record)
    label = name.removeprefix("deal_").replace("_", " ")
    if fixed_fields(type(draft.record), actor=actor) & set(draft.values):
        draft.state, draft.reason, draft.before = ProposalState.HELD_BACK, NOT_YOURS, {}
    elif locking := next((held[each]["by"] for each in draft.values if each in held), ""):
        draft.state = ProposalState.HELD_BACK
        draft.reason = f"{label.capitalize()} of {draft.record} is locked by {locking}."[:300]
    elif not _may_follow(name, draft):
        draft.state = ProposalState.CONFLICT
        draft.reason = f"{draft.record} has another {label}. It stays until you decide."[:300]
    return draft


def _may_follow(name: str, draft: Draft) -> bool:
    """A step to another stage is news; of a first name alone the rest is added."""
    old = getattr(draft.record, name)
    if name == "name" and isinstance(draft.record, Contact):
        return is_fuller(str(draft.values["name"]), str(old))
    return name == "stage" or old in (None, "")


def _is_same(record: models.Model, name: str, raw: Any, values: Values) -> bool:
    old, new = getattr(record, name), value_of(record, name, raw)
    if name == "name":
        return fold(str(old)) == fold(str(new)) or is_fuller(str(old), str(new))
    if name == "email":
        return _address(str(old)) == _address(str(new))
    if name == "phone":
        return _digits(str(old)) == _digits(str(new))
    if isinstance(record, Deal) and name == "deal_amount":
        return bool(old == new) and values.get("deal_amount_currency") in {None, record.deal_amount_currency}
    return fold(str(old)) == fold(str(new))


def _address(text: str) -> str:
    try:
        return email_key(text) if text else ""
    except BadCellError:
        return text


def _digits(text: str) -> str:
    return "".join(each for each in text if each.isdigit())


def _refused(said: Said, about: Context) -> Iterator[Draft]:
    """Addresses that are none, and numbers that are nobody's: kept, with the reason."""
    for each in said.refused:
        values = {each.field: each.value}
        yield Draft(
            ProposalKind.SET_FIELD,
            "contact",
            about.contact if len(said.people) == 1 else None,
            values,
            state=ProposalState.HELD_BACK,
            reason=each.reason[:300],
        )
