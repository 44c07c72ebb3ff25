"""Who gets what comes in: in turn in a team, and by each door."""

import threading
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from crm.models import Company, Contact, RoutingTurn
from crm.selectors.placing import kept_territories
from crm.selectors.routing import active_routing
from crm.services.batch_rows import Row
from crm.services.batches import write_batch
from crm.services.import_undo import undo_import
from crm.services.routing import (
    activate_routing,
)
from crm.tests.builders import a_company
from crm.tests.import_builders import imported
from crm.tests.routing_builders import a_rule, by_verb, owners, routed_by
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.fields.schema import schema
from gtmos.kernel.history.models import Change
from gtmos.kernel.people.models import Membership, Role, User
from gtmos.kernel.people.territory_services import create_territory
from gtmos.kernel.tests.builders import a_team, a_user, an_actor

pytestmark = pytest.mark.django_db
Queries = Callable[[int], AbstractContextManager[Any]]


# In turn


def a_crew(*names: str) -> tuple[Any, list[User]]:
    team = a_team()
    return team, [a_user(name=name, team=team) for name in names]


def test_a_team_takes_turns_and_the_record_is_the_teams() -> None:
    team, _ = a_crew("Ada", "Bob", "Cleo")
    routed_by(a_rule(team))

    found = [by_verb(f"Number {number}") for number in range(5)]

    assert owners(found) == ["Ada", "Bob", "Cleo", "Ada", "Bob"]
    assert {each.team for each in found} == {team}
    assert RoutingTurn.objects.get().given == 5


def test_whoever_is_deactivated_is_passed_over_and_the_turn_goes_on_after_them() -> None:
    team, (_, bob, _) = a_crew("Ada", "Bob", "Cleo")
    routed_by(a_rule(team))
    by_verb("First")
    by_verb("Second")
    User.objects.filter(pk=bob.pk).update(is_active=False)

    found = [by_verb(f"Number {number}") for number in range(3)]

    assert owners(found) == ["Cleo", "Ada", "Cleo"]


def test_a_rule_whose_person_left_is_passed_over_and_the_reason_is_said() -> None:
    gone, bea = a_user(), a_user(name="Bea")
    routed_by(a_rule(gone, name="Of who left"), a_rule(bea, name="The rest"))
    User.objects.filter(pk=gone.pk).update(is_active=False)

    company = by_verb("New")

    change = Change.objects.get(subject_id=company.pk, change_category="ROUTING")
    assert str(company.owner) == "Bea"
    assert change.summary.endswith("Of who left: nobody there to give it to; Every company")


def test_a_turn_goes_on_over_versions() -> None:
    team, _ = a_crew("Ada", "Bob")
    first = routed_by(a_rule(team))
    by_verb("One")
    routed_by(a_rule(team, name="Other words"))
    by_verb("Two")
    activate_routing(first, actor=SYSTEM)

    assert str(by_verb("Three").owner) == "Ada"


def test_a_team_without_people_is_passed_over() -> None:
    routed_by(a_rule(a_team()), a_rule(a_user(name="Bea"), name="The rest"))

    assert str(by_verb("New").owner) == "Bea"


