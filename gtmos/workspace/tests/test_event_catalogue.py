"""The catalogue of events: whole, agreed on, and the only source of what may be published."""

import ast
import json
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

import jsonschema
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import Client

from crm.tests.builders import a_company
from gtmos.kernel import events
from gtmos.kernel.actors import SYSTEM
from gtmos.kernel.events import catalogue
from gtmos.kernel.events.models import EventRecord
from gtmos.kernel.events.publishing import UnknownEventError
from gtmos.kernel.people.models import Role
from gtmos.kernel.tests.api_client import Api
from gtmos.kernel.tests.builders import a_user
from gtmos.workspace.tests.test_architecture import calls, name_of, sources, tree_of


def published() -> dict[str, str]:
    """The class of every `events.publish(Class(…), …)` in the product; a name where it was built before."""
    found = {}
    for path in sources():
        for call, function in calls(tree_of(path)):
            if ast.unparse(function) == "events.publish" and isinstance(call.args[0], ast.Call):
                found[ast.unparse(call.args[0].func)] = name_of(path)
    return found


def defined() -> set[str]:
    return {
        node.name
        for path in sources()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ClassDef) and "Event" in map(ast.unparse, node.bases)
    }


def test_every_event_of_the_code_is_in_the_catalogue() -> None:
    known = {each.__name__ for each in catalogue.classes().values()}

    assert len(published()) > 40
    assert {name: path for name, path in published().items() if name[0].isupper() and name not in known} == {}
    assert defined() - known == set()


def test_the_schemas_are_those_that_were_agreed_on() -> None:
    assert catalogue.drift(settings.EVENT_SCHEMAS) == []


def test_other_values_under_the_same_version_are_found(tmp_path: Path) -> None:
    path = tmp_path / "kept.json"
    catalogue.keep(path)
    old = catalogue.kept(path)
    old["crm.deal_won"]["properties"]["amount"] = {"type": "string"}
    old["crm.deal_lost"] = {"version": 0, "properties": {}}
    path.write_text(json.dumps(old), encoding="utf-8")

    assert catalogue.drift(path) == [
        "crm.deal_lost is version 1 now.",
        "crm.deal_won has other values but no higher version than 1.",
    ]
    assert catalogue.broken(path) == ["crm.deal_won has other values but no higher version than 1."]


def test_changed_values_cannot_be_kept_without_a_new_version(tmp_path: Path, settings: Any) -> None:
    settings.EVENT_SCHEMAS = tmp_path / "kept.json"
    call_command("events", "lock", stdout=StringIO())
    old = catalogue.kept(settings.EVENT_SCHEMAS)
    old["crm.deal_won"]["properties"] = {}
    settings.EVENT_SCHEMAS.write_text(json.dumps(old), encoding="utf-8")

    with pytest.raises(CommandError, match=r"crm\.deal_won has other values but no higher version than 1"):
        call_command("events", "lock", stdout=StringIO())


@pytest.mark.django_db
def test_what_shares_the_name_of_another_event_cannot_be_published() -> None:
    @dataclass(frozen=True, slots=True)
    class NotInTheCatalogue:
        name: ClassVar[str] = "crm.company_created"
        company_id: UUID

    wrong: Any = NotInTheCatalogue(UUID(int=1))

    with pytest.raises(UnknownEventError, match="NotInTheCatalogue is not an event of the catalogue"):
        events.publish(wrong, actor=SYSTEM)
    assert EventRecord.objects.count() == 0


@pytest.mark.django_db
def test_what_is_published_follows_its_schema() -> None:
    a_company()
    record = EventRecord.objects.get(name="crm.company_created")
    entry = catalogue.find("crm.company_created")
    assert entry is not None

    jsonschema.validate(record.payload, entry.schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**record.payload, "more": 1}, entry.schema)


def test_all_schemas_are_schemas() -> None:
    for entry in catalogue.entries():
        jsonschema.Draft202012Validator.check_schema(entry.schema)


def test_the_command_prints_every_event_with_its_schema() -> None:
    listed, read, shown = StringIO(), StringIO(), StringIO()

    call_command("events", "list", stdout=listed)
    call_command("events", "list", "--json", stdout=read)
    call_command("events", "show", "outreach.reply_received", stdout=shown)

    assert [each["name"] for each in json.loads(read.getvalue())] == list(catalogue.event_names())
    assert listed.getvalue().count('"$schema"') == len(catalogue.event_names())
    one = json.loads(shown.getvalue())
    assert (one["priority"], one["schema"]["properties"]["contact_id"]) == (
        "high",
        {"anyOf": [{"type": "string", "format": "uuid"}, {"type": "null"}]},
    )
    with pytest.raises(CommandError, match=r"There is no event crm\.nothing"):
        call_command("events", "show", "crm.nothing")


@pytest.mark.django_db
def test_programs_read_the_catalogue_and_one_event_of_it() -> None:
    api = Api.of(a_user(role=Role.AE))

    one = api.get("event-types", "crm.deal_won").json()

    assert (one["version"], one["priority"], one["schema"]["required"]) == (1, "normal", ["deal_id"])
    assert api.get("event-types", "crm.nothing").status_code == 404
    assert len(api.get("event-types").json()["results"]) == len(catalogue.event_names())


@pytest.mark.django_db
def test_a_webhook_for_an_unknown_event_is_refused() -> None:
    api = Api.of(a_user(role=Role.REVOPS))

    answer = api.post(
        "webhooks", {"name": "P", "url": "https://partner.example/in", "event_names": ["crm.no"]}
    )

    assert answer.status_code == 422


@pytest.mark.django_db
def test_the_page_of_the_catalogue_is_for_those_who_configure(client: Client) -> None:
    client.force_login(a_user(role=Role.REVOPS))
    page = client.get("/settings/events/catalogue/", {"q": "won"}).content.decode()
    client.force_login(a_user(role=Role.AE))

    assert ("crm.deal_won" in page, "crm.deal_lost" in page) == (True, False)
    assert client.get("/settings/events/catalogue/").status_code == 404
