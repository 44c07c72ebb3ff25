"""Which value of a read line fills which column, for companies and contacts."""

from operator import attrgetter
from typing import Any, NamedTuple

from crm.intake.rows import CompanyRow, ContactRow


class Filled(NamedTuple):
    """One column, its SQL type, and the attribute of the row that fills it. Blank never overwrites."""

    column: str
    type: str
    attribute: str


def _text(column: str, attribute: str = "") -> Filled:
    return Filled(column, "text", attribute or column)


def _other(column: str, type_: str, attribute: str = "") -> Filled:
    return Filled(column, type_, attribute or column)


COMPANY: tuple[Filled, ...] = (
    _text("name"),
    _text("domain"),
    _text("name_key"),
    _text("city_key"),
    _text("external_id"),
    _text("description"),
    _text("industry_vertical", "industry"),
    _text("sub_industry"),
    _text("website_url"),
    _text("country_hq", "country_code"),
    _text("region"),
    _text("city"),
    _text("company_address", "address"),
    _text("revenue_currency"),
    _text("funding_stage"),
    _text("last_funding_currency"),
    _other("employee_size", "integer", "employees"),
    _other("revenue_amount", "numeric"),
    _other("funded_on", "date"),
    _other("last_funding_amount", "numeric"),
)
COMPANY_LISTS = ("tags", "technologies")

CONTACT: tuple[Filled, ...] = (
    _text("name", "full_name"),
    _text("first_name"),
    _text("last_name"),
    _text("external_id"),
    _text("email"),
    _text("email_key"),
    _text("email_status"),
    _text("phone"),
    _text("title"),
    _text("department"),
    _text("seniority"),
    _text("influence_role"),
    _text("linkedin_url"),
    _text("linkedin_key"),
    _text("city"),
    _text("country", "country_code"),
    _text("time_zone", "timezone"),
    _text("language"),
    _text("consent_basis"),
    _text("consent_source"),
    _other("consent_on", "date"),
    _other("last_contact_date", "timestamptz", "last_contacted_at"),
)
company_values = attrgetter(*(field.attribute for field in COMPANY))
contact_values = attrgetter(*(field.attribute for field in CONTACT))
# Set by an import, never taken back by one.
CONTACT_FINAL = ("do_not_email", "do_not_call")

COMPANY_DEFAULTS = {
    "customer_state": "'dormant'", "b2b_or_b2c": "''", "size": "''", "customer_segment_label": "''",
    "decision_country": "''", "company_legal_entity": "''", "other_countries": "'[]'::jsonb",
}  # fmt: skip
CONTACT_DEFAULTS = {"is_primary": "false", "lifecycle": "'prospect'", "engagement_score": "0"}


def company_extras(row: CompanyRow) -> dict[str, Any]:
    """What the file says and no column holds, kept so that nothing is lost."""
    kept: dict[str, Any] = dict(row.extras)
    if row.former_names:
        kept["former_names"] = list(row.former_names)
    if len(row.locations) > 1:
        kept["locations"] = list(row.locations)
    if row.total_funding_amount is not None:
        kept["total_funding"] = f"{row.total_funding_amount} {row.total_funding_currency}".strip()
    for name in ("founded_year", "linkedin_url", "phone", "postal_code", "lifecycle", "owner_name"):
        value = getattr(row, name)
        if value:
            kept[name] = value
    return kept


def contact_extras(row: ContactRow) -> dict[str, Any]:
    kept: dict[str, Any] = dict(row.extras)
    if row.other_emails:
        kept["other_emails"] = list(row.other_emails)
    for name in ("mobile_phone", "region", "lifecycle", "owner_name"):
        value = getattr(row, name)
        if value:
            kept[name] = value
    return kept
