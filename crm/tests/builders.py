"""Companies, people and deals that tests start from, made through the product's own verbs."""

from datetime import timedelta
from io import BytesIO
from typing import Any

from crm.models import Company, Contact, Deal, Document, Meeting, Task
from crm.services.companies import create_company
from crm.services.contacts import create_contact
from crm.services.deals import create_deal
from crm.services.documents import attach_document
from crm.services.meetings import plan_meeting
from crm.services.pipelines import ensure_default_pipeline
from crm.services.tasks import create_task
from gtmos.kernel import clock
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.tests.builders import serial


def a_company(*, actor: Actor = SYSTEM, name: str = "", **fields: Any) -> Company:
    label = name or serial("Company")
    domain = f"{label.lower().replace(' ', '-')}.example"
    return create_company(label, actor=actor, **{"domain": domain, **fields})


def a_contact(
    *, actor: Actor = SYSTEM, name: str = "", company: Company | None = None, **fields: Any
) -> Contact:
    label = name or serial("Person")
    email = fields.pop("email", f"{label.lower().replace(' ', '.')}@people.example")
    home = company or a_company(actor=actor)
    return create_contact(
        actor=actor,
        name=label,
        first_name=label.split()[0],
        company=home,
        email=email,
        **{"email_status": "verified", "consent_basis": "legitimate_interest", **fields},
    )


def a_deal(*, actor: Actor = SYSTEM, company: Company | None = None, **fields: Any) -> Deal:
    ensure_default_pipeline(actor=SYSTEM)
    return create_deal(
        name=fields.pop("name", serial("Deal")),
        company=company or a_company(actor=actor),
        actor=actor,
        **fields,
    )


def a_task(*, actor: Actor = SYSTEM, **fields: Any) -> Task:
    return create_task(title=fields.pop("title", serial("Task")), actor=actor, **fields)


def a_meeting(*, actor: Actor = SYSTEM, **fields: Any) -> Meeting:
    start = fields.pop("starts_at", clock.now() - timedelta(hours=1))
    end = fields.pop("ends_at", start + timedelta(minutes=30))
    title = fields.pop("title", serial("Meeting"))
    return plan_meeting(title=title, starts_at=start, ends_at=end, actor=actor, **fields)


def a_document(
    actor: Actor = SYSTEM, *, name: str = "Plan.txt", text: str = "Our plan", company: Company | None = None
) -> Document:
    home = company or a_company(actor=actor)
    return attach_document("company", home.pk, name=name, content=BytesIO(text.encode()), actor=actor)
