"""The queue of what comes in."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from agents import intake
from agents.enums import InputState
from agents.intake import Incoming, UnreadableError, read
from agents.models import Input, Run
from agents.services import inputs
from agents.services.inputs import queue_suggestion, take, work_off, work_off_all
from agents.services.suggestions import suggest
from crm.models import Activity
from crm.tests.builders import a_company, a_contact
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.events.models import EventRecord
from gtmos.kernel.people.models import Role, User
from gtmos.kernel.tests.api_client import Api
from gtmos.kernel.tests.builders import a_user

USAGE = {"source": "app", "id": "1", "name": "login", "happened_at": "2026-03-02T09:00:00Z"}
# Written for this test by whoever wrote the rules: it shows that they hold, not how well they would guess.
LABELLED: tuple[tuple[dict[str, Any], str], ...] = (
    ({"text": "show my tasks"}, "command"),
    ({"text": "how is the fintech campaign doing"}, "command"),
    ({"text": "call acme tomorrow", "message_id": "1"}, "command"),
    ({"text": "a meeting with Ann went well", "version": 1}, "command"),
    ({"version": 2, "id": "2", "data": {"text": "show my tasks"}}, "command"),
    ({"version": 2, "id": "3", "type": "sentence", "data": {"text": "log a call"}}, "command"),
    ({"type": "question", "text": "which deals close this month"}, "command"),
    ({"version": 2, "type": "command", "data": {"text": "remind me to call Ann"}}, "command"),
    ({"data": {"text": "find companies that hire"}}, "command"),
    ({"type": "suggestion", "text": "Draft a campaign"}, "command"),
    ({"version": 2, "type": "suggestion", "data": {"text": "Save this search"}}, "command"),
    ({"type": "usage", **{name: USAGE[name] for name in ("source", "name")}}, "usage"),
    ({"version": 2, "type": "usage", "data": USAGE}, "usage"),
    ({"version": 2, "type": "usage", "data": {"events": [USAGE, USAGE]}}, "usage"),
    ({"type": "event", "source": "app", "name": "login"}, "usage"),
    ({"type": "call", "contact_email": "ann@acme.example", "text": "She rang"}, "activity"),
    ({"version": 2, "type": "meeting", "data": {"contact_email": "ann@acme.example"}}, "activity"),
    ({"version": 2, "type": "note", "data": {"contact_email": "a@b.example", "text": "x"}}, "activity"),
    ({"type": "activity", "contact_email": "ann@acme.example"}, "activity"),
    ({"version": 2, "type": "activity", "data": {"contact_email": "ann@acme.example"}}, "activity"),
)


@pytest.fixture
def sender() -> User:
    return a_user(name="Sam Sender", role=Role.AE)


@pytest.fixture
def api(sender: User) -> Api:
    return Api.of(sender)


@pytest.mark.parametrize(("body", "handler"), LABELLED)
def test_each_input_goes_to_who_handles_it(body: dict[str, Any], handler: str) -> None:
    assert len(LABELLED) == 20
    assert read(body).handler == handler


def test_both_versions_say_the_same() -> None:
    flat = read({"type": "call", "message_id": "7", "text": "Rang", "contact_email": "ann@acme.example"})
    nested = read(
        {
            "version": 2,
            "id": "7",
            "type": "call",
            "data": {"text": "Rang", "contact_email": "ann@acme.example"},
        }
    )

    assert (flat.version, nested.version) == (1, 2)
    assert [
        (each.kind, each.text, each.message_id, each.data["contact_email"]) for each in (flat, nested)
    ] == [("call", "Rang", "7", "ann@acme.example")] * 2


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"type": "explosion", "text": "x"}, "There is no type explosion"),
        ({"version": 3, "text": "x"}, "version is 1 or 2"),
        ({"type": "sentence"}, "Write the sentence"),
        ({}, "There is no type given"),
        ({"version": 2, "data": "x"}, "data is an object"),
    ],
)
def test_what_cannot_be_understood_is_refused(body: dict[str, Any], words: str) -> None:
    with pytest.raises(UnreadableError, match=words):
        read(body)


@pytest.mark.django_db
def test_a_post_gives_a_run_and_says_that_something_came_in(api: Api) -> None:
    first = api.post("inputs", {"text": "show my tasks", "message_id": "m"}).json()
    second = api.post("inputs", {"text": "show my tasks", "message_id": "m"}).json()

    told = EventRecord.objects.get(name="agents.input_received")
    assert first["run_id"] == second["run_id"] == str(Run.objects.get().pk)
    assert (told.payload["channel"], told.payload["handler"]) == ("api", "command")
    assert api.get("inputs", first["input_id"]).json()["state"] == "done"


@pytest.mark.django_db
def test_an_unknown_type_is_refused_at_the_door(api: Api) -> None:
    answers = [
        api.post("inputs", {"type": "crm.deal_won", "text": "x"}),
        api.post("inputs", {"version": 2, "data": {}}),
    ]

    assert [each.status_code for each in answers] == [422, 422]
    assert Input.objects.count() == 0


@pytest.mark.django_db
def test_inputs_of_one_source_are_done_in_their_order_and_a_dead_worker_holds_them_only_for_its_lease(
    sender: User,
) -> None:
    actor = Actor.of(sender)
    taken = [
        take(Incoming("sentence", text=f"show my tasks {n}"), channel="api", actor=actor) for n in range(3)
    ]
    Input.objects.filter(pk=taken[0].pk).update(
        state=InputState.RUNNING, lease_until=timezone.now() + timedelta(minutes=1), attempts=1
    )

    while_held = work_off(taken[0].source)
    Input.objects.filter(pk=taken[0].pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    work_off_all()

    assert while_held == 0
    finished = Input.objects.order_by("finished_at").values_list("pk", flat=True)
    assert list(finished) == [each.pk for each in taken]
    assert Run.objects.count() == 3


@pytest.mark.django_db
def test_too_many_waiting_inputs_of_one_source_are_refused_with_a_time_to_come_back(
    api: Api, sender: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inputs, "MOST_WAITING", 2)
    for number in range(2):
        take(Incoming("sentence", text=f"show my tasks {number}"), channel="api", actor=Actor.of(sender))

    refused = api.post("inputs", {"text": "show my tasks"})
    other = Api.of(a_user(role=Role.AE)).post("inputs", {"text": "show my tasks"})

    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "5")
    assert (other.status_code, Input.objects.filter(owner=sender).count()) == (202, 2)


@pytest.mark.django_db
def test_a_suggestion_is_queued_once_and_its_input_remembers_it(sender: User) -> None:
    actor = Actor.of(sender)
    suggestion = suggest(
        key="x", owner=sender, kind="task.list", title="See tasks", command="show my tasks", actor=SYSTEM
    )

    one, other = (queue_suggestion(suggestion, actor=actor) for _ in range(2))
    work_off_all()

    one.refresh_from_db()
    suggestion.refresh_from_db()
    assert (one.pk, one.suggestion, one.state) == (other.pk, suggestion, "done")
    assert (one.run, suggestion.state) == (Run.objects.get(), "accepted")


@pytest.mark.django_db
def test_a_call_that_another_system_noted_is_new_activity_of_the_customer(api: Api, sender: User) -> None:
    actor = Actor.of(sender)
    contact = a_contact(company=a_company(actor=actor), email="ann@acme.example", actor=actor)
    body = {"type": "call", "contact_email": "ann@acme.example", "subject": "She rang", "message_id": "9"}

    answers = [api.post("inputs", body).json()["state"] for _ in range(2)]
    unknown = api.post("inputs", {**body, "contact_email": "nobody@acme.example", "message_id": "10"}).json()

    told = EventRecord.objects.get(name="crm.new_customer_activity")
    assert (answers, unknown["state"], Activity.objects.count()) == (["done", "done"], "failed", 1)
    assert (told.payload["contact_id"], told.payload["type"]) == (str(contact.pk), "call")


def test_every_handler_of_the_rules_is_there() -> None:
    assert set(intake.HANDLERS.values()) == set(inputs.DOERS)
