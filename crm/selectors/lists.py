"""Filtered lists of the customer record, as the pages and the API show them."""

from typing import TypeVar

from django.db.models import Case, Count, Model, Q, QuerySet, Value, When

from crm.enums import CustomerState, DealState
from crm.models import Company, Contact, Deal, Task
from crm.selectors.visibility import visible_companies, visible_contacts, visible_deals, visible_tasks
from gtmos.kernel import clock
from gtmos.kernel.actors import Actor
from gtmos.kernel.search.kinds import kinds, open_to
from gtmos.kernel.search.matching import matching

M = TypeVar("M", bound=Model)


def companies_matching(text: str, *, state: str = "", actor: Actor) -> QuerySet[Company]:
    companies = visible_companies(actor=actor).defer("search", "description", "custom")
    if state in CustomerState.values:
        companies = companies.filter(customer_state=state)
    return _searched("company", companies, text, actor)


def contacts_matching(text: str, *, actor: Actor) -> QuerySet[Contact]:
    contacts = visible_contacts(actor=actor).defer("custom", "company__search", "company__description")
    return _searched("contact", contacts, text, actor)


def deals_matching(text: str, *, state: str = "", actor: Actor) -> QuerySet[Deal]:
    deals = visible_deals(actor=actor).defer("search", "company__search", "company__description")
    if state in DealState.values:
        deals = deals.filter(deal_state=state)
    return _searched("deal", deals, text, actor)


def _searched(name: str, records: QuerySet[M], text: str, actor: Actor) -> QuerySet[M]:
    """What this reader must not see is not searched for them: a hit would confirm it."""
    kind = open_to(kinds()[name], actor)
    return matching(records, text, names=kind.names, inside=kind.inside, document=kind.document)


def with_next_step(deals: QuerySet[Deal]) -> QuerySet[Deal]:
    """`has_next_step` beside each: somebody wrote down what comes next."""
    named = Case(When(~Q(next_step=""), then=Value(value=True)), default=Value(value=False))
    return deals.annotate(has_next_step=named)


def open_deals(*, actor: Actor) -> QuerySet[Deal]:
    return deals_matching("", actor=actor).filter(deal_state="open")


def tasks_in(which: str, *, text: str = "", actor: Actor) -> QuerySet[Task]:
    """`mine`, `overdue`, `done`, `all` (open ones of everybody the actor sees), or every one; of those with the words."""
    tasks = visible_tasks(actor=actor).defer("company__search", "company__description")
    tasks = _searched("task", tasks, text, actor)
    if which == "done":
        return tasks.filter(done_at__isnull=False).order_by("-done_at")
    if not which:
        return tasks
    tasks = tasks.filter(done_at__isnull=True)
    if which == "overdue":
        tasks = tasks.filter(due_at__lt=clock.now())
    if which == "mine" and actor.user is not None:
        tasks = tasks.filter(owner=actor.user)
    return tasks


def task_counts(*, actor: Actor) -> dict[str, int]:
    tasks = visible_tasks(actor=actor).select_related(None)
    return tasks.aggregate(
        mine=Count("pk", filter=Q(done_at__isnull=True, owner=actor.user)),
        overdue=Count("pk", filter=Q(done_at__isnull=True, due_at__lt=clock.now())),
        all=Count("pk", filter=Q(done_at__isnull=True)),
        done=Count("pk", filter=Q(done_at__isnull=False)),
    )
