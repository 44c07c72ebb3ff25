"""What a page sends again because its answer was lost: done once, and never mixed up with something else."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from crm.models import Activity, Task
from crm.services.deals import update_deal
from crm.tests.builders import a_company, a_contact, a_deal
from gtmos.kernel.actors import Actor
from gtmos.kernel.api_models import StoredAnswer

pytestmark = pytest.mark.django_db


def sent(browser: Client, path: str, values: dict[str, str], key: str = "first") -> Any:
    return browser.post(path, values, headers={"HX-Request": "true", "Idempotency-Key": key})


def test_a_task_that_is_sent_twice_is_there_once(browser: Client) -> None:
    answers = [sent(browser, reverse("crm:task-create"), {"title": "Send the offer"}) for _ in range(2)]

    assert [each.status_code for each in answers] == [200, 200]
    assert [task.title for task in Task.objects.all()] == ["Send the offer"]
    assert (answers[1]["HX-Reswap"], answers[1].content) == ("none", b"")


@pytest.mark.parametrize("noun", ["company", "contact", "deal"])
def test_a_note_that_is_sent_twice_is_there_once(browser: Client, admin: Actor, noun: str) -> None:
    made = {"company": a_company, "contact": a_contact, "deal": a_deal}[noun](actor=admin)
    path = reverse(f"crm:{noun}-note", args=[made.pk])

    for _ in range(2):
        sent(browser, path, {"text": "They want a quote"})

    assert Activity.objects.filter(type="note").count() == 1


def test_another_thing_under_the_same_key_is_refused_and_not_made(browser: Client) -> None:
    sent(browser, reverse("crm:task-create"), {"title": "Send the offer"})

    answer = sent(browser, reverse("crm:task-create"), {"title": "Call Ana"})

    assert (answer.status_code, [task.title for task in Task.objects.all()]) == (422, ["Send the offer"])


def test_what_was_refused_is_tried_again_under_its_key(browser: Client, admin: Actor) -> None:
    deal = a_deal(actor=admin)
    path = reverse("crm:deal-note", args=[deal.pk])

    refused = sent(browser, path, {"text": " "})
    kept = StoredAnswer.objects.count()
    again = sent(browser, path, {"text": "A word"})

    assert (refused.status_code >= 400, kept, again.status_code) == (True, 0, 200)
    assert Activity.objects.filter(type="note").count() == 1


def test_what_was_said_with_a_task_is_said_again_when_it_is_sent_again(browser: Client) -> None:
    path = reverse("crm:calendar-new")
    values = {"title": "Send the offer", "day": "2027-01-04"}

    said = [json.loads(sent(browser, path, values)["HX-Trigger"])["toast"]["text"] for _ in range(2)]

    assert said == ["Task on Monday 4 January: Send the offer"] * 2
    assert Task.objects.count() == 1


def test_a_next_step_that_is_sent_twice_is_no_clash_with_oneself(browser: Client, admin: Actor) -> None:
    deal = a_deal(actor=admin)
    update_deal(deal, changes={"next_step": "Wait"}, actor=admin)
    read = {"was.next_step": "Wait", "was.next_step_owner": "", "was.next_step_due_on": ""}

    answers = [
        sent(browser, reverse("crm:deal-next-step", args=[deal.pk]), {**read, "next_step": "Call Ana"})
        for _ in range(2)
    ]

    deal.refresh_from_db()
    assert (deal.next_step, ["HX-Retarget" in each for each in answers]) == ("Call Ana", [False, False])
