"""Who sees which rows: one rule, as a query and for a row in hand."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from crm.models import Company
from crm.tests.builders import a_company
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.people.models import Role
from gtmos.kernel.records import may_see, save_changes, visible_to
from gtmos.kernel.tests.builders import a_team, a_user


def seen_by(actor: Actor) -> list[Company]:
    return list(visible_to(actor, Company.objects.order_by("name")))


@pytest.mark.django_db
def test_people_see_their_own_their_teams_and_what_belongs_to_nobody() -> None:
    team = a_team()
    me, colleague, stranger = a_user(team=team), a_user(team=team), a_user(team=a_team())
    mine = a_company(actor=Actor.of(me), name="A mine")
    teams = a_company(actor=Actor.of(colleague), name="B of a colleague")
    a_company(actor=Actor.of(stranger), name="C of a stranger")
    nobodys = a_company(name="D of nobody")

    assert seen_by(Actor.of(me)) == [mine, teams, nobodys]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "count"),
    [
        ("admin", 1),
        ("revops", 1),
        ("executive", 1),
        ("ae", 0),
        ("sdr", 0),
        ("marketing", 0),
        ("csm", 0),
        ("viewer", 0),
    ],
)
def test_some_roles_see_everything(role: str, count: int) -> None:
    a_company(actor=Actor.of(a_user(team=a_team())))

    assert len(seen_by(Actor.of(a_user(role=Role(role))))) == count


@pytest.mark.django_db
def test_somebody_without_a_user_sees_nothing() -> None:
    a_company()

    assert seen_by(Actor(kind="agent", label="nobody's agent")) == []


@pytest.mark.django_db
def test_rows_below_another_follow_its_visibility() -> None:
    stranger = a_user(team=a_team())
    parent = a_company(actor=Actor.of(stranger), name="Parent")
    a_company(name="Child", parent=parent)
    children = Company.objects.filter(parent__isnull=False)

    seen = [
        visible_to(actor, children, through="parent__").count()
        for actor in (Actor.of(stranger), Actor.of(a_user()), SYSTEM)
    ]

    assert seen == [1, 0, 1]


@pytest.mark.django_db
def test_a_saved_change_counts_the_version_up() -> None:
    company = a_company()
    company.city = "Oslo"

    save_changes(company, "city")

    company.refresh_from_db()
    assert (company.version, company.etag, company.city) == (2, '"2"', "Oslo")


class TestBothForms(TestCase):
    """The rule for a row in hand and the rule as a query must never differ."""

    @settings(max_examples=40)
    @given(
        owner=st.sampled_from(["me", "colleague", "stranger", None]),
        team=st.sampled_from(["ours", "theirs", None]),
        role=st.sampled_from(Role.values),
    )
    def test_a_row_is_in_the_query_exactly_when_it_may_be_seen(
        self, owner: str | None, team: str | None, role: str
    ) -> None:
        ours, theirs = a_team(), a_team()
        people = {
            "me": a_user(team=ours, role=Role(role)),
            "colleague": a_user(team=ours),
            "stranger": a_user(team=theirs),
            None: None,
        }
        company = a_company(owner=people[owner], team={"ours": ours, "theirs": theirs, None: None}[team])
        actor = Actor.of(people["me"])

        in_query = visible_to(actor, Company.objects.filter(pk=company.pk)).exists()

        assert in_query is may_see(actor, company)
