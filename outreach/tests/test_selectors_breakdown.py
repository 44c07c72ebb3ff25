"""What messages did, side by side: the groups, their bases, and who may see them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gtmos.kernel import clock
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.exceptions import InvalidInputError
from gtmos.kernel.people.access_services import create_role
from gtmos.kernel.people.models import Role
from gtmos.kernel.tests.builders import a_team, an_actor
from outreach.models import Campaign, Experiment, Touch, Variant
from outreach.selectors import breakdown as breakdowns
from outreach.selectors.breakdown import BY, MEASURES, breakdown, choices
from outreach.tests.campaign_builders import a_campaign, a_reader, a_touch, a_user, an_organisation

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 6, 1, 16, tzinfo=UTC)


def groups(by: str, measure: str = "replied", **given: Any) -> list[tuple[str, int, int]]:
    found = breakdown(by, actor=given.pop("actor", SYSTEM), period=given.pop("period", "all"), **given)
    return [(each.name, each.sent, each.count(measure)) for each in found.groups]


def sent(campaign: Campaign, **facts: Any) -> list[Touch]:
    return [a_touch(each, **facts) for each in campaign.enrollments.order_by("position")]


def test_each_step_has_its_base_and_counts_people_not_machines() -> None:
    campaign = a_campaign(3)
    firsts = sent(campaign)
    second = sent(campaign, step_no=2)[0]
    Touch.objects.filter(pk=firsts[0].pk).update(
        replied_at=clock.now(), reply_category="interested", opened_at=clock.now()
    )
    Touch.objects.filter(pk=firsts[1].pk).update(replied_at=clock.now(), reply_category="out_of_office")
    Touch.objects.filter(pk=second.pk).update(machine_opens=3)

    assert (groups("step"), groups("step", "opened")) == (
        [("Touch 1", 3, 1), ("Touch 2", 3, 0)],
        [("Touch 1", 3, 1), ("Touch 2", 3, 0)],
    )


def test_what_was_not_sent_or_sent_before_the_period_counts_nowhere() -> None:
    campaign = a_campaign(3)
    now, (first, second, third) = clock.now(), sent(campaign)
    Touch.objects.filter(pk=first.pk).update(state="failed")
    Touch.objects.filter(pk=second.pk).update(sent_at=now - timedelta(days=8))
    Touch.objects.filter(pk=third.pk).update(sent_at=now - timedelta(days=6))

    assert [groups("step", period=each) for each in ("7", "30")] == [[("Touch 1", 1, 0)], [("Touch 1", 2, 0)]]


def test_the_hour_is_that_of_the_readers_clock_and_of_the_house_where_nobody_knows_it() -> None:
    zones = ["America/New_York", "Asia/Tokyo", "Mars/Olympus"]
    campaign = a_campaign(contacts=[a_reader(time_zone=zone) for zone in zones])
    sent(campaign)
    Touch.objects.update(sent_at=NOON)
    an_organisation(time_zone="Europe/London")

    hours = [name for name, _, _ in groups("hour")]

    assert hours == ["01:00 to 01:59", "12:00 to 12:59", "17:00 to 17:59"]


def test_segments_are_named_and_the_largest_comes_first() -> None:
    people = [a_reader(country="DE"), a_reader(country="US"), a_reader(country="US"), a_reader(country="")]
    sent(a_campaign(contacts=people))

    assert groups("country") == [("US", 2, 0), ("Not known", 1, 0), ("DE", 1, 0)]


def test_variants_stand_with_their_text_and_campaign() -> None:
    campaign = a_campaign(2)
    test = Experiment.objects.filter(campaign=campaign).first() or Experiment.objects.create(
        campaign=campaign
    )
    test.variants.all().delete()
    arms = [Variant.objects.create(experiment=test, letter=letter, text=f"Text {letter}") for letter in "AB"]
    for touch, arm in zip(sent(campaign), arms, strict=True):
        Touch.objects.filter(pk=touch.pk).update(variant=arm)

    found = breakdown("variant", actor=SYSTEM, period="all")

    assert [(each.name, each.detail, each.sent) for each in found.groups] == [
        ("A: Text A", campaign.name, 1),
        ("B: Text B", campaign.name, 1),
    ]


@pytest.mark.parametrize("by", sorted(set(BY) - {"variant"}))
def test_the_groups_add_up_to_the_messages_that_were_sent(by: str) -> None:
    campaign = a_campaign(4)
    sent(campaign)
    sent(campaign, step_no=2, clicked_at=clock.now())

    found = breakdown(by, actor=SYSTEM, period="all")

    counted = {name: sum(each.count(name) for each in found.groups) for name in MEASURES}
    assert (sum(each.sent for each in found.groups), counted["clicked"]) == (8, 4)
    assert (found.total.sent, dict(found.total.counts), found.left_out) == (8, counted, 0)


@pytest.mark.parametrize("by", sorted(BY))
def test_it_asks_as_much_for_one_message_as_for_three(by: str) -> None:
    asked = []
    for people in (1, 3):
        campaign = a_campaign(people, name=f"Campaign of {people}")
        sent(campaign)
        with CaptureQueriesContext(connection) as captured:
            breakdown(by, actor=SYSTEM, period="all")
        asked.append(len(captured))

    assert asked == ([2, 2] if by == "hour" else [1, 1])


def test_nobody_counts_messages_of_campaigns_that_they_do_not_see() -> None:
    ours, theirs = a_team(), a_team()
    for team, people in ((ours, 2), (theirs, 3)):
        campaign = a_campaign(people, name=f"Campaign {team.pk}")
        Campaign.objects.filter(pk=campaign.pk).update(team=team, owner=None)
        sent(campaign)
    rep = an_actor(Role.SDR, team=ours)

    assert [sum(count for _, count, _ in groups("step", actor=each)) for each in (rep, SYSTEM)] == [2, 5]


def test_a_field_that_the_role_hides_is_no_way_to_group() -> None:
    role = create_role("Quiet", based_on=Role.MARKETING, fields={"contact.country": "hidden"}, actor=SYSTEM)
    quiet = Actor.of(a_user(role.key))

    with pytest.raises(InvalidInputError) as refused:
        breakdown("country", actor=quiet)

    assert refused.value.code == "hidden_field"
    assert list(choices(actor=quiet)) == [key for key in BY if key != "country"]


@pytest.mark.parametrize(
    ("words", "code"),
    [({"by": "moon"}, "unknown_grouping"), ({"by": "step", "period": "12"}, "unknown_period")],
)
def test_what_there_is_not_is_said(words: dict[str, str], code: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        breakdown(**words, actor=SYSTEM)

    assert refused.value.code == code


@pytest.fixture
def marketer(client: Client) -> Client:
    client.force_login(a_user(Role.MARKETING))
    return client


def test_the_page_shows_count_base_and_interval_and_leads_to_the_file(marketer: Client) -> None:
    campaign = a_campaign(8)
    sent(campaign, replied_at=clock.now(), reply_category="interested")

    page = marketer.get("/reports/outreach/?by=campaign&period=all").content.decode()
    file = marketer.get("/reports/outreach/table.csv?by=campaign&period=all")

    assert page.count("8 of 8, 100.0\u00a0% (67.6 to 100.0)") >= 2  # the campaign and the sum
    assert f'href="/campaigns/{campaign.pk}/"' in page
    assert file.content.decode().splitlines() == [
        "campaign,campaign,sent,replied,positive,meetings,opened,clicked,bounced,unsubscribed,complained",
        f"{campaign.name},,8,8,8,0,0,0,0,0,0",
        "All,,8,8,8,0,0,0,0,0,0",
    ]


def test_the_file_holds_the_groups_that_the_page_leaves_out(
    marketer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(breakdowns, "MOST", 1)
    sent(a_campaign(contacts=[a_reader(country="DE"), a_reader(country="US"), a_reader(country="US")]))

    page = marketer.get("/reports/outreach/?by=country&period=all").content.decode()
    file = marketer.get("/reports/outreach/table.csv?by=country&period=all").content.decode()

    assert "1 message of smaller ones" in page
    assert [line.split(",")[0] for line in file.splitlines()] == ["country", "US", "DE", "All"]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("by=moon", "Messages are not grouped by moon."),
        ("period=12", "Choose one of the periods."),
        ("campaign=12", "There is no such campaign."),
        ("campaign=00000000-0000-0000-0000-000000000000", "There is no such campaign."),
    ],
)
def test_an_address_that_asks_for_what_there_is_not_says_so(marketer: Client, query: str, words: str) -> None:
    answer = marketer.get(f"/reports/outreach/?{query}")
    file = marketer.get(f"/reports/outreach/table.csv?{query}")

    assert (answer.status_code, words in answer.content.decode()) == (200, True)
    assert (file.status_code >= 400, file.content.decode()) == (True, words)


def test_nothing_sent_says_what_to_do(marketer: Client) -> None:
    assert "Nothing was sent in this time" in marketer.get("/reports/outreach/").content.decode()
