import pytest

from agents.selectors.names import DatabaseNames
from crm.services.companies import create_company
from gtmos.kernel.actors import SYSTEM

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("typed", ["intech", "initech", "inictech", "onitech"])
def test_one_slip_in_a_short_name_still_finds_it(typed):
    create_company("Initech", actor=SYSTEM)

    found = DatabaseNames(SYSTEM).lookup(typed, ("company",))

    assert [record.name for record in found] == ["Initech"]


def test_another_word_of_the_same_length_finds_nothing():
    create_company("Initech", actor=SYSTEM)

    found = DatabaseNames(SYSTEM).lookup("harvest", ("company",))

    assert list(found) == []
