"""Teams: by page and API."""

import pytest
from django.test import Client
from django.urls import reverse

from gtmos.kernel.history import of_record
from gtmos.kernel.people.models import Role, Team
from gtmos.kernel.tests.api_client import Api
from gtmos.kernel.tests.builders import a_team, a_user

pytestmark = pytest.mark.django_db


def members(team: Team) -> list[str]:
    return sorted(membership.user.name for membership in team.memberships.select_related("user"))


def test_revops_makes_a_team_renames_it_and_changes_its_people(client: Client) -> None:
    ada, bo = a_user(name="Ada"), a_user(name="Bo")
    client.force_login(a_user(role=Role.REVOPS))

    client.post(reverse("workspace:teams"), {"name": "North", "members": [str(ada.pk)]})
    team = Team.objects.get()
    first = members(team)
    again = client.post(reverse("workspace:teams"), {"name": "North"})
    url = reverse("workspace:team", args=[team.pk])
    client.post(url, {"name": "Far North", "members": [str(bo.pk)]})
    team.refresh_from_db()

    assert (first, again.status_code) == (["Ada"], 422)
    assert (team.name, members(team)) == ("Far North", ["Bo"])
    assert client.get(url).status_code == 200
    assert "Far North" in client.get(reverse("workspace:teams")).content.decode()
    assert len(of_record(team)) == 5  # made, Ada joined, renamed, Ada left, Bo joined


def test_for_others_there_is_no_such_page(client: Client) -> None:
    client.force_login(a_user(role=Role.AE))

    assert client.get(reverse("workspace:teams")).status_code == 404
    assert client.post(reverse("workspace:team", args=[a_team().pk]), {"name": "Mine"}).status_code == 404


def test_the_api_tells_users_and_teams_and_revops_changes_teams() -> None:
    ada, rep = a_user(name="Ada"), a_user(role=Role.AE)
    theirs, mine = Api.of(a_user(role=Role.REVOPS)), Api.of(rep)

    made = theirs.post("teams", {"name": "North", "member_ids": [str(ada.pk)]}).json()
    emptied = theirs.patch("teams", made["id"], {"member_ids": []}, match=f'"{made["version"]}"').json()
    refused = mine.post("teams", {"name": "South"})
    unknown = theirs.post("teams", {"name": "East", "member_ids": [made["id"]]})
    found = mine.get("users", email=ada.email).json()["results"]

    assert (made["member_ids"], emptied["member_ids"]) == ([str(ada.pk)], [])
    assert (refused.status_code, unknown.status_code) == (403, 400)
    assert [row["name"] for row in found] == ["Ada"]
    assert [row["name"] for row in mine.get("teams").json()["results"]] == ["North"]


def test_a_team_gets_a_manager_by_page_and_loses_it_by_program(client: Client) -> None:
    revops, mona = a_user(role=Role.REVOPS), a_user(name="Mona")
    team = a_team("North")
    client.force_login(revops)

    client.post(reverse("workspace:team", args=[team.pk]), {"name": "North", "manager": str(mona.pk)})
    shown = client.get(reverse("workspace:teams")).content.decode()
    api = Api.of(revops)
    read = api.get("teams", team.pk).json()
    renamed = api.patch("teams", team.pk, {"name": "Far North"}).json()
    emptied = api.patch("teams", team.pk, {"manager_id": None}).json()

    assert ("Mona" in shown, read["manager_id"], renamed["manager_id"]) == (True, str(mona.pk), str(mona.pk))
    assert (emptied["manager_id"], Team.objects.get().manager) == (None, None)


def test_nobody_who_has_left_becomes_a_manager(client: Client) -> None:
    left, team = a_user(), a_team("North")
    left.is_active = False
    left.save(update_fields=["is_active"])
    api = Api.of(a_user(role=Role.REVOPS))

    refused = api.patch("teams", team.pk, {"manager_id": str(left.pk)})

    assert refused.status_code == 400
    assert Team.objects.get().manager is None
