"""Every field a column may fill, with the kind of value it takes."""

from crm.intake.rows import CompanyRow, ContactRow, DealRow, SignalCells

# Kinds that fill several fields at once, and which ones.
SPREADS = {
    "country": ("country", "country_code"),
    "place": ("city", "region", "country", "country_code"),
    "places": ("city", "region", "country", "country_code", "locations"),
    "owner": ("owner_name", "owner_email"),
    "emails": ("email", "email_key", "other_emails"),
    "linkedin": ("linkedin_url", "linkedin_key"),
    "revenue": ("revenue_amount", "revenue_currency"),
    "last_funding": ("last_funding_amount", "last_funding_currency"),
    "total_funding": ("total_funding_amount", "total_funding_currency"),
    "total_funding_millions": ("total_funding_amount", "total_funding_currency"),
    "amount": ("amount", "currency"),
    "keys": ("contact_external_id", "further_contact_keys"),
    "people": ("contact_email", "further_contact_emails"),
}

COMPANY = {
    "external_id": "text:120", "name": "text:255", "former_names": "words", "domain": "domain",
    "website_url": "text:500", "linkedin_url": "text:300", "description": "long", "industry": "industry",
    "sub_industry": "sub_industry", "tags": "words", "technologies": "words", "address": "long", "city": "text:120",
    "region": "text:120", "country": "country", "postal_code": "text:20", "place": "places",
    "postal_address": "postal", "phone": "phone",
    "employees": "count", "founded_year": "year", "revenue": "revenue", "revenue_currency": "currency",
    "funding_stage": "funding_stage", "funded_on": "date", "last_funding": "last_funding",
    "total_funding": "total_funding", "total_funding_millions": "total_funding_millions", "parent_name": "text:255",
    "parent_external_id": "text:120", "owner": "owner", "lifecycle": "text:40", "dated_on": "date",
}  # fmt: skip
CONTACT = {
    "external_id": "text:120", "first_name": "text:120", "last_name": "text:160", "full_name": "text:255",
    "email": "emails", "other_emails": "more_emails", "email_status": "email_status", "is_bounced": "bounced",
    "phone": "phone", "mobile_phone": "phone", "title": "text:255", "department": "department",
    "seniority": "seniority", "influence_role": "role", "linkedin": "linkedin", "city": "text:120",
    "region": "text:120", "country": "country", "place": "place", "timezone": "text:64", "language": "text:12",
    "do_not_email": "flag", "do_not_call": "flag", "opted_out_at": "moment", "consent_basis": "text:60",
    "consent_source": "text:120", "consent_on": "date",
    "source": "text:120", "owner": "owner", "lifecycle": "text:40", "created_at": "moment",
    "last_contacted_at": "moment", "dated_on": "date",
}  # fmt: skip
DEAL = {
    "external_id": "text:120", "name": "text:255", "amount": "amount", "currency": "currency",
    "stage_name": "text:120", "status": "text:40", "is_closed": "flag", "is_won": "flag", "pipeline": "text:120",
    "product": "text:160", "probability": "share", "created_on": "date", "expected_on": "date", "closed_on": "date",
    "lost_reason": "text:300", "next_step": "text:300", "source": "text:120", "contact_external_id": "keys",
    "contact_name": "text:255", "contact_email": "people", "owner": "owner", "dated_on": "date",
}  # fmt: skip
SIGNAL = {
    "type": "signal_type", "detail": "text:300", "url": "text:500", "source": "text:160", "occurred_on": "date",
    "is_hiring": "flag", "open_roles": "count", "laid_off_count": "count", "laid_off_share": "share",
}  # fmt: skip
LINE = {"deleted": "flag", "ignored": "long"}

FIELDS = {"company": COMPANY, "contact": CONTACT, "deal": DEAL, "signal": SIGNAL, "line": LINE}
ROW_TYPES: dict[str, type[CompanyRow] | type[ContactRow] | type[DealRow] | type[SignalCells]] = {
    "company": CompanyRow,
    "contact": ContactRow,
    "deal": DealRow,
    "signal": SignalCells,
}


CUSTOM = ".custom."


def is_custom(target: str) -> bool:
    """`company.custom.arr_band`: a field that RevOps added; its type reads the cell when the line is staged."""
    return CUSTOM in target


def value_kind(target: str) -> str:
    """The kind of value `company.city` takes; raises KeyError for a field that does not exist."""
    entity, _, field = target.partition(".")
    return FIELDS[entity][field]


def filled_fields(target: str) -> tuple[str, ...]:
    """The attributes of the row that a target fills."""
    entity, _, field = target.partition(".")
    kind = FIELDS[entity][field]
    if kind == "postal":
        return ("address", *SPREADS["place"])
    if kind in SPREADS:
        return SPREADS[kind]
    return {"is_bounced": ("email_status",)}.get(field, (field,))


def all_targets() -> tuple[str, ...]:
    """Every target a person may choose for a column."""
    return tuple(f"{entity}.{field}" for entity, fields in FIELDS.items() for field in fields)
