"""When somebody may be written to: the hours of the mailbox, the reader's country, and our own closed days."""

from datetime import date, timedelta

from django.db.models import QuerySet

from crm.models import Contact
from gtmos.kernel import clock
from outreach.models import ClosedDay, Mailbox
from outreach.timing.windows import Window


def closed_days() -> frozenset[date]:
    return frozenset(ClosedDay.objects.values_list("day", flat=True))


def closed_from_today() -> QuerySet[ClosedDay]:
    """With the day before by UTC: there are readers whose day has not ended."""
    return ClosedDay.objects.filter(day__gte=first_open_to_change())


def first_open_to_change() -> date:
    """The earliest day that is not over everywhere."""
    return (clock.now() - timedelta(hours=12)).date()


def country_of(contact: Contact) -> str:
    """The person's own country, else that of the company; two letters, or empty."""
    company = contact.company
    return (contact.country or (company.country_hq if company else "") or "").upper()


def window_of(mailbox: Mailbox, contact: Contact, closed: frozenset[date]) -> Window:
    return Window(
        mailbox.window_start,
        mailbox.window_end,
        weekends=mailbox.sends_on_weekends,
        country=country_of(contact),
        closed=closed,
    )
