"""Who sees which rows of the customer record. Every other selector starts here."""

from typing import TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet

from crm.models import Activity, Company, Contact, Deal, ImportBatch, Meeting, Objection, Signal, Task
from crm.selectors.mail import with_readable_mail
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import NotFoundError
from gtmos.kernel.records import visible_to

M = TypeVar("M", bound=Model)


def visible_companies(*, actor: Actor) -> QuerySet[Company]:
    return visible_to(actor, Company.objects.select_related("owner"))


def visible_contacts(*, actor: Actor) -> QuerySet[Contact]:
    return visible_to(actor, Contact.objects.select_related("owner", "company"))


def visible_deals(*, actor: Actor) -> QuerySet[Deal]:
    return visible_to(
        actor,
        Deal.objects.select_related(
            "owner", "company", "contact", "product", "stage", "stage__pipeline", "next_step_owner"
        ),
    )


def visible_activities(*, actor: Actor) -> QuerySet[Activity]:
    activities = Activity.objects.select_related("owner", "company", "contact", "deal")
    return with_readable_mail(visible_to(actor, activities), actor=actor)


def visible_tasks(*, actor: Actor) -> QuerySet[Task]:
    return visible_to(actor, Task.objects.select_related("owner", "company", "contact", "deal"))


def visible_meetings(*, actor: Actor) -> QuerySet[Meeting]:
    return visible_to(actor, Meeting.objects.select_related("owner", "company", "deal"))


def visible_objections(*, actor: Actor) -> QuerySet[Objection]:
    return visible_to(
        actor, Objection.objects.select_related("owner", "company", "contact", "deal", "activity")
    )


def visible_signals(*, actor: Actor) -> QuerySet[Signal]:
    return visible_to(actor, Signal.objects.select_related("company"), through="company__")


def visible_imports(*, actor: Actor) -> QuerySet[ImportBatch]:
    return visible_to(actor, ImportBatch.objects.select_related("owner", "move"))


def one(records: QuerySet[M], key: UUID | str) -> M:
    """The row with this key among those the actor may see; otherwise it does not exist."""
    found = records.filter(pk=key).first()
    if found is None:
        noun = records.model._meta.verbose_name
        raise NotFoundError(f"There is no such {noun}, or you may not see it.", code="not_found")
    return found


def get_company(key: UUID | str, *, actor: Actor) -> Company:
    return one(visible_companies(actor=actor), key)


def get_contact(key: UUID | str, *, actor: Actor) -> Contact:
    return one(visible_contacts(actor=actor), key)


def get_deal(key: UUID | str, *, actor: Actor) -> Deal:
    return one(visible_deals(actor=actor), key)


def get_activity(key: UUID | str, *, actor: Actor) -> Activity:
    return one(visible_activities(actor=actor), key)


def get_task(key: UUID | str, *, actor: Actor) -> Task:
    return one(visible_tasks(actor=actor), key)


def get_meeting(key: UUID | str, *, actor: Actor) -> Meeting:
    return one(visible_meetings(actor=actor), key)


def get_objection(key: UUID | str, *, actor: Actor) -> Objection:
    return one(visible_objections(actor=actor), key)


def get_import(key: UUID | str, *, actor: Actor) -> ImportBatch:
    return one(visible_imports(actor=actor), key)
