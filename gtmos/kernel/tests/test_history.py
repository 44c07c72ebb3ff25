"""History: only what really changed, exactly, with who and why."""

from decimal import Decimal

import pytest

from gtmos.kernel import history
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.history.models import Change
from gtmos.kernel.tests.builders import a_team, a_user, an_actor

pytestmark = pytest.mark.django_db


def test_a_change_that_changes_nothing_is_not_noted() -> None:
    team = a_team()

    noted = history.record(team, before={"name": "A"}, after={"name": "A"}, actor=SYSTEM, category="TEAM")

    assert (noted, Change.objects.count()) == (None, 0)


def test_only_the_fields_that_differ_are_noted_with_both_values() -> None:
    team = a_team()
    before = {"name": "A", "size": 3, "city": "Oslo"}
    after = {"name": "B", "size": 3, "city": ""}

    noted = history.record(team, before=before, after=after, actor=SYSTEM, category="TEAM")

    assert noted.changed_fields == ["name", "city"]
    assert (noted.previous_values, noted.new_values) == (
        {"name": "A", "city": "Oslo"},
        {"name": "B", "city": ""},
    )
    assert noted.summary == "name from A to B; city from Oslo to nothing"


def test_money_is_noted_to_the_last_digit() -> None:
    before, after = {"amount": Decimal("0.10")}, {"amount": Decimal("99999999999999.99")}

    noted = history.record(a_team(), before=before, after=after, actor=SYSTEM, category="DEAL")

    noted.refresh_from_db()
    assert (noted.previous_values, noted.new_values) == ({"amount": "0.10"}, {"amount": "99999999999999.99"})


def test_a_row_names_who_did_it_and_by_which_door() -> None:
    user = a_user(name="Ada Byron")

    noted = history.record(
        a_team(), before={}, after={"name": "B"}, actor=Actor.of(user, source="api"), category="TEAM"
    )

    assert (noted.user_id, noted.user_name, noted.source) == (user.pk, "Ada Byron", "api")


@pytest.mark.parametrize(("category", "weight"), [("DEAL_STAGE", "MAJOR"), ("CONTACT_INFO", "MINOR")])
def test_what_moves_the_business_is_major(category: str, weight: str) -> None:
    noted = history.record(a_team(), before={}, after={"x": 1}, actor=SYSTEM, category=category)

    assert noted.change_type == weight


def test_the_history_of_a_record_is_its_own_newest_first() -> None:
    team, other = a_team(), a_team()
    history.record_creation(team, actor=an_actor())
    history.record(team, before={"name": "A"}, after={"name": "B"}, actor=SYSTEM, category="TEAM")
    history.record(other, before={"name": "A"}, after={"name": "C"}, actor=SYSTEM, category="TEAM")

    words = [change.summary for change in history.of_record(team)]

    assert words == ["name from A to B", f"Created team {team}"]


def test_a_long_value_is_shortened_in_words_and_kept_whole_in_values() -> None:
    text = "x" * 300

    noted = history.record(a_team(), before={"note": ""}, after={"note": text}, actor=SYSTEM, category="TEAM")

    assert noted.summary == "note from nothing to " + "x" * 59 + "…"
    assert noted.new_values == {"note": text}
