"""What is open and what was done, as programs read it: the numbers of the pages, filtered by the same words."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from crm.services.activities import log_activity
from crm.services.deal_stages import win_deal
from crm.tests.builders import a_company, a_deal
from gtmos.kernel import clock
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.people.models import Role
from gtmos.kernel.tests.api_client import Api
from gtmos.kernel.tests.builders import a_user

pytestmark = pytest.mark.django_db


def keys(report: Any, name: str) -> dict[str, Any]:
    return {each["key"]: each[name] for each in report["rows"]}


def test_open_deals_by_owner_and_how_they_stood() -> None:
    ada, bob = (a_user(name=name, role=Role.REVOPS) for name in ("Ada", "Bob"))
    for user, amount in ((ada, 100), (ada, 20), (bob, 3)):
        a_deal(actor=Actor.of(user), owner=user, amount=Decimal(amount))
    win_deal(a_deal(actor=Actor.of(ada), owner=ada, amount=Decimal(5000)), actor=SYSTEM)
    api = Api.of(ada)

    everybody = api.get("reports", "pipeline", by="owner").json()
    mine = api.get("reports", "pipeline", by="owner", owner="me").json()

    assert keys(everybody, "deals") == {"Ada": 2, "Bob": 1}
    assert [Decimal(each["amount"]["amount"]) for each in everybody["rows"]] == [120, 3]
    assert (everybody["all"]["deals"], mine["all"]["deals"]) == (3, 2)
    assert (len(everybody["trend"]), everybody["trend"][-1]["deals"], mine["trend"][-1]["deals"]) == (
        13,
        3,
        2,
    )


def test_the_trend_counts_a_deal_from_its_first_day_to_the_day_before_it_was_closed() -> None:
    ada, today = a_user(role=Role.REVOPS), clock.now().date()
    won = a_deal(actor=Actor.of(ada), amount=Decimal(10))
    type(won).objects.filter(pk=won.pk).update(deal_start_date=today - timedelta(weeks=4))
    win_deal(won, actor=SYSTEM, signed_on=today - timedelta(weeks=2))
    still = a_deal(actor=Actor.of(ada), amount=Decimal(7))
    type(still).objects.filter(pk=still.pk).update(deal_start_date=today - timedelta(weeks=1, days=1))

    trend = Api.of(ada).get("reports", "pipeline").json()["trend"][-6:]

    assert [each["deals"] for each in trend] == [0, 1, 1, 0, 1, 1]
    assert [Decimal(each["amount"]["amount"]) for each in trend] == [0, 10, 10, 0, 7, 7]


def test_what_was_done_by_person_in_the_days_asked_for() -> None:
    ada = a_user(name="Ada", role=Role.REVOPS)
    me, now = Actor.of(ada), clock.now()
    company = a_company(actor=me)
    for days, kind in ((1, "call"), (2, "call"), (3, "meeting"), (9, "call")):
        at = now - timedelta(days=days)
        log_activity(type=kind, subject="Talk", company=company, happened_at=at, actor=me)
    since = (now - timedelta(days=6)).date().isoformat()
    until = now.date().isoformat()

    report = Api.of(ada).get("reports", "activity", since=since, until=until).json()

    assert (report["by"], report["since"], report["until"]) == ("person", since, until)
    assert report["rows"] == [{"key": "Ada", "count": 3, "before": 1, "kinds": {"call": 2, "meeting": 1}}]
    assert (report["count"], report["before"]) == (3, 1)


@pytest.mark.parametrize(
    ("report", "asked"),
    [
        ("pipeline", {"by": "moon"}),
        ("pipeline", {"team": "x"}),
        ("pipeline", {"since": "2026-01-01"}),
        ("activity", {"by": "moon"}),
        ("activity", {"period": "age"}),
        ("activity", {"field": "country"}),
    ],
)
def test_what_cannot_be_asked_is_refused(report: str, asked: dict[str, str]) -> None:
    assert Api.of(a_user()).get("reports", report, **asked).status_code == 400


def test_the_deals_and_doings_of_another_team_count_for_nothing() -> None:
    stranger = a_user(name="Stranger")
    a_deal(actor=Actor.of(stranger), owner=stranger, amount=Decimal(10))
    log_activity(
        type="call", subject="Talk", company=a_company(actor=Actor.of(stranger)), actor=Actor.of(stranger)
    )
    api, theirs = Api.of(a_user()), Api.of(stranger)

    assert [each.get("reports", "pipeline").json()["all"]["deals"] for each in (theirs, api)] == [1, 0]
    assert [each.get("reports", "activity").json()["count"] for each in (theirs, api)] == [1, 0]
