"""Taking back what was just made: only while nobody has worked on it since."""

from django.db import models, transaction
from django.db.models import F
from django.utils import timezone

from crm.enums import CustomerState, StageKind
from crm.events import CustomerStateChanged
from crm.models import Company, Contact, Deal, Task
from crm.services.changing import locked
from crm.services.deals import delete_deal
from crm.services.restoring import MovedOnError, still_holds
from crm.services.tasks import delete_task
from gtmos.kernel import events, history, live, wording
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.history.models import Change
from gtmos.kernel.permissions import require

# What a deal made of its company, and the other deals that keep it so.
HELD_BY = {CustomerState.BUYING: StageKind.OPEN, CustomerState.USING: StageKind.WON}


@transaction.atomic
def take_back_deal(deal: Deal, *, version: int, actor: Actor) -> None:
    """Delete a deal as it was at `version`; refused when it was changed since, or something was noted on it."""
    require(actor, "crm.delete_deal", deal)
    deal = locked(deal)
    refuse_changed(deal, version=version)
    refuse_used(deal)
    delete_deal(deal, actor=actor)


@transaction.atomic
def take_back_task(task: Task, *, version: int, actor: Actor) -> None:
    require(actor, "crm.edit_task", task)
    task = locked(task)
    refuse_changed(task, version=version)
    delete_task(task, actor=actor)


@transaction.atomic
def put_state_back(company: Company, *, was: str, became: str, actor: Actor) -> str:
    """The state a company had before one deal changed it; it stays where somebody, or another deal, holds it there.

    What became of it is said in words, for whom the state is one thing of several. See `return_state`.
    """
    require(actor, "crm.edit_company", company)
    company = locked(company)
    if why := _held_in(company, became):
        return why
    _correct_state(company, was=was, became=became, actor=actor)
    return f"{company} is {company.get_customer_state_display()} again."


@transaction.atomic
def return_state(company: Company, *, was: str, became: str, actor: Actor) -> None:
    """Likewise, refused where it stays."""
    require(actor, "crm.edit_company", company)
    company = locked(company)
    if why := _held_in(company, became):
        raise DomainError(why, code="changed_since")
    _correct_state(company, was=was, became=became, actor=actor)


def _held_in(company: Company, became: str) -> str:
    """Why it stays what it is, or nothing."""
    if company.customer_state != became:
        return f"{company} is {company.get_customer_state_display()} by now and stays so."
    kind = HELD_BY.get(CustomerState(became))
    if Deal.objects.filter(company=company, stage__kind=kind).exists():
        return f"{company} stays {company.get_customer_state_display()}: another deal holds it there."
    return ""


def _correct_state(company: Company, *, was: str, became: str, actor: Actor) -> None:
    """A correction is no step of the lifecycle, so none of its transitions fits."""
    Company.objects.filter(pk=company.pk).update(
        customer_state=was, version=F("version") + 1, updated_at=timezone.now()
    )
    company.refresh_from_db()
    before, after = {"customer_state": became}, {"customer_state": was}
    history.record(company, before=before, after=after, actor=actor, category="CUSTOMER_STATE")
    changed = CustomerStateChanged(company_id=company.pk, before=became, after=was)
    events.publish(changed, subject=company, actor=actor)
    live.push(f"company:{company.pk}")


def refuse_changed(record: Company | Contact | Deal | Task, *, version: int) -> None:
    """Changes that were taken back themselves leave nothing that could be lost."""
    if record.version == version:
        return
    since = list(history.of_record(record).filter(version__gt=version).order_by("timestamp", "id"))
    if since and not any(_lasting(record, since)):
        return
    raise MovedOnError(record, _told(since))


def refuse_used(record: models.Model) -> None:
    """What refers to the record would go with it, or lose it."""
    found = [words for relation in _pointing(record) if (words := _counted(relation, record))]
    if found:
        raise MovedOnError(record, f"It has {' and '.join(found)} by now")


def _lasting(record: models.Model, since: list[Change]) -> list[str]:
    first: dict[str, object] = {}
    for change in since:
        for name in change.changed_fields:
            first.setdefault(name, change.previous_values.get(name))
    return [name for name, value in first.items() if not still_holds(record, name, value)]


def _told(since: list[Change]) -> str:
    if not since:
        return "It was changed since"
    names = " and ".join(dict.fromkeys(change.user_name for change in since))
    return f"{names} changed it since: {since[-1].summary}"


def _pointing(record: models.Model) -> list[models.ForeignObjectRel]:
    """Every column of another table that points here, also those without a name on this side."""
    fields = record._meta.get_fields(include_hidden=True)
    return [field for field in fields if isinstance(field, models.ForeignObjectRel)]


def _counted(relation: models.ForeignObjectRel, record: models.Model) -> str:
    field = relation.field
    rows = field.model._default_manager.filter(**{field.name: record})
    count = rows.count()
    if not count:
        return ""
    meta = field.model._meta
    writer = getattr(rows.order_by("-pk").first(), "owner", None)
    by = f" of {writer}" if writer else ""
    return f"{wording.plural(count, str(meta.verbose_name), str(meta.verbose_name_plural))}{by}"
