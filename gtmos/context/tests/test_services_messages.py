"""The words about products, and who may change them."""

from datetime import date

import pytest

from gtmos.context.models import Claim, Organisation
from gtmos.context.selectors.messages import default_product, find_product, message_tree, usable_claims
from gtmos.context.services.messages import add_claim, create_product, update_message_tree
from gtmos.context.services.organisation import update_organisation
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.exceptions import InvalidInputError, NotFoundError, NotPermittedError
from gtmos.kernel.history import of_record
from gtmos.kernel.people.models import Role, User

pytestmark = pytest.mark.django_db


def test_a_product_has_a_message_tree_and_exists_once():
    product = create_product("Compass", actor=SYSTEM)

    assert create_product(" Compass ", actor=SYSTEM) == product
    assert find_product("compass", actor=SYSTEM) == product
    assert message_tree(product).headline == ""


def test_an_unknown_product_is_not_found():
    with pytest.raises(NotFoundError):
        find_product("Nothing", actor=SYSTEM)


def test_the_tree_is_changed_with_history():
    product = create_product("Compass", actor=SYSTEM)

    tree = update_message_tree(product, changes={"headline": "One", "value_props": ["Two"]}, actor=SYSTEM)

    assert (tree.headline, tree.value_props) == ("One", ["Two"])
    assert of_record(tree).get().changed_fields == ["headline", "value_props"]


@pytest.mark.parametrize("changes", [{"value_props": "no list"}, {"value_props": [""]}, {"price": 1}])
def test_a_tree_takes_only_what_it_is_made_of(changes):
    with pytest.raises(InvalidInputError):
        update_message_tree(create_product("Compass", actor=SYSTEM), changes=changes, actor=SYSTEM)


def test_a_claim_is_said_only_with_evidence_and_before_it_expires():
    product = create_product("Compass", actor=SYSTEM)
    kind, proof = Claim.Kind.USERS, "https://ours.example/proof"
    good = add_claim(product, text="40 teams", kind=kind, evidence_url=proof, actor=SYSTEM)
    add_claim(product, text="No evidence", kind=kind, actor=SYSTEM)
    add_claim(product, text="Old", kind=kind, evidence_url=proof, expires_on=date(2026, 1, 1), actor=SYSTEM)

    assert usable_claims(message_tree(product), on=date(2026, 1, 2)) == [good]


def test_the_product_with_words_is_the_default():
    create_product("Empty", actor=SYSTEM)
    product = create_product("Compass", actor=SYSTEM)
    update_message_tree(product, changes={"headline": "One"}, actor=SYSTEM)

    assert default_product(actor=SYSTEM) == product


def test_only_revops_changes_who_we_are():
    seller = Actor.of(User.objects.create_user("s@ours.example", role=Role.AE))

    with pytest.raises(NotPermittedError):
        update_organisation(changes={"name": "Mine"}, actor=seller)
    update_organisation(changes={"name": "Ours", "postal_address": "1 Example Street"}, actor=SYSTEM)

    assert Organisation.objects.get().postal_address == "1 Example Street"


@pytest.mark.parametrize(
    "changes",
    [
        {"name": " "},
        {"time_zone": "Mars/North"},
        {"colour": "red"},
        {"currency": "12$"},
        {"domain": "not a domain"},
    ],
    ids=str,
)
def test_who_we_are_takes_only_what_makes_sense(changes):
    with pytest.raises(InvalidInputError):
        update_organisation(changes=changes, actor=SYSTEM)

    assert not Organisation.objects.exists()


def test_who_we_are_has_a_past_like_all_that_is_set():
    ours = update_organisation(
        changes={"name": "Ours", "currency": "eur", "domain": "Ours.Example"}, actor=SYSTEM
    )
    update_organisation(changes={"currency": "CHF"}, actor=SYSTEM)
    update_organisation(changes={"currency": "CHF"}, actor=SYSTEM)

    assert (Organisation.objects.get().domain, Organisation.objects.get().currency) == ("ours.example", "CHF")
    assert [(each.previous_values, each.new_values) for each in of_record(ours).order_by("-id")[:1]] == [
        ({"currency": "EUR"}, {"currency": "CHF"})
    ]
    assert of_record(ours).count() == 2
