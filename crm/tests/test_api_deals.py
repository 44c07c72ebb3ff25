"""Deals by the API: pipelines, what their stages ask for, the turns of a deal, and what comes next."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from crm.models import Deal
from crm.services.pipelines import add_criterion, create_pipeline, create_stage
from crm.tests.builders import a_deal
from gtmos.kernel.actors import SYSTEM
from gtmos.kernel.tests.api_client import Api

pytestmark = pytest.mark.django_db


def test_a_pipeline_is_read_with_what_its_stages_ask_for(
    api: Api, django_assert_max_num_queries: Any
) -> None:
    stage = a_deal().stage
    add_criterion(stage, kind="activity", activity_type="meeting", actor=SYSTEM)
    counts = []
    for _ in range(3):
        with django_assert_max_num_queries(20) as captured:
            body = api.get("pipelines").json()["results"]
        counts.append(len(captured))
        create_pipeline(f"Renewals {len(counts)}", actor=SYSTEM)

    default = next(each for each in body if each["is_default"])
    first = default["stages"][0]
    assert counts[1] == counts[2]
    assert (first["key"], first["exit_criteria"]) == ("lead", first["required_activities"])
    assert [each["activity_type"] for each in first["exit_criteria"]] == ["meeting"]


def test_a_deal_is_lost_reopened_held_and_resumed(api: Api) -> None:
    deal = a_deal(stage="proposal")
    turns = [
        ("lose", {"reason": "price"}),
        ("reopen", {}),
        ("hold", {"reason": "Merger"}),
        ("resume", {}),
        ("win", {}),
    ]

    answers = [
        api.client.post(
            f"/api/v1/deals/{deal.pk}/{turn}/", body, content_type="application/json", headers=api.headers
        )
        for turn, body in turns
    ]

    assert [(answer.status_code, answer.json()["deal_state"]) for answer in answers] == [
        (200, "lost"), (200, "open"), (200, "on_hold"), (200, "open"), (200, "won"),
    ]  # fmt: skip


def test_a_loss_needs_a_known_reason(api: Api) -> None:
    deal = a_deal()

    answer = api.client.post(
        f"/api/v1/deals/{deal.pk}/lose/",
        {"reason": "rain"},
        content_type="application/json",
        headers=api.headers,
    )

    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["reason"])


def test_deals_without_a_next_step_are_found(api: Api) -> None:
    bare, planned = a_deal(), a_deal(next_step="Call", next_step_due_on=date(2026, 5, 1))

    lists = [
        api.client.get(f"/api/v1/deals/?{query}", headers=api.headers).json()["results"]
        for query in ("has_next_step=false", "has_next_step=true", "next_step_due_before=2026-05-02")
    ]

    assert [[each["id"] for each in found] for found in lists] == [
        [str(bare.pk)], [str(planned.pk)], [str(planned.pk)],
    ]  # fmt: skip


def test_a_deal_is_made_in_and_moved_to_a_pipeline_by_its_key(api: Api) -> None:
    home = a_deal().stage.pipeline
    other = create_pipeline("Renewals", actor=SYSTEM)
    create_stage(other, name="Due", key="due", kind="open", actor=SYSTEM)

    made = api.post("deals", {"name": "Renewal", "pipeline_id": str(other.pk)}).json()
    moved = api.patch("deals", made["id"], {"pipeline_id": str(home.pk)}).json()

    assert (made["stage"], made["pipeline_id"]) == ("due", str(other.pk))
    assert (moved["stage"], moved["pipeline_id"]) == ("lead", str(home.pk))


def test_a_currency_that_there_is_not_is_refused_and_nothing_changes(api: Api) -> None:
    deal = a_deal(amount=Decimal(7), currency="EUR")
    new = {"name": "Rollout", "deal_amount_currency": "XXQ"}

    answers = [
        api.post("deals", new),
        api.patch("deals", deal.pk, {"deal_amount_currency": "XXQ", "name": "Other"}),
    ]

    assert [(answer.status_code, answer.json()["detail"]) for answer in answers] == [
        (422, "There is no currency XXQ."), (422, "There is no currency XXQ."),
    ]  # fmt: skip
    assert list(Deal.objects.values_list("name", "deal_amount_currency")) == [(deal.name, "EUR")]


def test_a_currency_is_kept_in_capitals(api: Api) -> None:
    deal = a_deal(amount=Decimal(7), currency="EUR")

    answer = api.patch("deals", deal.pk, {"deal_amount_currency": "chf"})

    assert answer.json()["deal_amount_currency"] == "CHF"


def test_a_deal_with_an_unknown_currency_of_old_can_still_be_changed(api: Api) -> None:
    deal = a_deal()
    Deal.objects.filter(pk=deal.pk).update(deal_amount_currency="XXQ")

    answer = api.patch("deals", deal.pk, {"name": "Other", "deal_amount_currency": "XXQ"})

    assert (answer.status_code, answer.json()["name"]) == (200, "Other")
