"""What one line of a file becomes: a company, a person, a deal, dated signals; or a reason why not."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple

NOTHING_EXTRA: Mapping[str, str] = MappingProxyType({})


class CompanyRow(NamedTuple):
    """A company as a file states it. "" and None mean that the file does not say."""

    external_id: str = ""
    name: str = ""
    name_key: str = ""
    former_names: tuple[str, ...] = ()
    domain: str = ""
    website_url: str = ""
    linkedin_url: str = ""
    description: str = ""
    industry: str = ""
    sub_industry: str = ""
    tags: tuple[str, ...] = ()
    technologies: tuple[str, ...] = ()
    address: str = ""
    city: str = ""
    city_key: str = ""
    region: str = ""
    country: str = ""
    country_code: str = ""
    postal_code: str = ""
    locations: tuple[str, ...] = ()
    phone: str = ""
    employees: int | None = None
    founded_year: int | None = None
    revenue_amount: Decimal | None = None
    revenue_currency: str = ""
    funding_stage: str = ""
    funded_on: date | None = None
    last_funding_amount: Decimal | None = None
    last_funding_currency: str = ""
    total_funding_amount: Decimal | None = None
    total_funding_currency: str = ""
    parent_name: str = ""
    parent_external_id: str = ""
    owner_name: str = ""
    owner_email: str = ""
    lifecycle: str = ""
    dated_on: date | None = None
    extras: Mapping[str, str] = NOTHING_EXTRA


class ContactRow(NamedTuple):
    """A person as a file states them, and the company the file puts them at."""

    external_id: str = ""
    first_name: str = ""
    last_name: str = ""
    full_name: str = ""
    email: str = ""
    email_key: str = ""
    other_emails: tuple[str, ...] = ()
    email_status: str = ""
    phone: str = ""
    mobile_phone: str = ""
    title: str = ""
    department: str = ""
    seniority: str = ""
    influence_role: str = ""
    linkedin_url: str = ""
    linkedin_key: str = ""
    city: str = ""
    city_key: str = ""
    region: str = ""
    country: str = ""
    country_code: str = ""
    timezone: str = ""
    language: str = ""
    do_not_email: bool | None = None
    do_not_call: bool | None = None
    opted_out_at: datetime | None = None
    consent_basis: str = ""
    consent_source: str = ""
    consent_on: date | None = None
    source: str = ""
    owner_name: str = ""
    owner_email: str = ""
    lifecycle: str = ""
    created_at: datetime | None = None
    last_contacted_at: datetime | None = None
    dated_on: date | None = None
    company_external_id: str = ""
    company_name: str = ""
    company_name_key: str = ""
    company_domain: str = ""
    company_city_key: str = ""
    extras: Mapping[str, str] = NOTHING_EXTRA


class DealRow(NamedTuple):
    """A sale as a file states it."""

    external_id: str = ""
    name: str = ""
    amount: Decimal | None = None
    currency: str = ""
    stage_name: str = ""
    state: str = "open"
    status: str = ""
    is_closed: bool | None = None
    is_won: bool | None = None
    pipeline: str = ""
    product: str = ""
    probability: float | None = None
    created_on: date | None = None
    expected_on: date | None = None
    closed_on: date | None = None
    lost_reason: str = ""
    next_step: str = ""
    source: str = ""
    contact_external_id: str = ""
    contact_name: str = ""
    contact_email: str = ""
    further_contact_keys: tuple[str, ...] = ()
    further_contact_emails: tuple[str, ...] = ()
    owner_name: str = ""
    owner_email: str = ""
    dated_on: date | None = None
    company_external_id: str = ""
    company_name: str = ""
    company_name_key: str = ""
    company_domain: str = ""
    company_city_key: str = ""
    extras: Mapping[str, str] = NOTHING_EXTRA


class SignalRow(NamedTuple):
    """Something that happened at the company of the same line."""

    type: str
    detail: str
    source: str
    url: str
    occurred_on: date


class SignalCells(NamedTuple):
    """The cells of a line from which its signals are made."""

    type: str = ""
    detail: str = ""
    url: str = ""
    source: str = ""
    occurred_on: date | None = None
    is_hiring: bool | None = None
    open_roles: int | None = None
    laid_off_count: int | None = None
    laid_off_share: float | None = None


class Note(NamedTuple):
    """A cell that could not be used, with the reason; the rest of the line was taken."""

    column: str
    value: str
    reason: str


class Record(NamedTuple):
    """One line of the file. With `rejected` set nothing of it was taken, and it says why."""

    line: int
    cells: list[str]
    company: CompanyRow | None = None
    contact: ContactRow | None = None
    deal: DealRow | None = None
    signals: tuple[SignalRow, ...] = ()
    notes: tuple[Note, ...] = ()
    rejected: str = ""
    deleted: bool = False


CompanyKey = tuple[str, str, str]


def company_key(row: CompanyRow) -> CompanyKey | None:
    """By domain; by name and city where there is none; None for a row that names no company."""
    if row.domain:
        return ("domain", row.domain, "")
    return ("name", row.name_key, row.city_key) if row.name_key else None


def contact_company_key(row: ContactRow | DealRow) -> CompanyKey | None:
    """The key of the company a person or deal belongs to, as far as the line says it."""
    if row.company_domain:
        return ("domain", row.company_domain, "")
    return ("name", row.company_name_key, row.company_city_key) if row.company_name_key else None


def contact_key(row: ContactRow) -> tuple[str, ...] | None:
    """By e-mail, then by LinkedIn address, then by its key where it came from, then by name and company."""
    if row.email_key:
        return ("email", row.email_key)
    if row.linkedin_key:
        return ("linkedin", row.linkedin_key)
    if row.external_id:
        return ("external", row.external_id)
    company = contact_company_key(row)
    return ("name", row.full_name.casefold(), *company) if row.full_name and company else None
