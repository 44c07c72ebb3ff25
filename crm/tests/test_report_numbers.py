"""Every number of every report and home is a door, and what stands behind it is the number."""

import re
from datetime import timedelta
from decimal import Decimal
from html.parser import HTMLParser

import pytest
from django.test import Client

from crm.models import Deal
from crm.services.activities import log_activity
from crm.services.currencies import record_rate
from crm.tests.builders import a_company, a_deal
from crm.tests.test_reports_pages import some_deals
from gtmos.kernel import clock
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.people.models import Role
from gtmos.kernel.tests.builders import a_user

pytestmark = pytest.mark.django_db

PAGES = {
    "/reports/forecast/": 20,
    "/reports/stages/?by=owner": 4,
    "/reports/deals/?by=owner&period=year": 6,
    "/reports/activity/?by=kind": 3,
    "/reports/pipeline/": 5,
    "/hygiene/": 8,
    "/?home=executive": 3,
    "/?home=rep": 3,
}
MONEY = re.compile(r"-?\$[\d,]+(?:\.\d\d)?")
COUNT = re.compile(r"[\d,]+")
RATE = re.compile(r"([\d,]+) of ([\d,]+)(?:, .*)?")


class Doors(HTMLParser):
    """Each link to rows, with the words in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, list[str]]] = []
        self.open: list[str] | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        address = dict(attrs).get("href") or ""
        if tag == "a":
            self.open = []
            if address.startswith(("/reports/rows/", "/hygiene/")):
                self.found.append((address, self.open))

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self.open = None

    def handle_data(self, data: str) -> None:
        if self.open is not None and data.strip():
            self.open.append(data.strip())


def behind(client: Client, address: str) -> tuple[str, str]:
    """How many, and what they come to."""
    page = client.get(address).content.decode()
    count = re.search(r'data-count="(\d+)"', page)
    whole = re.search(r'<b class="num">(-?\$[\d,.]+)</b>', page.partition("data-row")[0])
    assert count is not None, f"{address} shows no rows"
    return count[1], whole[1] if whole else ""


@pytest.fixture
def chief() -> Actor:
    some_deals(7)
    actor = Actor.of(a_user(name="Cleo", role=Role.ADMIN))
    today = clock.today()
    home = a_company(actor=actor, country_hq="FR")
    for place, kind in enumerate(("call", "note", "call")):
        log_activity(
            type=kind,
            subject="spoke",
            company=home,
            happened_at=clock.now() - timedelta(hours=place),
            actor=actor,
        )
    for amount, currency in ((300, "USD"), (200, "EUR"), (100, "CHF")):
        close_on = today + timedelta(days=1)
        deal = a_deal(actor=actor, company=home, owner=actor.user, amount=Decimal(amount), close_on=close_on)
        Deal.objects.filter(pk=deal.pk).update(deal_amount_currency=currency)
    record_rate(currency="EUR", base="USD", rate=Decimal("1.1"), dated_on=today, actor=SYSTEM)
    return actor


@pytest.mark.parametrize(("address", "least"), PAGES.items())
def test_what_stands_behind_a_number_is_the_number(
    address: str, least: int, chief: Actor, client: Client
) -> None:
    assert chief.user is not None
    client.force_login(chief.user)
    page, _, home = address.partition("?home=")
    if home:
        client.post("/home/choose/", {"home": home})
    doors = Doors(client.get(page).content.decode()).found
    checked = 0

    for door, words in doors:
        number = next((each for each in words if any(p.fullmatch(each) for p in (MONEY, COUNT, RATE))), "")
        if not number:
            continue
        count, whole = behind(client, door)
        checked += 1
        if MONEY.fullmatch(number):
            assert (door, number) == (door, whole or "$0")
        else:
            rate = RATE.fullmatch(
                number
            )  # a rate of closed deals leads to what it is of, "5 of 14" to the five
            said = rate[2 if "figure=closed" in door else 1] if rate else number
            assert (door, said.replace(",", "")) == (door, count)

    assert checked >= least
