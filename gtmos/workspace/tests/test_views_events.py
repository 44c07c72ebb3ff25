"""The page of the flow of events."""

from dataclasses import dataclass
from typing import Any, ClassVar

import pytest
from django.db import connection
from django.test import Client

from crm.services.deals import update_deal
from crm.tests.builders import a_deal
from gtmos.kernel import events
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.events import dispatch, publishing
from gtmos.kernel.events.flow import Asked, flow
from gtmos.kernel.events.models import Delivery, EventRecord
from gtmos.kernel.history.models import Change
from gtmos.kernel.people.models import Role, Team, User
from gtmos.kernel.tests.api_client import Api
from gtmos.kernel.tests.builders import a_user, unguarded
from gtmos.workspace.selectors.topics import may_follow_all

pytestmark = pytest.mark.django_db


@dataclass(frozen=True, slots=True)
class LampFell(events.Event):
    name: ClassVar[str] = "tests.lamp_fell"
    number: int


@pytest.fixture
def keeper() -> User:
    return a_user(name="Kim Keeper", role=Role.REVOPS)


@pytest.fixture
def browser(client: Client, keeper: User) -> Client:
    client.force_login(keeper)
    return client


class Handler:
    """Fails until it is mended, then makes one team for each event, however often it is asked."""

    def __init__(self) -> None:
        self.is_mended = False

    def __call__(self, record: EventRecord) -> None:
        if not self.is_mended:
            raise ConnectionError("the lamp shop does not answer")
        Team.objects.get_or_create(name=f"Lamp {record.pk}")


@pytest.fixture
def handler(monkeypatch: pytest.MonkeyPatch) -> Handler:
    made = Handler()
    monkeypatch.setitem(publishing._subscribers, LampFell.name, {"tests.lamps": made})
    return made


def a_failed_delivery() -> Delivery:
    events.publish(LampFell(1), actor=SYSTEM)
    dispatch.dispatch_pending()
    return Delivery.objects.get()


def test_a_failed_handler_shows_its_trace_and_is_delivered_again_with_one_click(
    browser: Client, handler: Handler
) -> None:
    delivery = a_failed_delivery()
    shown = browser.get("/settings/events/").content.decode()
    handler.is_mended = True

    for _ in range(3):
        browser.post(f"/settings/events/{delivery.pk}/replay/")
        dispatch.dispatch_pending()
        dispatch.dispatch_pending()

    delivery.refresh_from_db()
    assert "ConnectionError: the lamp shop does not answer" in shown
    assert (delivery.state, delivery.error, Team.objects.filter(name__startswith="Lamp").count()) == (
        "done",
        "",
        1,
    )
    assert Change.objects.filter(change_category="DELIVERY").count() == 3


def test_two_clicks_at_once_are_one_replay(browser: Client, handler: Handler) -> None:
    delivery = a_failed_delivery()
    handler.is_mended = True

    answers = [browser.post(f"/settings/events/{delivery.pk}/replay/").status_code for _ in range(2)]

    assert (answers, Change.objects.filter(change_category="DELIVERY").count()) == ([302, 302], 1)
    assert dispatch.dispatch_pending() == 1


def test_counts_are_those_of_the_rows(keeper: User, handler: Handler) -> None:
    a_failed_delivery()
    handler.is_mended = True
    events.publish(LampFell(2), actor=SYSTEM)
    dispatch.dispatch_pending()

    found = Api.of(keeper).get("event-flow").json()["results"]

    (one,) = [each for each in found if each["name"] == "tests.lamp_fell"]
    assert one["emitted"] == 2
    assert one["listeners"] == [
        {"subscriber": "tests.lamps", "handled": 1, "waiting": 1, "retried": 0, "failed": 1, "dead": 0}
    ]


def test_the_page_costs_the_same_with_many_events(
    browser: Client,
    handler: Handler,
    django_assert_max_num_queries: object,
) -> None:
    handler.is_mended = True
    for number in range(60):
        events.publish(LampFell(number), actor=SYSTEM)
    dispatch.dispatch_pending()

    with django_assert_max_num_queries(25):  # type: ignore[operator]
        page = browser.get("/settings/events/", {"state": "all", "hours": 1, "event": "tests.lamp_fell"})

    assert page.status_code == 200


def test_programs_read_deliveries_and_have_them_delivered_again(keeper: User, handler: Handler) -> None:
    delivery = a_failed_delivery()
    api = Api.of(keeper)

    (line,) = api.get("event-deliveries", event="tests.lamp_fell").json()["results"]
    again = api.post(f"event-deliveries/{delivery.pk}/replay", {}).json()

    assert (line["state"], line["attempts"], "ConnectionError" in line["error"]) == ("waiting", 1, True)
    assert (again["state"], again["attempts"]) == ("waiting", 0)


def test_who_does_not_configure_sees_no_flow_and_plays_nothing_again(
    client: Client, handler: Handler
) -> None:
    delivery = a_failed_delivery()
    seller = a_user(role=Role.AE)
    client.force_login(seller)
    api = Api.of(seller)

    answers = [
        client.get("/settings/events/").status_code,
        client.get("/settings/events/workflows/").status_code,
        client.post(f"/settings/events/{delivery.pk}/replay/").status_code,
        api.get("event-flow").status_code,
        api.post(f"event-deliveries/{delivery.pk}/replay", {}).status_code,
    ]

    assert answers == [404, 404, 404, 403, 404]
    assert api.get("event-deliveries").json()["results"] == []
    assert api.get("workflows").json()["results"] == []
    assert may_follow_all("events", actor=Actor.of(seller)) is False


def test_an_event_that_comes_while_the_flow_is_counted_breaks_nothing(keeper: User) -> None:
    deal = a_deal()
    stage = deal.pipeline.stages.exclude(pk=deal.stage_id)[0]
    with unguarded():
        EventRecord.objects.all().delete()

    def meanwhile(execute: Any, sql: str, *rest: Any) -> Any:
        if "kernel_delivery" in sql and not EventRecord.objects.exists():
            update_deal(deal, changes={"stage": stage}, actor=SYSTEM)
        return execute(sql, *rest)

    with connection.execute_wrapper(meanwhile):
        found = flow(Asked(), actor=Actor.of(keeper))

    assert ("crm.deal_stage_changed", 0) in [(each.name, each.emitted) for each in found]
