"""Rules of routing: written, tried, activated, taken back; and who gets what comes in by each door."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from crm.models import Company, RoutingTurn, RoutingVersion
from crm.services.routing import (
    activate_routing,
    discard_draft,
    save_routing,
    simulate_routing,
    stop_routing,
)
from crm.tests.builders import a_company, a_contact
from crm.tests.routing_builders import a_rule, by_verb, owners, routed_by
from gtmos.kernel.actors import SYSTEM
from gtmos.kernel.events.models import EventRecord
from gtmos.kernel.exceptions import DomainError, InvalidInputError, NotPermittedError
from gtmos.kernel.fields.services.definitions import create_field
from gtmos.kernel.history.models import Change
from gtmos.kernel.people.models import Role, User
from gtmos.kernel.people.territory_services import create_territory
from gtmos.kernel.tests.builders import a_team, a_user, an_actor

pytestmark = pytest.mark.django_db
Queries = Callable[[int], AbstractContextManager[Any]]


def told() -> list[tuple[int, int]]:
    """Which version was activated instead of which."""
    facts = EventRecord.objects.filter(name="crm.routing_activated")
    return sorted((each.payload["number"], each.payload["before"]) for each in facts)


# Rules and versions


def test_the_first_rule_that_fits_says_who_gets_it_and_history_says_which() -> None:
    bea, cem = a_user(name="Bea"), a_user(name="Cem")
    german = a_rule(bea, ("country_hq", "is", "DE"), ("employee_size", "at_least", "50"), name="DACH")
    version = routed_by(german, a_rule(cem))

    found = [by_verb("Large", country_hq="DE", employee_size=80), by_verb("Small", country_hq="DE")]

    change = Change.objects.get(subject_id=found[0].pk, change_category="ROUTING")
    assert owners(found) == ["Bea", "Cem"]
    assert change.summary == (
        f"Given to Bea by the rule “DACH”, routing version {version.number}: "
        "country hq is DE and employee size is at least 50"
    )
    assert (change.changed_fields, change.new_values["owner"]["name"]) == (["owner"], "Bea")


def test_without_active_rules_what_a_person_makes_is_theirs() -> None:
    actor = an_actor()
    save_routing([a_rule(a_user())], actor=SYSTEM)

    assert a_company(actor=actor).owner == actor.user


def test_what_no_rule_fits_stays_whose_it_is() -> None:
    actor = an_actor()
    routed_by(a_rule(a_user(), ("country_hq", "is", "DE")))

    company = a_company(actor=actor, country_hq="FR")

    assert company.owner == actor.user
    assert Change.objects.filter(change_category="ROUTING").count() == 0


def test_an_owner_that_somebody_named_keeps_it() -> None:
    named, other = a_user(name="Named"), a_user(name="Other")
    routed_by(a_rule(other), a_rule(other, about="contact", name="People"))

    company = a_company(actor=an_actor(), owner=named)
    contact = a_contact(actor=an_actor(), company=company, owner=named)

    assert owners([company, contact]) == ["Named", "Named"]


def test_rules_about_people_ask_for_the_person_the_company_and_custom_fields() -> None:
    create_field("company", "Tier", type="text", actor=SYSTEM)
    bea = a_user(name="Bea")
    conditions = [
        ("title", "contains", "chief"),
        ("company.custom.tier", "is", "gold"),
        ("authority_score", "at_least", "0.5"),
    ]
    routed_by(a_rule(bea, *conditions, about="contact"))
    company = a_company(custom={"tier": "gold"})

    found = [
        a_contact(company=company, title="Chief Executive Officer", influence_role="decision_maker"),
        a_contact(company=company, title="Clerk"),
    ]

    assert owners(found) == ["Bea", "None"]


def test_territory_and_account_owner_get_what_is_in_theirs() -> None:
    gerd = a_user(name="Gerd", team=a_team())
    create_territory("Germany", owner=gerd, conditions={"countries": ["DE"]}, actor=SYSTEM)
    routed_by(
        a_rule("territory", ("territory", "is", "Germany")), a_rule("account", about="contact", name="P")
    )

    company = a_company(actor=an_actor(), country_hq="DE")
    contact = a_contact(actor=an_actor(), company=company)

    assert owners([company, contact]) == ["Gerd", "Gerd"]
    assert contact.team_id == gerd.team_ids[0]


def test_one_version_is_active_and_a_former_one_comes_back_with_history_and_event() -> None:
    bea, cem = a_user(name="Bea"), a_user(name="Cem")
    first = routed_by(a_rule(bea))
    second = routed_by(a_rule(cem))

    before = by_verb("While the second counts").owner
    activate_routing(first, actor=SYSTEM)
    after = by_verb("After going back").owner

    states = dict(RoutingVersion.objects.values_list("number", "state"))
    note = Change.objects.filter(subject_id=first.pk).order_by("-pk").first()
    assert (before, after) == (cem, bea)
    assert states == {first.number: "active", second.number: "retired"}
    assert told() == [(1, 0), (1, 2), (2, 1)]
    assert note.summary == (f"Active instead of version {second.number}. Everything: 1. Every company: Bea")


def test_the_database_holds_one_active_version() -> None:
    routed_by(a_rule(a_user()))
    draft = save_routing([], actor=SYSTEM)

    with pytest.raises(IntegrityError), transaction.atomic():
        RoutingVersion.objects.filter(pk=draft.pk).update(state="active")


def test_there_is_one_draft_and_what_was_active_is_never_changed() -> None:
    bea, cem = a_user(), a_user()
    active = routed_by(a_rule(bea))

    drafts = [save_routing([a_rule(each)], actor=SYSTEM) for each in (bea, cem)]
    discard_draft(drafts[0], actor=SYSTEM)

    active.refresh_from_db()
    assert drafts[0].pk == drafts[1].pk
    assert list(RoutingVersion.objects.all()) == [active]
    assert active.rules[0]["to"] == str(bea.pk)


def test_a_version_that_counted_is_not_thrown_away_and_none_is_activated_twice() -> None:
    version = routed_by(a_rule(a_user()))

    with pytest.raises(DomainError):
        discard_draft(version, actor=SYSTEM)
    with pytest.raises(DomainError):
        activate_routing(version, actor=SYSTEM)


def test_stopping_leaves_no_rules_and_says_so() -> None:
    actor = an_actor()
    routed_by(a_rule(a_user()))

    stop_routing(actor=SYSTEM)

    assert a_company(actor=actor).owner == actor.user
    assert told() == [(0, 1), (1, 0)]
    with pytest.raises(DomainError):
        stop_routing(actor=SYSTEM)


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": " "},
        {"about": "deal"},
        {"target": "nobody"},
        {"to": "x"},
        {"conditions": [{"field": "mood", "operator": "is", "value": "good"}]},
        {"conditions": [{"field": "city", "operator": "sounds", "value": "good"}]},
        {"conditions": [{"field": "city", "operator": "is", "value": ""}]},
        {"conditions": ["city"]},
        {"conditions": [{"field": "employee_size", "operator": "above", "value": "many"}]},
        {"conditions": [{"field": "momentum_score", "operator": "at_least", "value": "high"}]},
        {
            "about": "contact",
            "conditions": [{"field": "company.employee_size", "operator": "is", "value": "x"}],
        },
        {
            "about": "contact",
            "conditions": [{"field": "authority_score", "operator": "below", "value": "low"}],
        },
    ],
)
def test_rules_that_say_nothing_known_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError):
        save_routing([{**a_rule(a_user()), **wrong}], actor=SYSTEM)

    assert not RoutingVersion.objects.exists()


def test_two_rules_of_one_name_and_somebody_who_left_are_refused() -> None:
    gone = a_user()
    gone.is_active = False
    gone.save()

    for rules in ([a_rule(a_user()), a_rule(a_user())], [a_rule(gone)]):
        with pytest.raises(InvalidInputError):
            save_routing(rules, actor=SYSTEM)


def test_only_those_who_configure_write_try_and_activate() -> None:
    actor = an_actor(Role.AE)
    version = save_routing([], actor=SYSTEM)

    for refused in (
        lambda: save_routing([], actor=actor),
        lambda: activate_routing(version, actor=actor),
        lambda: simulate_routing(version, actor=actor),
        lambda: stop_routing(actor=actor),
        lambda: discard_draft(version, actor=actor),
    ):
        with pytest.raises(NotPermittedError):
            refused()


def a_crew(*names: str) -> tuple[Any, list[User]]:
    team = a_team()
    return team, [a_user(name=name, team=team) for name in names]


# Trying


def test_trying_says_who_would_get_what_and_changes_nothing() -> None:
    team, _ = a_crew("Ada", "Bob")
    routed_by(a_rule(team))
    owner = a_user(name="Owner")
    for number in range(4):
        a_company(owner=owner, country_hq="DE", name=f"Company {number}")
    a_contact(company=Company.objects.first(), owner=owner, name="Person")
    draft = save_routing([a_rule(team, ("country_hq", "is", "DE"), name="German")], actor=SYSTEM)
    before = (list(Company.objects.values()), list(RoutingTurn.objects.values()), Change.objects.count())

    trial = simulate_routing(draft, actor=SYSTEM)

    after = (list(Company.objects.values()), list(RoutingTurn.objects.values()), Change.objects.count())
    assert [(row.kind, row.now, row.after, row.given.rule) for row in trial.rows] == [
        ("contact", "Owner", "Owner", ""),
        ("company", "Owner", "Bob", "German"),
        ("company", "Owner", "Ada", "German"),
        ("company", "Owner", "Bob", "German"),
        ("company", "Owner", "Ada", "German"),
    ]
    assert trial.people == [("Ada", 0, 2), ("Bob", 0, 2), ("Owner", 5, 1)]
    assert (trial.count, trial.fitting, trial.by_rule) == (5, 4, [("German", 4)])
    assert before == after


def test_only_the_newest_are_tried_in_few_statements(django_assert_max_num_queries: Queries) -> None:
    version = routed_by(a_rule("account", about="contact"))
    for _ in range(12):
        a_contact()

    with django_assert_max_num_queries(8):
        trial = simulate_routing(version, leads=10, actor=SYSTEM)

    assert trial.count == 10
    with pytest.raises(InvalidInputError):
        simulate_routing(version, leads=0, actor=SYSTEM)
