"""Saved views: kept, shared, changed, deleted and brought back; who may do what, and what is noted."""

import pytest

from gtmos.kernel import history
from gtmos.kernel.actors import Actor
from gtmos.kernel.events.models import EventRecord
from gtmos.kernel.exceptions import DomainError, InvalidInputError, NotFoundError, NotPermittedError
from gtmos.kernel.lists.models import ListPreference, SavedView
from gtmos.kernel.lists.selectors import get_view, views_of
from gtmos.kernel.lists.services.views import (
    create_view,
    delete_view,
    restore_view,
    set_preference,
    update_view,
)
from gtmos.kernel.people.models import Role
from gtmos.kernel.tests.builders import a_team, an_actor

pytestmark = pytest.mark.django_db


def a_view(actor: Actor, name: str = "Mine", **values: object) -> SavedView:
    return create_view("company", name, actor=actor, **values)


def names(actor: Actor) -> list[str]:
    return [each.name for each in views_of("company", actor=actor)]


def test_a_view_is_kept_as_it_is_read_and_noted_once() -> None:
    me = an_actor()

    view = a_view(me, " Big ones ", where="employee_size:at_least: 200 ", columns=["name", "gone", "city"])

    view.refresh_from_db()
    assert (view.name, view.where, view.columns) == (
        "Big ones",
        "employee_size:at_least:200",
        ["name", "city"],
    )
    assert EventRecord.objects.filter(name="kernel.view_changed", subject_id=view.pk).count() == 1


def test_who_sees_a_view_follows_from_its_sharing() -> None:
    team = a_team()
    me, mate, other = an_actor(team=team), an_actor(team=team), an_actor()
    view = a_view(me)

    seen = [(names(me), names(mate), names(other))]
    for shared in ("team", "everybody", "nobody"):
        view = update_view(view, changes={"shared": shared}, actor=me)
        seen.append((names(me), names(mate), names(other)))

    assert seen == [
        (["Mine"], [], []),
        (["Mine"], ["Mine"], []),
        (["Mine"], ["Mine"], ["Mine"]),
        (["Mine"], [], []),
    ]


def test_only_its_owner_and_revops_change_a_shared_view() -> None:
    me, other, revops = an_actor(), an_actor(), an_actor(Role.REVOPS)
    view = a_view(me, shared="everybody")

    with pytest.raises(NotPermittedError):
        update_view(view, changes={"name": "Theirs"}, actor=other)
    with pytest.raises(NotPermittedError):
        delete_view(view, actor=other)
    update_view(view, changes={"name": "Ours"}, actor=revops)

    assert names(me) == ["Ours"]


def test_nobody_touches_a_view_that_is_not_shared() -> None:
    view = a_view(an_actor())

    with pytest.raises(NotPermittedError):
        update_view(view, changes={"name": "x"}, actor=an_actor(Role.REVOPS))


def test_a_viewer_keeps_views_but_shares_none() -> None:
    viewer = an_actor(Role.VIEWER)

    a_view(viewer)
    with pytest.raises(NotPermittedError):
        a_view(viewer, "Shared", shared="everybody")

    assert names(viewer) == ["Mine"]


def test_who_is_in_no_team_shares_with_none() -> None:
    with pytest.raises(InvalidInputError) as refused:
        a_view(an_actor(), shared="team")

    assert refused.value.message == "You are in no team with which this could be shared."


def test_a_deleted_view_is_gone_until_it_is_brought_back() -> None:
    me = an_actor()
    view = a_view(me)

    delete_view(view, actor=me)
    gone = names(me)
    with pytest.raises(NotFoundError):
        get_view(view.pk, actor=me)
    restore_view(get_view(view.pk, actor=me, is_deleted=True), actor=me)

    assert (gone, names(me)) == ([], ["Mine"])
    words = [each.summary for each in history.of_record(view)][:2]
    assert words == ["Brought back the view Mine", "Deleted the view Mine"]


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"name": "  "}, "name_missing"),
        ({"where": "nothing:is:x"}, "bad_filter"),
        ({"order": "-employee_size"}, "bad_order"),
        ({"layout": "tree"}, "bad_layout"),
        ({"board": "b" * 37}, "bad_board"),
        ({"shared": "friends"}, "bad_sharing"),
        ({"owner": None}, "unknown_field"),
    ],
)
def test_what_cannot_be_opened_is_not_kept(values: dict[str, str], code: str) -> None:
    me = an_actor()
    view = a_view(me)

    with pytest.raises(DomainError) as refused:
        update_view(view, changes=values, actor=me)

    assert refused.value.code == code


def test_each_person_sets_a_list_for_themselves_and_one_view_is_first() -> None:
    me, other = an_actor(), an_actor()
    one, two = a_view(me, "One", shared="everybody"), a_view(me, "Two")

    set_preference("company", None, actor=me, columns=["name", "domain", "gone"])
    set_preference("company", one, actor=me, is_first=True)
    set_preference("company", two, actor=me, is_first=True)
    set_preference("company", one, actor=other, is_first=True)

    kept = ListPreference.objects.filter(person=me.user).order_by("pk")
    assert [(each.view, each.columns, each.is_first) for each in kept] == [
        (None, ["name", "domain"], False),
        (one, [], False),
        (two, [], True),
    ]
