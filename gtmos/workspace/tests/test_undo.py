"""One stack for each person over what can be taken back: the last thing, in words, refused where others went on."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from crm.models import Deal
from crm.services.companies import update_company
from crm.services.deals import update_deal
from crm.services.tasks import create_task
from crm.tests.builders import a_company, a_contact, a_deal
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.people.models import User
from gtmos.kernel.tests.builders import a_team, a_user
from gtmos.kernel.undo.collecting import collected
from gtmos.kernel.undo.models import Deed
from gtmos.kernel.undo.services import forget_deeds, note_changes

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(client: Client) -> User:
    user = a_user(name="Ada", team=a_team())
    client.force_login(user)
    return user


def said(answer: Any) -> str:
    return str(answer.headers.get("HX-Trigger", ""))


def stage_of(deal: Deal) -> str:
    return Deal.objects.get(pk=deal.pk).stage.key


def a_moved_deal(client: Client, user: User) -> tuple[Deal, str, str]:
    deal = a_deal(actor=Actor.of(user), name="Renewal")
    before, after = deal.stage.key, deal.stage.pipeline.stages.all()[1].key
    client.post(f"/deals/{deal.pk}/move/", {"stage": after}, headers={"HX-Request": "true"})
    return deal, before, after


def test_the_last_action_is_offered_in_words_and_taken_back_to_the_previous_value(
    client: Client, ada: User
) -> None:
    deal, before, after = a_moved_deal(client, ada)
    moved = stage_of(deal)

    offered = client.post("/done/undo/")
    deed = Deed.objects.get(person=ada)
    undone = client.post(f"/done/{deed.pk}/undo/", headers={"HX-Request": "true"})

    assert (moved, stage_of(deal)) == (after, before)
    assert [part in said(offered) for part in ("Renewal", f"/done/{deed.pk}/undo/")] == [True, True]
    assert undone.headers["HX-Refresh"] == "true"


def test_what_was_taken_back_is_done_again_and_back_once_more(client: Client, ada: User) -> None:
    deal, before, after = a_moved_deal(client, ada)
    deed = Deed.objects.get()
    stages = []
    for verb in ("undo", "redo", "undo"):
        client.post(f"/done/{deed.pk}/{verb}/")
        stages.append(stage_of(deal))
    again = client.post("/done/redo/", headers={"HX-Request": "true"})

    assert (stages, stage_of(deal), again.status_code) == ([before, after, before], after, 204)
    assert Deed.objects.count() == 1


def test_what_somebody_changed_since_is_refused_in_words_and_stays(client: Client, ada: User) -> None:
    deal, _, _ = a_moved_deal(client, ada)
    deal.refresh_from_db()
    last = deal.stage.pipeline.stages.all()[2]
    update_deal(deal, changes={"stage": last}, actor=SYSTEM)

    refused = client.post(f"/done/{Deed.objects.get().pk}/undo/", headers={"HX-Request": "true"})

    assert (refused.status_code, stage_of(deal)) == (409, last.key)
    assert "changed it since" in said(refused)


def test_a_verb_with_its_own_way_back_stands_in_the_same_list(client: Client, ada: User) -> None:
    task = create_task(title="Call Bill", actor=Actor.of(ada))
    client.post(f"/tasks/{task.pk}/complete/", headers={"HX-Request": "true"})
    deed = Deed.objects.get()
    shown = client.get("/done/").content.decode()

    client.post(deed.undo_url, headers={"HX-Request": "true", "X-Undo": "1"})

    task.refresh_from_db()
    deed.refresh_from_db()
    assert (deed.title, deed.undo_url in shown) == ("Done: Call Bill", True)
    assert (task.done_at, deed.undone_at is not None, Deed.objects.count()) == (None, True, 1)


@pytest.mark.parametrize(("kind", "build"), [("company", a_company), ("contact", a_contact)])
def test_a_merge_is_the_last_thing_done_and_its_way_back_parts_the_two_again(
    kind: str, build: Any, client: Client, ada: User
) -> None:
    keep, other = build(actor=Actor.of(ada)), build(actor=Actor.of(ada))
    both = set(type(keep).objects.values_list("pk", flat=True))
    client.post(reverse(f"crm:{kind}-merge", args=[keep.pk, other.pk]))
    merged = set(type(keep).objects.values_list("pk", flat=True))

    offered = client.post("/done/undo/")
    deed = Deed.objects.get()
    client.post(deed.undo_url, headers={"HX-Request": "true", "X-Undo": "1"})

    deed.refresh_from_db()
    assert deed.title == f"{other} is part of {keep} now"
    assert json.loads(said(offered))["toast"]["undo_url"] == deed.undo_url
    assert (merged, set(type(keep).objects.values_list("pk", flat=True))) == (both - {other.pk}, both)
    assert deed.undone_at is not None


def test_the_history_of_a_merge_names_the_other_record(client: Client, ada: User) -> None:
    keep, other = a_company(actor=Actor.of(ada)), a_company(actor=Actor.of(ada))
    client.post(reverse("crm:company-merge", args=[keep.pk, other.pk]))

    page = client.get(reverse("crm:company-history", args=[keep.pk])).content.decode()

    assert f"<span>merged</span><span>{other}</span>" in page
    assert str(other.pk) not in page


def test_what_is_refused_or_cannot_be_turned_round_is_not_noted(client: Client, ada: User) -> None:
    client.post("/tasks/new/", {"title": "Made"}, headers={"HX-Request": "true"})
    client.post("/tasks/new/", {"title": " "}, headers={"HX-Request": "true"})

    assert Deed.objects.count() == 0
    assert "nothing to take back" in said(client.post("/done/undo/"))


def test_nobody_takes_back_what_another_did(client: Client, ada: User) -> None:
    deal, _, after = a_moved_deal(client, ada)
    other = Client()
    other.force_login(a_user(name="Bob"))

    assert other.post(f"/done/{Deed.objects.get().pk}/undo/").status_code == 404
    title = Deed.objects.get().title
    shown = [title in each.get("/done/").content.decode() for each in (client, other)]
    assert (stage_of(deal), shown) == (after, [True, False])


def test_several_changes_of_one_action_go_back_together_or_not_at_all(ada: User) -> None:
    actor = Actor.of(ada)
    one, two = a_company(actor=actor, city="Bonn"), a_company(actor=actor, city="Bonn")
    with collected() as made:
        for company in (one, two):
            update_company(company, changes={"city": "Graz"}, actor=actor)
    deed = note_changes(ada, made)
    update_company(two, changes={"city": "Wien"}, actor=SYSTEM)
    browser = Client()
    browser.force_login(ada)

    refused = browser.post(f"/done/{deed.pk}/undo/", headers={"HX-Request": "true"})  # type: ignore[union-attr]  # noted

    one.refresh_from_db()
    assert (refused.status_code, one.city) == (409, "Graz")


def test_what_is_older_than_thirty_days_is_forgotten(client: Client, ada: User) -> None:
    a_moved_deal(client, ada)
    Deed.objects.update(done_at=timezone.now() - timedelta(days=31))

    assert (forget_deeds(), Deed.objects.count()) == (1, 0)
