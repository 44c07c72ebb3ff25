"""Feature flags: for nobody, teams, roles, people, a part of the people; and what they hide."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agents.selectors.suggestions import get_suggestion, open_suggestions
from agents.services.suggestions import suggest
from gtmos.kernel import history
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.exceptions import InvalidInputError, NotFoundError, NotPermittedError
from gtmos.kernel.flags.declared import Feature, feature
from gtmos.kernel.flags.models import FeatureFlag
from gtmos.kernel.flags.selectors import is_on, place_of
from gtmos.kernel.flags.services.setting import forget_flag, set_flag
from gtmos.kernel.people.models import Role
from gtmos.kernel.people.services import create_user
from gtmos.kernel.tests.builders import a_team, a_user

pytestmark = pytest.mark.django_db
SUGGESTIONS = "agents.suggestions"


@pytest.fixture
def hints(monkeypatch: Any) -> Feature:
    monkeypatch.setattr("gtmos.kernel.flags.declared._features", {})
    return feature("crm.hints", owner="CRM", hides="hints on deals")


def test_without_a_row_it_is_as_the_code_came(hints: Feature) -> None:
    as_on = feature("crm.other", owner="CRM", hides="another", is_on=True)

    assert [is_on(each, Actor.of(a_user())) for each in (hints, as_on)] == [False, True]


def test_for_one_team_and_nobody_else(hints: Feature) -> None:
    team = a_team()
    set_flag(hints.key, changes={"teams": [str(team.pk)]}, actor=SYSTEM)

    people = [a_user(team=team), a_user(team=a_team()), a_user()]

    assert [is_on(hints, Actor.of(each)) for each in people] == [True, False, False]


def test_for_roles_people_and_everybody(hints: Feature) -> None:
    named, seller, success = a_user(role=Role.CSM), a_user(role=Role.AE), a_user(role=Role.CSM)
    asked = [Actor.of(each) for each in (named, seller, success)]

    set_flag(hints.key, changes={"roles": ["ae"], "people": [str(named.pk)]}, actor=SYSTEM)
    some = [is_on(hints, each) for each in asked]
    set_flag(hints.key, changes={"is_active": True}, actor=SYSTEM)

    assert (some, [is_on(hints, each) for each in (*asked, SYSTEM)]) == ([True, True, False], [True] * 4)


def test_an_agent_has_what_its_person_has(hints: Feature) -> None:
    user = a_user()
    set_flag(hints.key, changes={"people": [str(user.pk)]}, actor=SYSTEM)

    assert [is_on(hints, Actor.for_agent("helper", user)), is_on(hints, SYSTEM)] == [True, False]


def test_a_part_of_the_people_is_about_that_part_and_stays_the_same_people() -> None:
    people = [str(number) for number in range(4000)]

    small, large = ({each for each in people if place_of("x", each) < part} for part in (0.25, 0.5))
    other = {each for each in people if place_of("y", each) < 0.25}

    assert (900 < len(small) < 1100, small < large, small == other) == (True, True, False)


def test_a_name_that_the_code_does_not_know_is_refused(hints: Feature) -> None:
    del hints
    with pytest.raises(InvalidInputError):
        is_on("crm.hint", Actor.of(a_user()))
    with pytest.raises(InvalidInputError):
        set_flag("crm.hint", changes={"is_active": True}, actor=SYSTEM)


@pytest.mark.parametrize(
    "wrong", [{"share": 1.1}, {"roles": ["king"]}, {"teams": ["x"]}, {"people": ["x"]}, {"key": "y"}], ids=str
)
def test_an_audience_that_is_none_is_refused(wrong: dict[str, Any], hints: Feature) -> None:
    with pytest.raises(InvalidInputError):
        set_flag(hints.key, changes=wrong, actor=SYSTEM)

    assert (
        FeatureFlag.objects.filter(share=0, roles=[], teams=[], people=[]).count()
        == FeatureFlag.objects.count()
    )


def test_only_who_configures_sets_flags(hints: Feature) -> None:
    with pytest.raises(NotPermittedError):
        set_flag(hints.key, changes={"is_active": True}, actor=Actor.of(a_user(role=Role.AE)))


def test_it_is_asked_in_memory(hints: Feature, django_assert_max_num_queries: Any) -> None:
    actor = Actor.of(a_user())
    set_flag(hints.key, changes={"roles": ["ae"]}, actor=SYSTEM)
    is_on(hints, actor)

    with django_assert_max_num_queries(3):  # the small question for the token, outside of a request each time
        assert [is_on(hints, actor) for _ in range(3)] == [True] * 3


def test_history_says_who_changed_it_and_forgetting_it_is_as_the_code_came(hints: Feature) -> None:
    flag = set_flag(hints.key, changes={"is_active": True}, actor=SYSTEM)

    kept = FeatureFlag.objects.get()
    forget_flag(flag, actor=SYSTEM)

    assert is_on(hints, Actor.of(a_user())) is False
    assert list(history.of_record(kept).values_list("change_category", flat=True)) == ["DELETED", "FLAG"]


def test_a_flag_at_the_desk_hides_suggestions_for_all_but_one_team(client: Client) -> None:
    team = a_team("Pilots")
    pilot, other = (Actor.of(a_user(team=each)) for each in (team, a_team()))
    made = [
        suggest(
            key=str(each.user), owner=each.user, kind="x", title="Call", command="list tasks", actor=SYSTEM
        )
        for each in (pilot, other)
    ]
    before = [open_suggestions(actor=each).count() for each in (pilot, other)]
    client.force_login(
        create_user("d@gtmos.example", name="D", role=Role.REVOPS, password=None, actor=SYSTEM)
    )

    client.post(
        reverse("admin:kernel_featureflag_add"),
        {"key": SUGGESTIONS, "teams": [str(team.pk)], "share": "0"},
    )

    assert before == [1, 1]
    assert [open_suggestions(actor=each).count() for each in (pilot, other)] == [1, 0]
    with pytest.raises(NotFoundError):
        get_suggestion(made[1].pk, actor=other)
