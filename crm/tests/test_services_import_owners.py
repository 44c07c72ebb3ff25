"""A deal of a file is its owner's; whom nobody here knows is told by line, and the importer keeps the deal."""

import io

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from crm.models import Deal
from crm.services.import_rehearsing import ask_rehearsal, rehearse_imports
from crm.services.importing import upload_import
from crm.tests.import_builders import imported
from gtmos.kernel.actors import Actor
from gtmos.kernel.people.models import User
from gtmos.kernel.tests.builders import a_team, a_user

pytestmark = pytest.mark.django_db
HEADER = "Deal name,Company,Amount,Currency,Stage,Close date,Owner\n"


def line(name: str, owner: str) -> str:
    return f"{name},Zed,10,EUR,Discovery,2026-12-31,{owner}\n"


def owners() -> dict[str, str]:
    return {
        deal.name: deal.owner.email if deal.owner else "" for deal in Deal.objects.select_related("owner")
    }


def test_a_deal_is_of_the_person_whom_its_line_names_and_of_the_persons_team(me: Actor) -> None:
    team = a_team()
    jonas = a_user(team=team, name="Jonas Weber")
    assert me.user is not None
    lines = line("A", jonas.email.title()) + line("B", "") + line("C", "jonas weber")

    batch = imported(f"{HEADER}{lines}".encode(), me, into="deals")

    assert owners() == {"A": jonas.email, "B": me.user.email, "C": jonas.email}
    assert {deal.team for deal in Deal.objects.filter(owner=jonas)} == {team}
    assert [deal.custom for deal in Deal.objects.all()] == [{}, {}, {}]
    assert (batch.result["left_out"], batch.result["left_out_total"]) == ([], 0)


def test_an_owner_whom_nobody_here_knows_is_told_by_line_and_kept_as_words(me: Actor) -> None:
    both = [a_user().pk, a_user().pk]
    User.objects.filter(pk__in=both).update(name="Kim Twice")
    gone = a_user(name="Gone")
    User.objects.filter(pk=gone.pk).update(is_active=False)
    assert me.user is not None
    lines = line("A", "nobody@house.example") + line("B", "Kim Twice") + line("C", gone.email)

    batch = imported(f"{HEADER}{lines}".encode(), me, into="deals")

    assert owners() == dict.fromkeys("ABC", me.user.email)
    assert Deal.objects.get(name="A").custom == {"owner_name": "nobody@house.example"}
    assert [(each["line"], each["column"], each["reason"]) for each in batch.result["left_out"]] == [
        (2, "Owner", "Nobody here has the address nobody@house.example."),
        (3, "Owner", "No one person here is called Kim Twice."),
        (4, "Owner", "Nobody here has the address gone@gtmos.example."),
    ]
    assert (batch.result["left_out_total"], batch.result["rejected"]) == (3, 0)


def test_a_file_that_comes_again_hands_over_what_it_names_and_nothing_else(me: Actor, admin: Actor) -> None:
    jonas, rosa = a_user(), a_user()
    imported(f"{HEADER}{line('A', jonas.email)}{line('B', jonas.email)}".encode(), admin, into="deals")

    batch = imported(f"{HEADER}{line('A', rosa.email)}{line('B', '')}".encode(), admin, into="deals")

    assert owners() == {"A": rosa.email, "B": jonas.email}
    assert (batch.result["updated"]["deals"], batch.result["created"]["deals"]) == (1, 0)


def test_deals_that_were_given_away_are_not_made_a_second_time(me: Actor) -> None:
    text = f"{HEADER}{line('A', a_user().email)}{line('B', '')}".encode()
    imported(text, me, into="deals")

    batch = imported(text, me, into="deals")

    assert Deal.objects.count() == 2
    assert (batch.result["created"]["deals"], batch.result["rejected"]) == (0, 1)


def test_owners_are_looked_for_once_for_many_lines(me: Actor) -> None:
    counts = []
    for number in (1, 3):
        lines = "".join(line(f"{number} {each}", a_user().email) for each in range(number))
        with CaptureQueriesContext(connection) as captured:
            imported(f"{HEADER}{lines}".encode(), me, into="deals")
        counts.append(sum("kernel_user" in query["sql"] and "LOWER" in query["sql"] for query in captured))

    assert counts == [1, 1]


def test_the_page_lists_each_value_that_was_left_out_before_and_after_the_import(
    me: Actor, client: Client
) -> None:
    assert me.user is not None
    client.force_login(me.user)
    text = f"{HEADER}{line('A', 'nobody@house.example')}B,Zed,10,EUR,Discovery,2026-13-45,\n"
    asked = upload_import(file_name="list.csv", content=io.BytesIO(text.encode()), actor=me, into="deals")
    ask_rehearsal(asked, actor=me)
    rehearse_imports(asked.pk)
    tried = client.get(f"/imports/{asked.pk}/").content.decode()
    done = imported(text.encode(), me, into="deals")
    page = client.get(f"/imports/{done.pk}/").content.decode()

    told = [
        (2, "Owner", "nobody@house.example", "Nobody here has the address nobody@house.example."),
        (3, "Close date", "2026-13-45", "“2026-13-45” is not a day of the calendar."),
    ]
    keys = ("line", "column", "value", "reason")
    assert [tuple(each[key] for key in keys) for each in done.result["left_out"]] == told
    for shown, heading in ((tried, "Would be left out"), (page, "Left out")):
        assert f"<h2>{heading}</h2>" in shown
        for _, column, value, reason in told:
            assert f'<td class="fit">{column}</td>' in shown
            assert f'<span class="clip">{value}</span>' in shown
            assert reason in shown
