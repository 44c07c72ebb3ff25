"""What can be done to a target list."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from crm.events import TargetListChanged
from crm.models import Company, TargetAccount, TargetList
from crm.services.changing import apply_changes, check, locked, refuse_unknown
from gtmos.kernel import events, history
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError, InvalidInputError
from gtmos.kernel.permissions import require

EDITABLE = frozenset({"name", "plan", "marketing_owner", "sales_owner", "goal_on"})
MOST_ACCOUNTS = 10_000
NAMED = 5


@transaction.atomic
def create_target_list(name: str, *, actor: Actor, **fields: Any) -> TargetList:
    require(actor, "crm.create_target_list")
    refuse_unknown(TargetList(), fields, EDITABLE)
    target = TargetList(name=name.strip(), **fields)
    _refuse_wrong(target, fields)
    check(target, ["name", *fields])
    target.save(force_insert=True)
    history.record_creation(target, actor=actor)
    _tell(target, actor=actor)
    return target


@transaction.atomic
def update_target_list(target: TargetList, *, changes: dict[str, Any], actor: Actor) -> TargetList:
    require(actor, "crm.edit_target_list", target)
    target = locked(target)
    if "name" in changes:
        changes = {**changes, "name": str(changes["name"]).strip()}
    _refuse_wrong(TargetList(pk=target.pk, name=changes.get("name", target.name)), changes)
    if apply_changes(target, changes, allowed=EDITABLE, actor=actor, category="TARGET_LIST"):
        _tell(target, actor=actor)
    return target


@transaction.atomic
def delete_target_list(target: TargetList, *, actor: Actor) -> None:
    """The list goes; its companies stay as they are."""
    require(actor, "crm.edit_target_list", target)
    target = locked(target)
    before, after = {"name": target.name}, {"name": None}
    history.record(target, before=before, after=after, actor=actor, category="TARGET_LIST")
    _tell(target, actor=actor)
    target.delete()


@transaction.atomic
def add_to_list(target: TargetList, companies: QuerySet[Company], *, actor: Actor) -> int:
    """Those that are on it already stay. `companies` are of what the actor may see. Returns how many came."""
    require(actor, "crm.edit_target_list", target)
    target = locked(target)
    known = TargetAccount.objects.filter(target_list=target)
    found = companies.exclude(pk__in=known.values("company")).order_by()
    new = list(found.values_list("pk", "name")[: MOST_ACCOUNTS + 1])
    many = known.count()
    if many + len(new) > MOST_ACCOUNTS:
        raise DomainError(
            f"A list holds at most {MOST_ACCOUNTS:,} companies. Narrow what you add.",
            code="too_many_companies",
        )
    TargetAccount.objects.bulk_create(
        [TargetAccount(target_list=target, company_id=key) for key, _ in new], ignore_conflicts=True
    )
    _note(target, many, many + len(new), "Added", [name for _, name in new], actor)
    return len(new)


@transaction.atomic
def remove_from_list(target: TargetList, companies: QuerySet[Company], *, actor: Actor) -> int:
    require(actor, "crm.edit_target_list", target)
    target = locked(target)
    accounts = TargetAccount.objects.filter(target_list=target)
    many = accounts.count()
    gone = accounts.filter(company__in=companies.order_by().values("pk"))
    names = list(gone.order_by("created_at").values_list("company__name", flat=True))
    gone.delete()
    _note(target, many, many - len(names), "Removed", names, actor)
    return len(names)


def _refuse_wrong(target: TargetList, fields: dict[str, Any]) -> None:
    if not target.name:
        raise InvalidInputError("A target list needs a name.", code="name_missing")
    if TargetList.objects.filter(name=target.name).exclude(pk=target.pk).exists():
        raise DomainError(f"There is a target list {target.name} already.", code="name_taken")
    for name in ("marketing_owner", "sales_owner"):
        person = fields.get(name)
        if person is not None and not person.is_active:
            raise InvalidInputError(f"{person} does not work here any more.", code="inactive_user")


def _note(target: TargetList, before: int, after: int, word: str, names: Iterable[str], actor: Actor) -> None:
    said = list(names)
    listed = ", ".join(said[:NAMED]) + (f" and {len(said) - NAMED:,} more" if len(said) > NAMED else "")
    noted = history.record(
        target,
        before={"companies": before},
        after={"companies": after},
        actor=actor,
        category="TARGET_LIST",
        summary=f"{word} {listed}",
    )
    if noted:
        _tell(target, actor=actor)


def _tell(target: TargetList, *, actor: Actor) -> None:
    events.publish(TargetListChanged(target_list_id=target.pk), subject=target, actor=actor)
