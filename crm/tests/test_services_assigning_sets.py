"""Many records are given away as each by itself would be: the same people, and the same words in history."""

import random
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from crm.models import Company, Contact, RoutingTurn
from crm.services.assigning import OWNED, assign
from crm.services.assigning_sets import route_made
from crm.services.contacts import create_contact
from crm.tests.builders import a_company
from crm.tests.routing_builders import a_rule, routed_by
from gtmos.kernel.actors import SYSTEM
from gtmos.kernel.fields.services.definitions import create_field
from gtmos.kernel.history.models import Change
from gtmos.kernel.people.models import Team, User
from gtmos.kernel.people.territory_services import create_territory
from gtmos.kernel.tests.builders import a_team, a_user

pytestmark = pytest.mark.django_db
CAUSE = UUID(int=7)
ROUNDS = 20
CONDITIONS = {
    "company": [
        ("city", "is_not", "Berlin"),
        ("city", "filled", ""),
        ("employee_size", "at_least", "100"),
        ("tags", "contains", "big"),
        ("technologies", "is", "Python"),
        ("territory", "is", "Germany"),
        ("momentum_score", "at_least", "0.1"),
        ("custom.plan", "is", "1"),
        ("parent", "filled", ""),
    ],
    "contact": [
        ("title", "contains", "VP"),
        ("authority_score", "at_least", "0.6"),
        ("company.city", "is", "Berlin"),
        ("company.custom.plan", "is", "1"),
        ("company", "empty", ""),
        ("email", "contains", "7"),
    ],
}
Written = tuple[dict[UUID, tuple[Any, ...]], list[tuple[Any, ...]], list[tuple[Any, ...]]]


@pytest.fixture
def takers() -> list[User | Team | str]:
    create_field("company", "Plan", type="text", actor=SYSTEM)
    teams = [a_team(f"Team {letter}") for letter in "AB"]
    people = [a_user(name=name, team=team) for name, team in zip("PQRS", teams * 2, strict=True)]
    create_territory(
        "Germany", conditions={"countries": ["DE"]}, owner=people[0], team=teams[1], actor=SYSTEM
    )
    return [*teams, *people, "territory", "account"]


def some_rules(draw: random.Random, takers: list[User | Team | str]) -> list[dict[str, Any]]:
    rules = []
    for number in range(draw.randint(1, 6)):
        about = draw.choice(["company", "contact"])
        conditions = draw.sample(CONDITIONS[about], draw.randint(0, 2))
        rules.append(a_rule(draw.choice(takers), *conditions, about=about, name=f"Rule {number}"))
    return rules


def some_records(draw: random.Random, owners: list[User | None]) -> None:
    homes: list[Company | None] = [None]
    for number in range(25):
        homes.append(
            a_company(
                name=f"Company {number}",
                city=draw.choice(["", "Berlin", "Paris"]),
                country_hq=draw.choice(["DE", "FR"]),
                employee_size=draw.choice([None, 50, 500]),
                tags=draw.choice([[], ["big"], ["big", "old"]]),
                technologies=draw.choice([[], ["Python"]]),
                custom=draw.choice([{}, {"plan": "1"}]),
                parent=draw.choice(homes),
                owner=draw.choice(owners),
            )
        )
    for number in range(40):  # of few companies and owners, so that many are alike but for their title
        create_contact(
            name=f"Person {number % 5}",
            email=f"p{number}@people.example",
            title=draw.choice(["", "VP Sales", "VP Procurement"]),
            company=draw.choice(homes[:2]),
            owner=draw.choice(owners[:1]),
            actor=SYSTEM,
        )


def one_by_one(noun: str) -> None:
    """Nothing is saved before all are decided: who came with a parent company is given by what that was before."""
    records = list({"company": Company, "contact": Contact}[noun].objects.order_by("pk"))
    for record, change in assign(records, actor=SYSTEM, cause_id=CAUSE):
        if change is not None:
            record.save(update_fields=OWNED)
            change.save(force_insert=True)


def at_once(noun: str) -> None:
    keys = {"company": Company, "contact": Contact}[noun].objects.order_by("pk").values_list("pk", flat=True)
    route_made(noun, list(keys), actor=SYSTEM, cause_id=CAUSE)


def written_by(way: Callable[[str], None]) -> Written:
    """What it leaves behind; then it is taken back."""
    with transaction.atomic():
        way("company")
        way("contact")
        owners = {
            row[0]: row[1:]
            for model in (Company, Contact)
            for row in model._default_manager.values_list("pk", "owner_id", "team_id", "version")
        }
        notes = Change.objects.filter(cause_id=CAUSE).order_by("subject_type", "subject_id")
        shown = [
            tuple(str(value) for name, value in row.items() if name not in {"id", "timestamp"})
            for row in notes.values()
        ]
        turns = list(RoutingTurn.objects.order_by("team_id").values_list("team_id", "last_user", "given"))
        transaction.set_rollback(True)
    return owners, shown, turns


def test_many_at_once_are_given_away_as_each_by_itself(takers: list[User | Team | str]) -> None:
    draw = random.Random(5)
    owners: list[User | None] = [None, *(each for each in takers if isinstance(each, User))]
    some_records(draw, owners)

    pairs = []
    for _ in range(ROUNDS):
        routed_by(*some_rules(draw, takers))
        pairs.append((written_by(one_by_one), written_by(at_once)))

    assert [many for _, many in pairs] == [each for each, _ in pairs]
    assert sum(len(notes) for (_, notes, _), _ in pairs) > ROUNDS * 10  # something was given away
