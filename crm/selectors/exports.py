"""Any list as rows of text: which columns it has, and one statement that makes every cell harmless."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS
from django.db.models import CharField, DecimalField, Model, QuerySet, TextField

from crm.enums import CustomerState, DealState
from crm.intake.custom_headings import custom_headings
from crm.models import Activity, Company, Contact, Deal, Task
from crm.selectors.lists import companies_matching, contacts_matching, deals_matching, tasks_in
from crm.selectors.mail import readable
from crm.selectors.target_lists import companies_on, get_target_list
from crm.selectors.visibility import visible_activities
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import InvalidInputError, NotFoundError
from gtmos.kernel.fields.columns import filtered, open_fields
from gtmos.kernel.fields.schema import NO_FIELDS, Definition, names_of
from gtmos.kernel.lists.conditions import condition_of
from gtmos.kernel.lists.fields import ListField, only_known, own_fields
from gtmos.kernel.lists.filters import parse_filter
from gtmos.kernel.rights import hidden_fields

# Heading → column of the record. The headings are those an import reads; the columns marked so are left alone by it.
COLUMNS: dict[str, dict[str, str]] = {
    "companies": {
        "GTM OS record ID": "pk", "Company name": "name", "Company domain": "domain", "Website": "website_url",
        "Industry": "industry_vertical", "Sub industry": "sub_industry", "Tags": "tags",
        "Technologies": "technologies", "Description": "description", "Company address": "company_address",
        "City": "city", "Region": "region", "Country": "country_hq", "Employees": "employee_size",
        "Annual revenue": "revenue_amount", "Revenue currency": "revenue_currency",
        "Funding stage": "funding_stage", "Last funding date": "funded_on",
        "Last funding amount": "last_funding_amount", "Customer state": "customer_state",
        "Record owner": "owner__email", "Record created": "created_at",
    },
    "contacts": {
        "GTM OS record ID": "pk", "First name": "first_name", "Last name": "last_name", "Full name": "name",
        "Email": "email", "Email status": "email_status", "Phone": "phone", "Job title": "title",
        "Department": "department", "Seniority": "seniority", "Buying role": "influence_role",
        "LinkedIn URL": "linkedin_url", "City": "city", "Country": "country", "Timezone": "time_zone",
        "Language": "language", "Do not email": "do_not_email", "Do not call": "do_not_call",
        "Opted out at": "opted_out_at", "Consent basis": "consent_basis", "Consent source": "consent_source",
        "Consent date": "consent_on", "Company name": "company__name",
        "Company domain": "company__domain", "Record owner": "owner__email", "Record created": "created_at",
    },
    "deals": {
        "GTM OS record ID": "pk", "Deal name": "name", "Amount": "deal_amount", "Currency": "deal_amount_currency",
        "Deal stage": "stage__name", "Deal status": "deal_state", "Create date": "deal_start_date",
        "Expected close date": "deal_expected_signing_date", "Close date": "deal_end_date",
        "Next step": "next_step", "Company name": "company__name", "Company domain": "company__domain",
        "Contact email": "contact__email", "Record owner": "owner__email", "Record created": "created_at",
    },
    "activities": {
        "GTM OS record ID": "pk", "Type": "type", "Direction": "direction", "Subject": "subject", "Text": "body",
        "Happened at": "happened_at", "Minutes": "duration_minutes", "Outcome": "outcome",
        "Company name": "company__name", "Contact email": "contact__email", "Deal name": "deal__name",
        "Record owner": "owner__email", "Record created": "created_at",
    },
    "tasks": {
        "GTM OS record ID": "pk", "Task": "title", "Note": "note", "Due": "due_at", "Done at": "done_at",
        "Company name": "company__name", "Contact email": "contact__email", "Deal name": "deal__name",
        "Record owner": "owner__email", "Record created": "created_at",
    },
}  # fmt: skip
KINDS = tuple(COLUMNS)
MODELS: dict[str, type[Model]] = {
    "companies": Company,
    "contacts": Contact,
    "deals": Deal,
    "activities": Activity,
    "tasks": Task,
}
_BESIDE: dict[str, type[Model]] = {"company": Company, "contact": Contact, "deal": Deal}
KEY = "GTM OS record ID"
CURRENCIES = {"deal_amount": "deal_amount_currency", "revenue_amount": "revenue_currency"}
TARGET_LIST = "target-list:"
NO_FILTERS: Mapping[str, str] = {}
_LISTS = frozenset({"tags", "technologies"})
_SPECIAL = r"'[;|,\\\"\[\]\n'']'"


@dataclass(frozen=True, slots=True)
class Export:
    """`statement` and `values` give the rows, each cell as text that no spreadsheet runs."""

    kind: str
    headings: tuple[str, ...]
    records: QuerySet[Any]
    statement: str
    values: tuple[Any, ...]


def export_of(
    kind: str,
    *,
    actor: Actor,
    text: str = "",
    choice: str = "",
    custom: Mapping[str, str] = NO_FILTERS,
    where: str = "",
    shown: Sequence[str] = (),
) -> Export:
    """What the actor may see of a list, narrowed as its page is; `shown` are the fields that its columns show."""
    records = _records(kind, text, choice, actor)
    if custom:
        records = filtered(records, custom, open_fields(noun_of(kind), actor=actor))
    if where:
        records = records.filter(condition_of(parse_filter(where), noun_of(kind), actor=actor))
    return export_rows(kind, records, actor=actor, shown=shown)


def noun_of(kind: str) -> str:
    """The record that a list holds, as rights name it."""
    if kind not in MODELS:
        raise NotFoundError(f"A list is one of {', '.join(KINDS)}, not {kind}.", code="unknown_list")
    return MODELS[kind]._meta.model_name or ""


def export_rows(kind: str, records: QuerySet[Any], *, actor: Actor, shown: Sequence[str] = ()) -> Export:
    """The same of rows that were narrowed already, without the columns that are hidden from the actor."""
    columns, custom = _shown(kind, actor), _custom(kind, actor)
    if shown:
        columns = _as_listed(kind, shown, columns, actor)
        custom = {heading: each for heading, each in custom.items() if each.column in shown}
    plain = records.select_related(None).order_by("-created_at", "-pk")
    # A field's own name stays out of the statement: it is read under its place in the list.
    extra = {f"custom_{number}": each.type.written(each.key) for number, each in enumerate(custom.values())}
    asked = plain.annotate(**extra).values_list(*columns.values(), *extra).query
    # Also where nothing can be found: a list without rows is a file with its headings.
    inner, values = asked.get_compiler(DEFAULT_DB_ALIAS, elide_empty=False).as_sql()
    names = [f"c{number}" for number in range(len(columns) + len(custom))]
    cells = [_cell(name, path, MODELS[kind]) for name, path in zip(names, columns.values(), strict=False)]
    cells += [_harmless(name) for name in names[len(columns) :]]
    # Names and pieces are from this module; every value of the caller stays a parameter.
    statement = f"SELECT {', '.join(cells)} FROM ({inner}) AS list({', '.join(names)})"  # noqa: S608
    return Export(kind, (*columns, *custom), records, statement, values)


def _as_listed(kind: str, shown: Sequence[str], columns: Mapping[str, str], actor: Actor) -> dict[str, str]:
    """The key of the record, then the columns of a list in their order, under the headings that an import reads."""
    fields, headings = own_fields(noun_of(kind), actor=actor), {path: name for name, path in columns.items()}
    found = {KEY: "pk"}
    for each in (fields[key] for key in only_known(shown, fields) if not fields[key].definition):
        path = _path(each)
        found[headings.get(path, each.label)] = path
        if each.key in CURRENCIES:
            found[headings.get(CURRENCIES[each.key], f"{each.label} currency")] = CURRENCIES[each.key]
    return found


def _path(each: ListField) -> str:
    """People by their address, other records by their name."""
    if each.kind == "person":
        return f"{each.key}__email"
    if each.kind == "link":
        return f"{each.key}__name"
    return each.column.replace("__key", "__name") or each.key


def _custom(kind: str, actor: Actor) -> dict[str, Definition]:
    """The custom fields under the headings by which an import knows them."""
    noun = noun_of(kind)
    fields = open_fields(noun, actor=actor) if noun in _BESIDE else NO_FIELDS
    return {heading: fields[key] for key, heading in custom_headings(names_of(fields)).items()}


def _shown(kind: str, actor: Actor) -> dict[str, str]:
    """Neither a hidden field of the record, nor one of a record beside it."""
    hidden = set(hidden_fields(MODELS[kind], actor=actor))
    for name, model in _BESIDE.items():
        hidden |= {f"{name}__{field}" for field in hidden_fields(model, actor=actor)}
    return {
        heading: path
        for heading, path in COLUMNS[kind].items()
        if path not in hidden and path.partition("__")[0] not in hidden
    }


def _records(kind: str, text: str, choice: str, actor: Actor) -> QuerySet[Any]:
    if kind == "companies":
        if choice.startswith(TARGET_LIST):
            return companies_on(get_target_list(_key(choice), actor=actor), actor=actor)
        if choice and choice not in CustomerState.values:
            raise InvalidInputError(f"There is no state {choice}.", code="unknown_state")
        return companies_matching(text, state=choice, actor=actor)
    if kind == "contacts":
        return contacts_matching(text, actor=actor)
    if kind == "deals":
        if choice and choice not in DealState.values:
            raise InvalidInputError(f"There is no state {choice}.", code="unknown_state")
        return deals_matching(text, state=choice, actor=actor)
    if kind == "activities":
        return visible_activities(actor=actor).filter(readable(actor))
    return tasks_in(choice or "all", actor=actor)


def _key(choice: str) -> UUID:
    """Of the target list that the choice names."""
    try:
        return UUID(choice.removeprefix(TARGET_LIST))
    except ValueError as error:
        raise InvalidInputError(f"There is no target list {choice}.", code="unknown_list") from error


def _cell(name: str, path: str, model: type[Model]) -> str:
    """The text of a column; dates, keys and words of our own cannot be formulas and cost nothing."""
    if path in _LISTS:
        return _harmless(_listed(name))
    beside, _, last = path.rpartition("__")
    field = _field(beside, last, model)
    free = isinstance(field, (CharField, TextField, DecimalField)) and not field.choices
    return _harmless(f"{name}::text") if free else name


def _field(beside: str, name: str, model: type[Model]) -> object:
    if name == "pk":
        return model._meta.pk
    if not beside:
        return model._meta.get_field(name)
    related = model._meta.get_field(beside).related_model
    assert related is not None
    assert not isinstance(related, str)
    return related._meta.get_field(name)


def _harmless(cell: str) -> str:
    """An apostrophe before what a spreadsheet would run, and before what already looks so; an import takes it off.

    Most cells begin with a letter: these are known by one comparison.
    """
    runs = f"left(ltrim({cell}, ''''), 1) IN ('=', '+', '-', '@', E'\\t', E'\\r')"
    return f"CASE WHEN ascii({cell}) > ascii('@') THEN {cell} WHEN {runs} THEN '''' || {cell} ELSE {cell} END"


def _listed(name: str) -> str:
    """Words with semicolons between; as JSON where a word holds a separator itself."""
    words = f"jsonb_array_elements_text({name}) AS word"
    return (
        f"(SELECT CASE WHEN bool_or(word ~ {_SPECIAL}) THEN {name}::text "  # noqa: S608
        f"ELSE string_agg(word, '; ') END FROM {words})"
    )
