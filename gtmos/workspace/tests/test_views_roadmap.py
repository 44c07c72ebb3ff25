"""The roadmap: what is coming, month by month."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from crm.enums import DealState
from crm.models import Deal
from crm.tests.builders import a_deal
from crm.tests.test_roles import ann
from gtmos.kernel import clock
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.people.models import Role
from gtmos.kernel.tests.builders import a_user, an_actor
from gtmos.workspace.selectors.roadmap import Wanted, roadmap
from outreach.models import Campaign
from outreach.tests.campaign_builders import a_campaign

pytestmark = pytest.mark.django_db
AUGUST = Wanted.of({"from": "2027-08"})


def a_coming_deal(day: date, *, actor: Actor, **fields: Any) -> Deal:
    return a_deal(actor=actor, close_on=day, **fields)


def a_customer(until: date, *, actor: Actor, **fields: Any) -> Deal:
    deal = a_deal(actor=actor, **fields)
    Deal.objects.filter(pk=deal.pk).update(deal_state=DealState.WON, deal_end_date=until)
    return deal


def a_start(moment: datetime, **fields: Any) -> Campaign:
    campaign = a_campaign(people=1, **fields)
    Campaign.objects.filter(pk=campaign.pk).update(starts_at=moment)
    return campaign


def shown(wanted: Wanted, actor: Actor) -> list[list[tuple[str, str, int]]]:
    found = roadmap(wanted, actor=actor)
    return [[(each.kind, each.title, each.day.day) for each in month.entries] for month in found.months]


def test_deals_renewals_and_campaigns_stand_in_the_month_in_which_they_come() -> None:
    me = an_actor()
    a_coming_deal(date(2027, 8, 9), actor=me, name="Rollout")
    a_coming_deal(date(2027, 10, 31), actor=me, name="Late one")
    a_customer(date(2027, 9, 1), actor=me, name="Contract")
    a_start(datetime(2027, 8, 2, 9, tzinfo=UTC), name="Autumn", actor=me)
    for outside in (date(2027, 7, 31), date(2027, 11, 1)):
        a_coming_deal(outside, actor=me)
        a_customer(outside, actor=me)

    assert shown(AUGUST, me) == [
        [("campaign", "Autumn", 2), ("deal", "Rollout", 9)],
        [("renewal", "Contract", 1)],
        [("deal", "Late one", 31)],
    ]
    assert [month.sentence for month in roadmap(AUGUST, actor=me).months] == [
        "1 deal, 1 campaign",
        "1 renewal",
        "1 deal",
    ]


def test_a_kind_and_what_is_mine_can_be_chosen() -> None:
    me, other = an_actor(Role.ADMIN), an_actor(Role.ADMIN)
    a_coming_deal(date(2027, 8, 9), actor=me, name="My own")
    a_coming_deal(date(2027, 8, 9), actor=other, name="Theirs")
    a_customer(date(2027, 8, 10), actor=me, name="Contract")

    mine = shown(Wanted.of({"from": "2027-08", "whose": "mine"}), me)
    deals = shown(Wanted.of({"from": "2027-08", "kind": "deal"}), me)

    assert mine == [[("deal", "My own", 9), ("renewal", "Contract", 10)], [], []]
    assert deals == [[("deal", "My own", 9), ("deal", "Theirs", 9)], [], []]


def test_nobody_reads_there_what_is_not_theirs_to_see() -> None:
    admin, rep = an_actor(), an_actor(Role.AE)
    a_coming_deal(date(2027, 8, 9), actor=admin, name="Secret")
    a_start(datetime(2027, 8, 2, 9, tzinfo=UTC), name="Secret campaign", actor=admin)
    masked = ann(fields={"deal.deal_expected_signing_date": "hidden"})
    a_coming_deal(date(2027, 8, 9), actor=SYSTEM, name="Day unknown", owner=masked.user)

    assert shown(AUGUST, rep) == [[], [], []]
    assert shown(AUGUST, masked) == [[], [], []]


def test_an_amount_that_a_role_hides_is_not_on_it() -> None:
    masked = ann(fields={"deal.deal_amount": "hidden"})
    a_coming_deal(date(2027, 8, 9), actor=SYSTEM, owner=masked.user, name="Rollout", amount=Decimal(5000))

    (entry,) = roadmap(AUGUST, actor=masked).months[0].entries

    assert (entry.title, entry.amount) == ("Rollout", None)


def test_a_deal_whose_day_is_over_is_late_until_it_is_signed(client: Client) -> None:
    me = an_actor()
    today = clock.today()
    a_coming_deal(today, actor=me, name="Today")
    a_coming_deal(today - timedelta(days=1), actor=me, name="Yesterday")
    wanted = Wanted.of({"from": f"{today - timedelta(days=1):%Y-%m}"})

    found = {each.title: each.is_late for month in roadmap(wanted, actor=me).months for each in month.entries}

    assert me.user is not None
    client.force_login(me.user)
    text = client.get(reverse("workspace:roadmap"), {"from": f"{wanted.first:%Y-%m}"}).content.decode()
    assert found == {"Today": False, "Yesterday": True}
    assert text.count(">Late<") == 1


@pytest.mark.parametrize(
    ("written", "first", "last"),
    [
        ("2027-11", date(2027, 11, 1), date(2028, 1, 1)),
        ("1970-01", date(1970, 1, 1), date(1970, 3, 1)),
    ],
)
def test_months_go_over_the_end_of_a_year(written: str, first: date, last: date) -> None:
    wanted = Wanted.of({"from": written})

    assert (wanted.months[0], wanted.months[-1]) == (first, last)


@pytest.mark.parametrize("written", ["", "soon", "2027-13", "99999-01", "2027-08-09", "-1"])
def test_a_month_that_is_none_is_this_one(written: str) -> None:
    assert Wanted.of({"from": written}).first == clock.today().replace(day=1)


@pytest.mark.parametrize("count", [1, 3])
def test_its_page_asks_as_much_for_one_as_for_three(
    count: int, client: Client, django_assert_max_num_queries: Any
) -> None:
    user = a_user(role=Role.ADMIN)
    me = Actor.of(user)
    for number in range(count):
        a_coming_deal(date(2027, 8, 9), actor=me, name=f"Rollout {number}", amount=Decimal(1200))
        a_customer(date(2027, 8, 10), actor=me)
        a_start(datetime(2027, 8, 2, 9, tzinfo=UTC), name=f"Autumn {number}", actor=me)
    client.force_login(user)
    address = f"{reverse('workspace:roadmap')}?from=2027-08"
    client.get(address)

    with django_assert_max_num_queries(10):
        text = client.get(address).content.decode()

    assert text.count("data-row") == 3 * count
    assert "August 2027 to October 2027" in text


def test_an_empty_roadmap_says_how_something_comes_onto_it(client: Client) -> None:
    client.force_login(a_user(role=Role.ADMIN))

    text = client.get(f"{reverse('workspace:roadmap')}?from=2031-01").content.decode()

    assert "Nothing is planned in these months" in text
