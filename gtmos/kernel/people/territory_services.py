"""The tree of territories and who works in them."""

from typing import Any

from django.db import transaction

from gtmos.kernel import history
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError, InvalidInputError
from gtmos.kernel.people.access_models import Territory, TerritoryMember
from gtmos.kernel.people.models import User
from gtmos.kernel.permissions import require
from gtmos.kernel.pictures import configuration_changed
from gtmos.kernel.records import save_changes

CHANGEABLE = frozenset({"name", "parent", "owner", "team", "conditions", "priority"})
LISTS = ("countries", "regions", "industries", "domains")
NUMBERS = ("employees_from", "employees_to")


@transaction.atomic
def create_territory(name: str, *, actor: Actor, **fields: Any) -> Territory:
    require(actor, "kernel.configure_territories")
    territory = Territory(name=name.strip())
    _fill(territory, fields)
    territory.save(force_insert=True)
    configuration_changed()
    history.record_creation(territory, actor=actor)
    return territory


@transaction.atomic
def change_territory(territory: Territory, *, changes: dict[str, Any], actor: Actor) -> Territory:
    """No company moves by this; that is a step of its own, with a preview."""
    require(actor, "kernel.configure_territories")
    tree = {each.pk: each for each in Territory.objects.select_for_update().order_by("pk")}
    territory = tree[territory.pk]
    before = history.changed_values(territory, changes)
    _fill(territory, changes)
    _refuse_circle(territory, tree)
    after = history.changed_values(territory, changes)
    if history.record(territory, before=before, after=after, actor=actor, category="TERRITORY"):
        save_changes(territory, *changes)
        configuration_changed()
    return territory


@transaction.atomic
def delete_territory(territory: Territory, *, actor: Actor) -> None:
    """Its companies stand in none afterwards; one with others below it stays."""
    require(actor, "kernel.configure_territories")
    if territory.children.exists():
        raise DomainError(f"There are territories below {territory}. Move them first.", code="has_children")
    history.record(
        territory, before={"name": territory.name}, after={"name": None}, actor=actor, category="TERRITORY"
    )
    territory.delete()
    configuration_changed()


@transaction.atomic
def add_territory_member(
    territory: Territory, user: User, *, actor: Actor, is_manager: bool = False
) -> TerritoryMember:
    """From the next request on this person sees what is in it; a manager also what is below."""
    require(actor, "kernel.configure_territories")
    member, is_new = TerritoryMember.objects.get_or_create(
        territory=territory, user=user, defaults={"is_manager": is_manager}
    )
    before = None if is_new else ("manager" if member.is_manager else "member")
    if member.is_manager != is_manager:
        member.is_manager = is_manager
        save_changes(member, "is_manager")
    after = "manager" if is_manager else "member"
    _note(territory, user, before=before, after=after, actor=actor)
    return member


@transaction.atomic
def remove_territory_member(member: TerritoryMember, *, actor: Actor) -> None:
    require(actor, "kernel.configure_territories")
    was = "manager" if member.is_manager else "member"
    _note(member.territory, member.user, before=was, after=None, actor=actor)
    member.delete()


def _note(territory: Territory, user: User, *, before: str | None, after: str | None, actor: Actor) -> None:
    history.record(
        territory,
        before={"member": before},
        after={"member": after},
        actor=actor,
        category="TERRITORY",
        summary=f"{user} is {after} of {territory}" if after else f"{user} left {territory}",
    )


def _fill(territory: Territory, values: dict[str, Any]) -> None:
    unknown = sorted(set(values) - CHANGEABLE)
    if unknown:
        raise InvalidInputError(f"A territory has no {', '.join(unknown)}.", code="unknown_field")
    for name, value in values.items():
        setattr(territory, name, value)
    same = Territory.objects.filter(name=territory.name).exclude(pk=territory.pk)
    if not territory.name.strip() or same.exists():
        raise InvalidInputError("A territory needs a name of its own.", code="name_taken")
    check_conditions(territory.conditions)


def check_conditions(conditions: Any) -> None:
    """Lists of words and numbers of people; anything else would be a rule that nobody notices does nothing."""
    if not isinstance(conditions, dict):
        raise InvalidInputError("Write the rules as an object.", code="bad_conditions")
    unknown = sorted(set(conditions) - {*LISTS, *NUMBERS})
    if unknown:
        raise InvalidInputError(
            f"There is no rule {', '.join(unknown)}; there are {', '.join((*LISTS, *NUMBERS))}.",
            code="unknown_condition",
        )
    for name in LISTS:
        given = conditions.get(name, [])
        if not isinstance(given, list) or not all(isinstance(each, str) and each.strip() for each in given):
            raise InvalidInputError(f"Write {name} as a list of words.", code="bad_conditions")
    for name in NUMBERS:
        number = conditions.get(name, 0)
        if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number < 2**31:
            raise InvalidInputError(f"Write {name.replace('_', ' ')} as a number.", code="bad_conditions")
    if conditions.get(NUMBERS[0], 0) > conditions.get(NUMBERS[1], 2**31):
        raise InvalidInputError("No company has at least more people than at most.", code="bad_conditions")


def _refuse_circle(territory: Territory, tree: dict[Any, Territory]) -> None:
    above, steps = territory.parent_id, 0
    while above is not None and steps <= len(tree):
        if above == territory.pk:
            raise DomainError(f"{territory} cannot stand below itself.", code="territory_circle")
        above, steps = tree[above].parent_id, steps + 1