@pytest.mark.django_db(transaction=True)
def test_two_who_bring_in_at_once_take_every_turn_exactly_once() -> None:
    """Each over a connection of its own, one by one and by sets; no turn is given twice or left out."""
    team, _ = a_crew("Ada", "Bob", "Cleo")
    routed_by(a_rule(team))
    together = threading.Barrier(2, timeout=30)

    def bring(word: str) -> None:
        rows = [Row(None, {"name": f"{word} {number} of a batch"}) for number in range(4)]
        try:
            together.wait()
            for number in range(4):
                a_company(name=f"{word} {number}")
            write_batch("company", rows, operation="create", match_on="id", actor=SYSTEM)
        finally:
            connection.close()

    threads = [threading.Thread(target=bring, args=(word,)) for word in ("One", "Two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    many = Counter(owners(Company.objects.select_related("owner")))
    assert sorted(many.values()) == [5, 5, 6]
    assert RoutingTurn.objects.get().given == 16


def test_somebody_who_joins_a_team_comes_after_the_others() -> None:
    team, _ = a_crew("Ada", "Bob")
    routed_by(a_rule(team))
    by_verb("One")
    Membership.objects.create(team=team, user=a_user(name="Late"))

    assert owners(by_verb(f"Next {number}") for number in range(3)) == ["Bob", "Late", "Ada"]


# Every door


def test_a_batch_is_given_away_in_few_statements(django_assert_max_num_queries: Queries) -> None:
    team, _ = a_crew("Ada", "Bob")
    routed_by(a_rule(team), a_rule("account", about="contact", name="People"))
    named = a_user(name="Named")
    actor = Actor.of(User.objects.create_superuser("root@gtmos.example", None))
    rows = [Row(None, {"name": f"Company {number}"}) for number in range(100)]
    schema(), kept_territories(), active_routing()  # a process reads them once, until somebody changes them

    with django_assert_max_num_queries(31):
        write_batch(
            "company",
            [*rows, Row(None, {"name": "Kept", "owner": named})],
            operation="create",
            match_on="id",
            actor=actor,
        )
    people = [
        Row(None, {"name": f"Person at {company.name}", "company": company})
        for company in Company.objects.select_related("owner").order_by("name")
    ]
    with django_assert_max_num_queries(31):
        write_batch("contact", people, operation="create", match_on="id", actor=actor)

    many = {name: Company.objects.filter(owner__name=name).count() for name in ("Ada", "Bob", "Named")}
    mixed = Contact.objects.exclude(owner=F("company__owner"))
    assert many == {"Ada": 50, "Bob": 50, "Named": 1}
    assert (Contact.objects.count(), mixed.count()) == (101, 0)


def test_a_batch_places_companies_in_their_territory_too() -> None:
    germany = create_territory("Germany", conditions={"countries": ["DE"]}, actor=SYSTEM)
    rows = [Row(None, {"name": "In Germany", "country_hq": "DE"}), Row(None, {"name": "In France"})]

    write_batch("company", rows, operation="create", match_on="id", actor=SYSTEM)

    assert [each.name for each in Company.objects.filter(territory=germany)] == ["In Germany"]


def test_an_import_is_given_away_in_set_form_and_can_be_taken_back() -> None:
    team, _ = a_crew("Ada", "Bob", "Cleo")
    routed_by(a_rule(team), a_rule("account", about="contact", name="People"))
    actor = an_actor(Role.ADMIN)
    lines = [
        f"Company {number},c{number}.example,Person {number},p{number}@c{number}.example"
        for number in range(90)
    ]
    content = "\n".join(["Company,Website,Name,Email", *lines]).encode()

    batch = imported(content, actor)

    many = [Company.objects.filter(owner__name=name).count() for name in ("Ada", "Bob", "Cleo")]
    assert batch.error == ""
    assert many == [30, 30, 30]
    assert Contact.objects.filter(owner=F("company__owner")).count() == 90
    assert Change.objects.filter(change_category="ROUTING", cause_id=batch.pk).count() == 180

    undo_import(batch, actor=actor)

    assert (Company.objects.count(), Contact.objects.count()) == (0, 0)


def test_an_import_takes_nothing_from_who_had_it() -> None:
    mine = an_actor(Role.ADMIN)
    a_company(actor=mine, name="Known", domain="known.example")
    routed_by(a_rule(a_user(name="Bea")))

    imported(b"Company,Website,Industry\nKnown,known.example,Software\nNew,new.example,Software\n", mine)

    known, new = Company.objects.order_by("name")
    assert (known.owner, str(new.owner), known.industry_vertical) == (mine.user, "Bea", "Software")


def statements_of(content: bytes, actor: Actor) -> int:
    with CaptureQueriesContext(connection) as caught:
        imported(content, actor)
    return len(caught)


def test_an_import_takes_as_many_statements_for_many_as_for_few() -> None:
    team, _ = a_crew("Ada", "Bob")
    actor = an_actor(Role.ADMIN)
    a_company(actor=actor, name="Known before")
    routed_by(a_rule(team, ("city", "is_not", "Nowhere")))

    few, many = (
        statements_of(
            "\n".join(["Company,Website", *(f"{word} {n},{word}{n}.example" for n in range(count))]).encode(),
            actor,
        )
        for word, count in (("few", 3), ("many", 300))
    )

    assert Company.objects.filter(owner__name="Bob").count() == 151
    assert many <= few + 2
