"""Records that were merged away: pages and programs are led to where they go on, as long as the merge stands."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from crm.models import Company, Merge
from crm.services.merging import MERGE
from crm.services.unmerging import undo_merge
from crm.tests.builders import a_company, a_contact, a_deal
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.people.models import User
from gtmos.kernel.tests.api_client import Api
from gtmos.kernel.tests.builders import a_team, a_user

pytestmark = pytest.mark.django_db
KINDS: dict[str, tuple[Callable[..., Any], str]] = {
    "company": (a_company, "companies"),
    "contact": (a_contact, "contacts"),
    "deal": (a_deal, "deals"),
}


@pytest.fixture
def me(client: Client) -> User:
    user = a_user(team=a_team())
    client.force_login(user)
    return user


def merged(kind: str, keep: Any, other: Any) -> Merge:
    done: Merge = MERGE[kind](keep, other, choices={}, actor=SYSTEM)
    return done


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_leads_through_two_merges_and_says_so(client: Client, me: User, kind: str) -> None:
    build, actor = KINDS[kind][0], Actor.of(me)
    first, second, last = build(actor=actor), build(actor=actor), build(actor=actor)
    key, name = first.pk, str(first)
    merged(kind, second, first)
    merged(kind, last, second)

    for page in (kind, f"{kind}-edit"):
        answer = client.get(reverse(f"crm:{kind}" if page == kind else f"crm:{page}", args=[key]))
        assert (answer.status_code, answer["Location"]) == (302, reverse(f"crm:{kind}", args=[last.pk]))
    text = client.get(reverse(f"crm:{kind}", args=[key]), follow=True).content.decode()

    assert f"{name} was merged into {last}." in text


def test_a_page_that_was_open_meanwhile_goes_there_as_a_whole(client: Client, me: User) -> None:
    keep, gone = a_company(actor=Actor.of(me)), a_company(actor=Actor.of(me))
    url = reverse("crm:company", args=[gone.pk])
    merged("company", keep, gone)

    answer = client.get(url, headers={"HX-Request": "true"})

    assert (answer.status_code, answer["HX-Redirect"]) == (200, reverse("crm:company", args=[keep.pk]))


@pytest.mark.parametrize("kind", KINDS)
def test_a_program_that_reads_is_led_on_and_one_that_writes_is_told(kind: str, me: User) -> None:
    build, path = KINDS[kind]
    keep, gone, api = build(actor=Actor.of(me)), build(actor=Actor.of(me)), Api.of(me)
    gone_key = gone.pk
    merged(kind, keep, gone)

    read = api.get(path, gone_key, fields="id")
    written = api.patch(path, gone_key, {})
    history = api.client.get(f"/api/v1/{path}/{gone_key}/history/", headers=api.headers)

    assert (read.status_code, read["Location"]) == (301, f"/api/v1/{path}/{keep.pk}/?fields=id")
    assert (read["Cache-Control"], history["Location"]) == (
        "no-store",
        f"/api/v1/{path}/{keep.pk}/history/",
    )
    assert (written.status_code, written.json()["code"], written.json()["merged_into"]) == (
        410,
        "merged_away",
        str(keep.pk),
    )


def test_when_the_merge_is_taken_back_the_record_stands_at_its_place_again(client: Client, me: User) -> None:
    keep, gone = a_company(actor=Actor.of(me)), a_company(actor=Actor.of(me))
    url, api = reverse("crm:company", args=[gone.pk]), Api.of(me)
    merge = merged("company", keep, gone)
    before = client.get(url).status_code

    undo_merge(merge, actor=SYSTEM)

    assert (before, client.get(url).status_code) == (302, 200)
    assert api.get("companies", merge.absorbed_id).status_code == 200


def test_nobody_is_led_to_what_they_may_not_see(client: Client, me: User) -> None:
    keep, gone = a_company(actor=Actor.of(me)), a_company(actor=Actor.of(me))
    key = gone.pk
    merged("company", keep, gone)
    Company.objects.filter(pk=keep.pk).update(owner=a_user(team=a_team()), team=None)

    assert client.get(reverse("crm:company", args=[key])).status_code == 404
    assert Api.of(me).get("companies", key).status_code == 404


def test_two_ticked_companies_are_compared_and_other_numbers_are_refused(client: Client, me: User) -> None:
    actor = Actor.of(me)
    one, other, third = (a_company(actor=actor) for _ in range(3))
    strange = a_company(owner=a_user(team=a_team()), team=a_team())
    ask = partial(client.post, reverse("crm:merge-ticked", args=["company"]), headers={"HX-Request": "true"})

    answer = ask({"ids": [str(one.pk), str(other.pk)]})
    refused = [
        ask({"ids": [str(each.pk) for each in ids]}) for ids in ([one], [one, one], [one, other, third])
    ]

    assert answer["HX-Redirect"] == reverse("crm:company-merge", args=[one.pk, other.pk])
    assert [each.status_code for each in refused] == [409, 409, 409]
    assert ask({"ids": [str(one.pk), str(strange.pk)]}).status_code == 404
    assert ask({"ids": [str(one.pk), "no key"]}).status_code == 404
    assert client.post(reverse("crm:merge-ticked", args=["lamp"])).status_code == 404
    assert Company.objects.count() == 4
