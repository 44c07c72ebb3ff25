"""People, campaigns and due touches by the thousand, for measuring and breaking the sending of them."""

import secrets
import uuid
from datetime import datetime, time, timedelta

from crm.models import Company, Contact
from gtmos.context.models import Organisation
from gtmos.kernel import clock
from outreach.enums import CampaignState, TouchState
from outreach.models import Campaign, Enrollment, Mailbox, Step, Touch
from outreach.services.approvals import stamp_content
from outreach.services.suppression import addresses_for

ALWAYS = {"window_start": time(0), "window_end": time(23, 59, 59, 999999), "sends_on_weekends": True}


def a_mailbox(**fields) -> Mailbox:
    label = uuid.uuid4().hex[:8]
    values = {
        "address": f"{label}@ours.example",
        "display_name": "Ann Sender",
        "daily_cap": 1_000_000,
        **ALWAYS,
        **fields,
    }
    return Mailbox.objects.create(**values)


def a_running_campaign(
    people: int,
    *,
    steps: int = 1,
    state: str = CampaignState.RUNNING,
    mailbox: Mailbox | None = None,
    starts_at: datetime | None = None,
    subject: str = "A thought for {FirstName}",
    body: str = "Hello {FirstName},\n\nthis is about {Company}. See https://ours.example/more.\n\nAnn",
    **contact_fields,
) -> Campaign:
    """An approved campaign with so many people in it; its touches are not planned yet."""
    Organisation.objects.get_or_create(
        id=1, defaults={"name": "Ours Ltd", "postal_address": "1 Example Street", "time_zone": "UTC"}
    )
    label = uuid.uuid4().hex[:8]
    campaign = Campaign.objects.create(
        name=f"Campaign {label}",
        state=state,
        mailbox=mailbox or a_mailbox(),
        approved_hash="a" * 64,
        approved_at=clock.now(),
        starts_at=starts_at or clock.now() - timedelta(days=10),
    )
    Step.objects.bulk_create(
        Step(campaign=campaign, number=number, offset_days=(number - 1) * 3, subject=subject, body=body)
        for number in range(1, steps + 1)
    )
    contacts = _contacts(people, label, contact_fields)
    Enrollment.objects.bulk_create(
        Enrollment(campaign=campaign, contact=contact, position=position)
        for position, contact in enumerate(contacts)
    )
    stamp_content(campaign)
    return campaign


def _contacts(people: int, label: str, fields) -> list[Contact]:
    company = Company.objects.create(name=f"Company {label}", name_key=f"company {label}")
    return Contact.objects.bulk_create(
        Contact(
            **{
                "company": company,
                "name": f"Person{number} {label}",
                "first_name": f"Person{number}",
                "email": f"p{number}.{label}@people.example",
                "email_key": f"p{number}.{label}@people.example",
                "time_zone": "UTC",
                **fields,
            }
        )
        for number in range(people)
    )


def due_touches(people: int, **fields) -> Campaign:
    """A running campaign whose touches are all due now, made without the planner, a thousand at a time."""
    campaign = a_running_campaign(people, **fields)
    now = clock.now() - timedelta(minutes=1)
    step = campaign.steps.get(number=1)
    enrollments = list(campaign.enrollments.select_related("contact"))
    addresses = addresses_for([each.contact.email for each in enrollments])
    Touch.objects.bulk_create(
        (_touch(campaign, step, each, addresses[each.contact.email], now) for each in enrollments), 1000
    )
    return campaign


def _touch(campaign, step, enrollment, address, now) -> Touch:
    contact = enrollment.contact
    return Touch(
        enrollment=enrollment,
        campaign=campaign,
        contact=contact,
        step=step,
        step_no=1,
        mailbox=campaign.mailbox,
        recipient=contact.email,
        address=address,
        subject=f"A thought for {contact.first_name}",
        body=f"Hello {contact.first_name},\n\nsee https://ours.example/more.\n\nAnn",
        content_hash="b" * 64,
        approved_hash=campaign.approved_hash,
        token=secrets.token_urlsafe(32),
        message_id=f"<{uuid.uuid4().hex}@ours.example>",
        idempotency_key=uuid.uuid4().hex,
        due_at=now,
        next_at=now,
        state=TouchState.SCHEDULED,
    )
