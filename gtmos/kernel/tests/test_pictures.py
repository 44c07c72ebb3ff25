"""Configuration is read once by each process, and again as soon as anybody changed it, by whatever way."""

from typing import Any

import pytest
from django.db import connection, transaction

from gtmos.kernel.actors import SYSTEM
from gtmos.kernel.fields.services.changed import definitions_changed
from gtmos.kernel.once import burst
from gtmos.kernel.people.access_models import Territory
from gtmos.kernel.people.models import Team
from gtmos.kernel.people.territory_services import change_territory, create_territory
from gtmos.kernel.pictures import Picture

pytestmark = pytest.mark.django_db


def names() -> Picture[list[str]]:
    return Picture(lambda: list(Territory.objects.order_by("name").values_list("name", flat=True)))


def test_what_nobody_changed_is_read_once(django_assert_num_queries: Any) -> None:
    create_territory("North", actor=SYSTEM)
    picture = names()
    first = picture.now()

    with django_assert_num_queries(1), burst():
        again = [picture.now() for _ in range(3)]

    assert (first, again) == (["North"], [["North"]] * 3)


def test_a_change_is_seen_by_the_next_who_asks_even_in_the_same_burst() -> None:
    north = create_territory("North", actor=SYSTEM)
    picture = names()

    with burst():
        before = picture.now()
        change_territory(north, changes={"name": "South"}, actor=SYSTEM)
        after = picture.now()

    assert (before, after) == (["North"], ["South"])


def test_a_change_of_definitions_makes_every_picture_old() -> None:
    seen = []
    picture = Picture(lambda: seen.append("read"))
    create_territory("North", actor=SYSTEM)
    picture.now()

    definitions_changed()
    picture.now()

    assert seen == ["read", "read"]


def test_what_a_deleted_team_took_with_it_is_seen_too() -> None:
    team = Team.objects.create(name="Sales")
    key = team.pk
    create_territory("North", team=team, actor=SYSTEM)
    picture = Picture(lambda: list(Territory.objects.values_list("team_id", flat=True)))
    before = picture.now()

    team.delete()

    assert (before, picture.now()) == ([key], [None])


def test_what_was_taken_back_is_forgotten() -> None:
    create_territory("North", actor=SYSTEM)
    picture = names()

    with transaction.atomic():
        create_territory("South", actor=SYSTEM)
        during = picture.now()
        transaction.set_rollback(True)

    assert (during, picture.now()) == (["North", "South"], ["North"])


def test_in_a_house_without_a_token_nothing_is_kept() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM kernel_schemastate")
    answers = iter(["first", "second"])
    picture = Picture(lambda: next(answers))

    assert [picture.now(), picture.now()] == ["first", "second"]
