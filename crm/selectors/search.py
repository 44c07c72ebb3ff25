"""What of the customer record can be found, and how a hit is shown."""

from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from crm.intake.documents.kinds import TITLES
from crm.models import Activity, Company, Contact, Deal, Document, Task
from crm.selectors.documents import visible_documents
from crm.selectors.mail import readable
from crm.selectors.visibility import (
    visible_activities,
    visible_companies,
    visible_contacts,
    visible_deals,
    visible_tasks,
)
from gtmos.kernel.actors import Actor
from gtmos.kernel.search.kinds import Kind, Shown, register

COMPANY_NAMES = ("name__lower", "domain")
CONTACT_NAMES = ("name__lower", "last_name__lower", "email_key")
DEAL_NAMES = ("name__lower",)


def _account(company: Company | None) -> tuple[str, str] | None:
    return (str(company.pk), company.name) if company else None


def _words(*parts: object) -> str:
    return ", ".join(str(part) for part in parts if part)


def _company(row: Company) -> Shown:
    return Shown(row.name, _words(row.industry_vertical, row.city), ("company", str(row.pk)), _account(row))


def _contact(row: Contact) -> Shown:
    return Shown(str(row), _words(row.title, row.company), ("contact", str(row.pk)), _account(row.company))


def _deal(row: Deal) -> Shown:
    detail = f"{row.stage}, {row.company or 'no company'}"
    return Shown(row.name, detail, ("deal", str(row.pk)), _account(row.company))


def _readable_activities(*, actor: Actor) -> QuerySet[Activity]:
    """What cannot be read is not found by its words either."""
    return visible_activities(actor=actor).filter(readable(actor))


def _activity(row: Activity) -> Shown:
    detail = _words(
        row.get_type_display().capitalize(), row.contact, f"{timezone.localtime(row.happened_at):%-d %b %Y}"
    )
    name = row.company.name if row.company else row.subject
    return Shown(name, detail, _page(row) or ("activity", str(row.pk)), _account(row.company))


def _task(row: Task) -> Shown:
    detail = _words("Done" if row.done_at else "To do", row.company)
    return Shown(row.title, detail, ("task", str(row.pk)), _account(row.company))


def _readable_documents(*, actor: Actor) -> QuerySet[Document]:
    return visible_documents(actor=actor).defer(None)


def _document(row: Document) -> Shown:
    detail = _words(TITLES.get(row.media_type, "File"), f"{timezone.localtime(row.created_at):%-d %b %Y}")
    return Shown(row.name, detail, ("document", str(row.pk)))


def _page(row: Any) -> tuple[str, str] | None:
    """The account's page tells what happened; without an account the person's or the deal's does."""
    pairs = (("company", row.company_id), ("contact", row.contact_id), ("deal", row.deal_id))
    return next(((noun, str(key)) for noun, key in pairs if key), None)


register(
    Kind(
        name="company",
        title="Companies",
        visible=visible_companies,
        show=_company,
        names=COMPANY_NAMES,
        letters=("name", "domain", "industry_vertical", "sub_industry", "tags", "city", "description"),
        inside="search_text",
        document="search",
        prose=("description",),
        has_prose=~Q(description=""),
    )
)
register(
    Kind(
        name="contact",
        title="Contacts",
        visible=visible_contacts,
        show=_contact,
        names=CONTACT_NAMES,
        letters=("name", "first_name", "last_name", "email", "title"),
        inside="search_text",
    )
)
register(
    Kind(
        name="deal",
        title="Deals",
        visible=visible_deals,
        show=_deal,
        names=DEAL_NAMES,
        letters=("name", "company"),
        inside="search_text",
        document="search",
    )
)
register(
    Kind(
        name="activity",
        title="Notes, calls and mails",
        visible=_readable_activities,
        show=_activity,
        names=("subject__lower",),
        prose=("subject", "body"),
    )
)
register(
    Kind(
        name="task",
        title="Tasks",
        visible=visible_tasks,
        show=_task,
        names=("title__lower",),
        prose=("title", "note"),
    )
)
register(
    Kind(
        name="document",
        title="Documents",
        visible=_readable_documents,
        show=_document,
        names=("name__lower",),
        prose=("name", "words"),
    )
)
