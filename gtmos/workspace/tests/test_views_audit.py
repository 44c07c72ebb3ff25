"""The audit log: who may read it, what it says, and the file."""

import csv
import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from crm.services.companies import update_company
from crm.tests.builders import a_company
from gtmos.kernel.actors import Actor
from gtmos.kernel.history.models import Change
from gtmos.kernel.people.models import Role, User
from gtmos.kernel.tests.builders import a_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def revops(client: Client) -> User:
    user = a_user(name="Rita Ops", role=Role.REVOPS)
    client.force_login(user)
    return user


def rows_of(response: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode())))


def test_for_everybody_else_there_is_no_audit_log(client: Client) -> None:
    client.force_login(a_user())

    assert [client.get(f"/audit/{rest}").status_code for rest in ("", "export.csv")] == [404, 404]


def test_an_agents_change_is_shown_with_the_person_it_acted_for(client: Client, revops: User) -> None:
    person = a_user(name="Paul Person")
    company = a_company(actor=Actor.of(person))
    update_company(company, changes={"city": "Oslo"}, actor=Actor.for_agent("Researcher", person))

    shown = client.get("/audit/", {"kind": "agent"}).content.decode()

    assert "Researcher" in shown
    assert f"for {person.email}" in shown


def test_the_file_has_actor_action_object_values_run_and_request(client: Client, revops: User) -> None:
    made = client.post("/companies/new/", {"name": "=Formula Ltd"})
    company = Change.objects.get(change_category="CREATED").subject_id

    rows = rows_of(client.get("/audit/export.csv", {"record": str(company)}))

    assert len(rows) == 1
    assert (rows[0]["actor"], rows[0]["actor_kind"], rows[0]["door"]) == ("Rita Ops", "user", "page")
    assert (rows[0]["object_type"], rows[0]["object_id"]) == ("crm.company", str(company))
    assert rows[0]["request_id"] == made.headers["X-Request-ID"]
    assert rows[0]["after"] == '{"created": "=Formula Ltd"}'


def test_actions_are_listed_from_the_facts(client: Client, revops: User) -> None:
    a_company(actor=Actor.of(revops))

    rows = rows_of(client.get("/audit/export.csv", {"what": "actions"}))

    assert [(row["actor"], row["action"]) for row in rows] == [("Rita Ops", "crm.company_created")]


def test_a_day_is_exported_alone(client: Client, revops: User) -> None:
    a_company(actor=Actor.of(revops))

    before = rows_of(client.get("/audit/export.csv", {"until": "2001-01-01"}))

    assert before == []


def test_a_filter_that_is_none_is_refused(client: Client, revops: User) -> None:
    assert client.get("/audit/export.csv", {"since": "yesterday"}).status_code == 400


def test_the_command_says_that_the_log_is_whole(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("audit_verify")

    assert capsys.readouterr().out.endswith("Nothing was edited, deleted, put in, reordered or cut off.\n")


def test_the_command_fails_on_a_damaged_checkpoint(settings: Any, tmp_path: Any) -> None:
    settings.AUDIT_CHECKPOINT = tmp_path / "checkpoint.json"
    settings.AUDIT_CHECKPOINT.write_text(
        '{"number": 3, "rows": 9, "code": "x", "key_name": "y", "signature": "z"}'
    )

    with pytest.raises(CommandError, match="checkpoint was changed"):
        call_command("audit_verify")
