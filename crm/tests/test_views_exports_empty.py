"""A list in which nothing is found, as a file."""

from dataclasses import replace

import pytest
from django.test import Client

from crm.selectors.deal_reports import days_per_stage
from crm.selectors.deals import visible_deals
from crm.selectors.exports import KINDS
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.people.models import Role
from gtmos.kernel.people.services import create_user
from gtmos.kernel.tests.builders import a_user

SECRET = "correct horse battery staple"


@pytest.mark.django_db
@pytest.mark.parametrize("kind", KINDS)
def test_a_list_in_which_nothing_is_found_is_a_file_of_headings(kind: str, client: Client) -> None:
    create_user("ada@gtmos.example", name="Ada", role=Role.ADMIN, password=SECRET, actor=SYSTEM)
    client.post("/login/", {"username": "ada@gtmos.example", "password": SECRET})

    answers = [client.get(f"/exports/{kind}.{ending}", {"q": "'x' <->"}) for ending in ("csv", "xlsx")]

    bodies = [b"".join(answer.streaming_content) for answer in answers]  # type: ignore[arg-type]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert (bodies[0].count(b"\n"), bodies[1][:2]) == (1, b"PK")


@pytest.mark.django_db
def test_who_may_see_nothing_gets_an_empty_answer_instead_of_an_error() -> None:
    nobody = replace(Actor.of(a_user()), user=None)

    assert visible_deals(actor=nobody).count() == 0
    assert days_per_stage(actor=nobody) == []
