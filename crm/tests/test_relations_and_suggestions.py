"""RevOps names ties and promotes kept values; fields are retyped with a look first and given back as they were."""

import pytest

from crm.models import Company
from crm.services.companies import update_company
from crm.tests.builders import a_company
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.exceptions import DomainError, InvalidInputError
from gtmos.kernel.fields.models import FieldSuggestion, Relation, RelationLink
from gtmos.kernel.fields.relations import ties_of
from gtmos.kernel.fields.services.definitions import preview_update, restore_version, update_field
from gtmos.kernel.fields.services.locks import lock_fields, unlock_fields
from gtmos.kernel.fields.services.relations import create_relation, link, unlink
from gtmos.kernel.fields.services.suggestions import count_suggestions, promote_suggestion
from gtmos.kernel.fields.tests.builders import a_field
from gtmos.kernel.tests.builders import a_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def me() -> Actor:
    return Actor.of(a_user())


def a_partnership(**values: bool) -> Relation:
    return create_relation(
        "Implementation partner",
        reverse_label="Implementation partner of",
        from_type="company",
        to_type="company",
        actor=SYSTEM,
        **values,
    )


def test_a_tie_is_seen_from_both_ends(me: Actor) -> None:
    customer, partner = a_company(actor=me), a_company(actor=me)

    link(a_partnership(), customer, partner, actor=me)

    assert [(tie.label, tie.name) for tie in ties_of(customer, actor=me)] == [
        ("Implementation partner", partner.name)
    ]
    assert [(tie.label, tie.name) for tie in ties_of(partner, actor=me)] == [
        ("Implementation partner of", customer.name)
    ]


def test_a_tie_to_what_somebody_may_not_see_is_refused_and_not_shown(me: Actor) -> None:
    customer, hidden = a_company(actor=me), a_company(actor=Actor.of(a_user()))
    relation = a_partnership()
    with pytest.raises(InvalidInputError):
        link(relation, customer, hidden, actor=me)

    link(relation, customer, hidden, actor=SYSTEM)

    assert ties_of(customer, actor=me) == []


def test_a_tie_is_made_once_and_taken_away(me: Actor) -> None:
    relation, customer, partner = a_partnership(), a_company(actor=me), a_company(actor=me)
    link(relation, customer, partner, actor=me)
    with pytest.raises(DomainError, match="tied already"):
        link(relation, customer, partner, actor=me)

    unlink(relation, customer, partner, actor=me)

    assert not RelationLink.objects.exists()


def test_kept_values_move_into_the_field_that_is_made_of_them(me: Actor) -> None:
    for seats in ("12", "many"):
        a_company(name=f"Company {seats}", custom={"Seats sold": seats})
    count_suggestions(actor=SYSTEM)
    suggestion = FieldSuggestion.objects.get()

    promote_suggestion(suggestion, type="number", actor=SYSTEM)

    assert (suggestion.name, suggestion.count, suggestion.samples) == ("Seats sold", 2, ["12", "many"])
    customs = [each.custom for each in Company.objects.order_by("name")]
    assert customs == [{"seats_sold": "12"}, {"seats_sold (not read)": "many"}]


def test_a_field_is_retyped_after_a_look_and_given_back_as_it_was(me: Actor) -> None:
    field = a_field(label="Seats")
    for name, seats in (("A", "1,200"), ("B", "about ten"), ("C", "7")):
        a_company(actor=me, name=name, custom={"seats": seats})
    look = preview_update(field, {"type": "number"}, actor=SYSTEM)
    with pytest.raises(DomainError, match="1 of them do not fit"):
        update_field(field, changes={"type": "number"}, actor=SYSTEM)

    update_field(field, changes={"type": "number", "key": "licences"}, keep_misfits=True, actor=SYSTEM)
    retyped = [each.custom for each in Company.objects.order_by("name")]
    update_company(Company.objects.get(name="C"), changes={"custom": {"licences": 8}}, actor=me)
    restore_version(field.versions.get(number=1), actor=SYSTEM)

    assert (look.count, look.fails, look.examples) == (3, 1, ["B: “about ten” is not a number."])
    assert retyped == [{"licences": "1200"}, {"licences (not read)": "about ten"}, {"licences": "7"}]
    assert [each.custom for each in Company.objects.order_by("name")] == [
        {"seats": "1,200"},
        {"seats": "about ten"},
        {"seats": "8"},
    ]


def test_what_a_person_locked_only_a_person_changes(me: Actor) -> None:
    company = a_company(actor=me, city="Oslo")
    lock_fields(company, ["city"], actor=me)
    assert me.user is not None
    agent = Actor.for_agent("research", me.user)

    with pytest.raises(DomainError, match=r"City of .* is locked by"):
        update_company(company, changes={"city": "Rome"}, actor=agent)
    by_hand = update_company(company, changes={"city": "Bergen"}, actor=me)
    unlock_fields(company, ["city"], actor=me)
    by_agent = update_company(company, changes={"city": "Rome"}, actor=agent)

    assert (by_hand.city, by_agent.city) == ("Bergen", "Rome")
