"""People, a product with words, and campaigns made of them."""

import itertools
from datetime import timedelta
from typing import Any

from crm.models import Company, Contact, Signal
from gtmos.context.models import Claim, Organisation, Product
from gtmos.context.services.messages import create_product, update_message_tree
from gtmos.kernel import clock
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.people.models import Role, User
from outreach.enums import TouchState
from outreach.models import (
    Campaign,
    ChannelAddress,
    Enrollment,
    Mailbox,
    Prospect,
    ResearchJob,
    Touch,
)
from outreach.selectors.messages import compose
from outreach.services.campaigns import approve_campaign, draft_campaign

numbers = itertools.count(1)


def a_user(role: Role = Role.ADMIN, **fields: Any) -> User:
    return User.objects.create_user(
        f"user{next(numbers)}@ours.example", name="Kary Hendrixson", role=role, **fields
    )


def an_actor(role: Role = Role.ADMIN) -> Actor:
    return Actor.of(a_user(role))


def an_organisation(**fields: Any) -> Organisation:
    values = {"name": "Northwind", "postal_address": "1 Example Street, Springfield", **fields}
    return Organisation.objects.update_or_create(pk=1, defaults=values)[0]


def a_mailbox(**fields: Any) -> Mailbox:
    values = {"address": f"kary{next(numbers)}@ours.example", "display_name": "Kary Hendrixson", **fields}
    return Mailbox.objects.create(**values)


def a_product(name: str = "Compass", **tree: Any) -> Product:
    product = create_product(name, actor=SYSTEM)
    words = {
        "headline": "Know whom to write to next",
        "value_props": ["Lists are graded from your own records", "Every score shows its parts"],
        "call_to_action": "Worth a brief call next week?",
    }
    update_message_tree(product, changes={**words, **tree}, actor=SYSTEM)
    return product


def a_claim(product: Product, text: str = "40 teams use it every day", **fields: Any) -> Claim:
    values = {"kind": Claim.Kind.USERS, "evidence_url": "https://ours.example/proof", **fields}
    return Claim.objects.create(tree=product.message_tree, text=text, **values)


def a_reader(**fields: Any) -> Contact:
    number = next(numbers)
    company = fields.pop("company", None) or Company.objects.create(
        name=f"Hadrius {number}", name_key=f"hadrius {number}", domain=f"hadrius{number}.example"
    )
    email = fields.pop("email", f"nat{number}@hadrius{number}.example")
    values = {
        "name": "Nathaniel Marshall",
        "first_name": "Nathaniel",
        "title": "CMO",
        "country": "US",
        **fields,
    }
    return Contact.objects.create(company=company, email=email, email_key=email, **values)


def a_signal(contact: Contact, **fields: Any) -> Signal:
    values = {
        "type": "hiring",
        "detail": "Growth lead",
        "source": "job board",
        "occurred_on": clock.now().date() - timedelta(days=5),
        **fields,
    }
    return Signal.objects.create(company=contact.company, **values)


def a_research(contacts: list[Contact], **fields: Any) -> ResearchJob:
    job = ResearchJob.objects.create(name="Fintech CMOs", **fields)
    for place, contact in enumerate(contacts):
        Prospect.objects.create(
            job=job, company=contact.company, contact=contact, priority_score=1 - place / (len(contacts) + 1)
        )
    return job


def a_campaign(people: int = 3, *, actor: Actor | None = None, **fields: Any) -> Campaign:
    """A draft that has everything it needs to be approved."""
    an_organisation()
    if not Mailbox.objects.exists():
        a_mailbox()
    product = fields.pop("product", None) or a_product()
    contacts = fields.pop("contacts", None) or [a_reader() for _ in range(people)]
    return draft_campaign(actor=actor or SYSTEM, contacts=contacts, product=product, **fields)


def an_approved_campaign(people: int = 3, **fields: Any) -> Campaign:
    return approve_campaign(a_campaign(people, **fields), actor=SYSTEM)


def running(campaign: Campaign) -> Campaign:
    """As the engine leaves it after the first mail."""
    Campaign.objects.filter(pk=campaign.pk).update(
        state="running", starts_at=clock.now() - timedelta(hours=1)
    )
    return Campaign.objects.get(pk=campaign.pk)


def a_touch(enrollment: Enrollment, *, step_no: int = 1, state: str = TouchState.SENT, **facts: Any) -> Touch:
    campaign, number = enrollment.campaign, next(numbers)
    step = campaign.steps.get(number=step_no)
    composed = compose(enrollment, step)
    address = ChannelAddress.objects.get_or_create(address_hmac=f"{enrollment.contact_id}")[0]
    now = clock.now()
    values = {
        "sent_at": now if state == TouchState.SENT else None,
        "due_at": now,
        "next_at": now,
        "mailbox": campaign.mailbox,
        **facts,
    }
    return Touch.objects.create(
        enrollment=enrollment,
        campaign=campaign,
        contact=enrollment.contact,
        step=step,
        step_no=step_no,
        variant=enrollment.variant,
        recipient=enrollment.contact.email,
        address=address,
        subject=composed.subject,
        body=composed.body,
        content_hash=composed.content_hash,
        approved_hash=campaign.approved_hash,
        token=f"token-{number}",
        message_id=f"<{number}@ours.example>",
        idempotency_key=f"key-{number}",
        state=state,
        **values,
    )
