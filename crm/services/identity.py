"""The derived columns by which records are found: keys for duplicates, text for search."""

from typing import Any

from crm.intake.faults import BadCellError
from crm.intake.keys import domain_key, email_key, linkedin_key, name_key
from crm.intake.places import city_key
from crm.models import Company, Contact, Deal
from gtmos.kernel.exceptions import InvalidInputError
from gtmos.kernel.fields.values import words_of


def fill_company_keys(company: Company) -> list[str]:
    """Set the derived columns; returns their names, to be saved with the rest."""
    company.domain = domain_key(company.domain or company.website_url)
    company.name_key = name_key(company.name)
    company.city_key = city_key(company.city)
    words: list[Any] = [
        company.name,
        company.domain,
        company.industry_vertical,
        company.sub_industry,
        *company.tags,
        company.city,
        company.description[:400],
        *words_of("company", company.custom),
    ]
    company.search_text = " ".join(str(word) for word in words if word)
    return ["domain", "name_key", "city_key", "search_text"]


def fill_contact_keys(contact: Contact) -> list[str]:
    contact.name = contact.name or f"{contact.first_name} {contact.last_name}".strip()
    contact.email_key = _email_key(contact.email)
    contact.linkedin_key = linkedin_key(contact.linkedin_url)
    words = [contact.name, contact.email, contact.title, *words_of("contact", contact.custom)]
    contact.search_text = " ".join(word for word in words if word)
    return ["name", "email_key", "linkedin_key", "search_text"]


def _email_key(address: str) -> str:
    try:
        return email_key(address) if address else ""
    except BadCellError as error:
        raise InvalidInputError(str(error), code="bad_email") from error


def fill_deal_text(deal: Deal) -> list[str]:
    deal.search_text = " ".join(
        filter(None, [deal.name, deal.company.name if deal.company else "", *words_of("deal", deal.custom)])
    )
    return ["search_text"]
