"""Fields that RevOps added are understood in the same minute, without training."""

import datetime as dt

import pytest

from agents.planner.context import Context
from agents.planner.planner import Planner
from agents.planner.world import World

FIELDS = [
    {"noun": "company", "key": "arr_band", "label": "ARR band", "choices": ["<1M", "1-5M", "5-20M"]},
    {"noun": "company", "key": "seats", "label": "Seats", "is_number": True},
    {"noun": "company", "key": "motto", "label": "Motto"},
    {"noun": "deal", "key": "paper", "label": "Paper", "choices": ["Ours", "Theirs"]},
    {"noun": "contact", "key": "coffee", "label": "Coffee", "choices": ["Yes", "No"]},
]


def a_planner(fields=FIELDS):
    return Planner(
        World.from_mapping(
            {
                "now": dt.datetime(2026, 5, 4, 9),
                "me": "Nina Berg",
                "users": [{"name": "Nina Berg", "role": "ae"}],
                "companies": ["Acme", "Globex Industries"],
                "contacts": [{"name": "Jane Porter", "company": "Acme"}],
                "deals": [{"name": "Acme Rollout", "company": "Acme", "stage": "lead"}],
                "deal_stages": ["lead", "proposal", "negotiation", "won", "lost"],
                "custom_fields": fields,
            }
        )
    )


@pytest.mark.parametrize(
    ("sentence", "intent", "slots"),
    [
        ("set ARR band to 1-5M for Acme", "company.update", {"company": "Acme", "set": {"custom.arr_band": "1-5M"}}),
        ("update Acme's ARR band to <1m", "company.update", {"company": "Acme", "set": {"custom.arr_band": "<1M"}}),
        ("change the arr band of Acme to 5-20M please", "company.update", {"company": "Acme", "set": {"custom.arr_band": "5-20M"}}),
        ("Acme's ARR band is 1-5M", "company.update", {"company": "Acme", "set": {"custom.arr_band": "1-5M"}}),
        ("set ARR band to huge for Acme", "company.update", {"company": "Acme", "set": {"custom.arr_band": "huge"}}),
        ("set seats to 50 for Globex Industries", "company.update", {"company": "Globex Industries", "set": {"custom.seats": "50"}}),
        ("set ARR band to 1-5M and seats to 50 for Acme", "company.update", {"company": "Acme", "set": {"custom.arr_band": "1-5M", "custom.seats": "50"}}),
        ("set the motto of Acme to Built for people", "company.update", {"company": "Acme", "set": {"custom.motto": "Built for people"}}),
        ("clear the motto of Acme", "company.update", {"company": "Acme", "set": {"custom.motto": None}}),
        ("set paper to theirs on Acme Rollout", "deal.update", {"deal": "Acme Rollout", "set": {"custom.paper": "Theirs"}}),
        ("set coffee to yes for Jane Porter", "contact.update", {"contact": "Jane Porter", "set": {"custom.coffee": "Yes"}}),
    ],
)  # fmt: skip
def test_a_field_is_changed_by_its_label(sentence, intent, slots):
    plan = a_planner().plan(sentence)

    assert [(step.intent, dict(step.slots)) for step in plan.steps] == [(intent, slots)]


@pytest.mark.parametrize(
    ("sentence", "entity", "rows"),
    [
        ("companies with ARR band 1-5M", "companies", [("custom.arr_band", "=", "1-5M")]),
        ("show me all companies with ARR band <1M and seats over 50", "companies", [("custom.arr_band", "=", "<1M"), ("custom.seats", ">", "50")]),
        ("how many companies have no motto", "companies", [("custom.motto", "empty", "true")]),
        ("deals with paper theirs", "deals", [("custom.paper", "=", "Theirs")]),
        ("companies with at least 5 in seats at least 20", "companies", [("custom.seats", ">=", "20")]),
    ],
)  # fmt: skip
def test_records_are_asked_for_by_a_field(sentence, entity, rows):
    (step,) = a_planner().plan(sentence).steps

    assert (step.intent, step.slots["entity"]) == ("records.query", entity)
    assert [
        (row["field"], row["op"], row["value"])
        for row in step.slots["filters"]
        if row["field"].startswith("custom.")
    ] == rows


def test_a_record_that_was_not_said_is_the_one_on_screen():
    page = Context.from_mapping({"focus": {"type": "company", "name": "Acme"}})

    (step,) = a_planner().plan("set ARR band to 1-5M", page).steps

    assert step.slots["company"] == "Acme"


def test_without_a_record_the_planner_asks_which():
    plan = a_planner().plan("set ARR band to 1-5M")

    assert (plan.outcome, plan.missing) == ("clarify", ("company",))


@pytest.mark.parametrize(
    "sentence",
    [
        "remind me to set ARR band to 1-5M for Acme tomorrow",
        "note on Acme: ARR band is 1-5M",
        "move Acme Rollout to negotiation",
        "create a $25k deal with Acme",
    ],
)
def test_other_orders_are_read_as_if_there_were_no_such_field(sentence):
    assert a_planner().plan(sentence).steps == a_planner([]).plan(sentence).steps


def test_what_should_not_happen_is_not_done():
    assert a_planner().plan("don't set ARR band to 1-5M for Acme").steps == ()


def test_a_label_that_the_product_uses_itself_takes_nothing_over():
    fields = [{"noun": "deal", "key": "stage_2", "label": "Stage", "choices": ["negotiation"]}]

    (step,) = a_planner(fields).plan("set stage to negotiation for Acme Rollout").steps

    assert step.slots["set"] == {"stage": "negotiation"}
