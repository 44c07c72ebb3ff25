"""Sequences say what the message tree says, and each follow-up says something new."""

from datetime import date

import pytest

from outreach.rendering.drafting import Material, draft_steps, offsets
from outreach.rendering.fields import FIELDS, render
from outreach.rendering.naming import campaign_name
from outreach.rendering.phrases import THEMES, theme_of
from outreach.rendering.signals import DatedSignal, sentence, speakable

FULL = Material(
    headline="know whom to write to next",
    value_props=("lists are graded", "scores show their parts", "nothing leaves unseen"),
    claims=(("40 teams use it", "https://ours.example/proof"),),
    narrative="we searched more than we talked",
    call_to_action="Worth a brief call next week?",
)
VALUES = {name: name.upper() for name in FIELDS}
TODAY = date(2026, 11, 21)


def a_signal(kind: str, day: int, detail: str = "Growth lead") -> DatedSignal:
    return DatedSignal(f"{kind}-{day}", kind, detail, "job board", date(2026, 11, day))


@pytest.mark.parametrize(
    ("touches", "days"), [(1, (0,)), (2, (0, 3)), (3, (0, 3, 7)), (5, (0, 3, 7, 14, 21))]
)
def test_touches_lie_on_days_0_3_7_and_then_weekly(touches, days):
    assert offsets(touches) == days


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("touches", range(1, 11))
@pytest.mark.parametrize("material", [FULL, Material()])
def test_every_message_of_every_theme_can_be_filled_completely(theme, touches, material):
    steps = draft_steps(material, theme=theme, touches=touches)

    assert len(steps) == touches
    for step in steps:
        assert render(step.subject, VALUES).missing == ()
        assert render(step.body, VALUES).missing == ()


def test_what_is_claimed_names_its_node_of_the_tree():
    first, second, third = draft_steps(FULL, theme="hiring", touches=3)

    assert [source.node for source in first.sources] == [
        "signal",
        "headline",
        "value_props.0",
        "call_to_action",
    ]
    assert [source.node for source in second.sources] == ["value_props.1"]
    assert [source.node for source in third.sources] == ["claims.0"]
    assert third.sources[0].url == "https://ours.example/proof"


def test_no_sentence_of_the_tree_is_said_twice():
    bodies = [step.body for step in draft_steps(FULL, theme="neutral", touches=4)]

    for text in ("Lists are graded.", "Scores show their parts.", "40 teams use it."):
        assert sum(text in body for body in bodies) == 1


def test_the_signal_comes_first_and_the_last_message_asks_for_a_call_with_a_booking_line():
    steps = draft_steps(FULL, theme="hiring", touches=3)

    assert steps[0].body.split("\n\n")[1].startswith("{Signal}")
    assert "a call of 15 minutes make sense? {BookingLine}" in steps[2].body


@pytest.mark.parametrize(("tested", "gone"), [("cta", "Worth a brief call"), ("body", "In one sentence")])
def test_the_tested_part_is_the_variants_place(tested, gone):
    body = draft_steps(FULL, theme="neutral", touches=3, tested=tested)[0].body

    assert body.count("{Variant}") == 1
    assert gone not in body


@pytest.mark.parametrize(
    ("words", "theme"), [("growth hiring", "hiring"), ("Series B funding", "funding"), ("summer", "neutral")]
)
def test_a_theme_is_recognised_in_plain_words(words, theme):
    assert theme_of(words) == theme


def test_a_signal_of_the_theme_goes_before_a_newer_one():
    signals = [a_signal("news", 20), a_signal("hiring", 3), a_signal("hiring", 9)]

    assert speakable(signals, theme="hiring", on=TODAY) == a_signal("hiring", 9)
    assert speakable(signals, theme="neutral", on=TODAY) == a_signal("news", 20)


@pytest.mark.parametrize("kind", ["layoff", "website_visit", "product_usage", "review"])
def test_what_nobody_wants_to_read_is_not_mentioned(kind):
    assert speakable([a_signal(kind, 20)], theme="neutral", on=TODAY) is None


def test_old_and_future_signals_are_not_mentioned():
    old = DatedSignal("1", "hiring", "", "", date(2026, 1, 1))
    future = DatedSignal("2", "hiring", "", "", date(2026, 12, 1))

    assert speakable([old, future], theme="hiring", on=TODAY) is None


def test_a_signal_is_said_with_its_detail_and_date():
    assert (
        sentence(a_signal("hiring", 3), company="Hadrius")
        == "I saw that Hadrius is hiring (“Growth lead”, 3 November)."
    )
    assert (
        sentence(a_signal("hiring", 3, detail="x" * 91), company="Hadrius")
        == "I saw that Hadrius is hiring (3 November)."
    )


@pytest.mark.parametrize(
    ("theme", "criteria", "name"),
    [
        (
            "hiring",
            {"titles": ["CMO"], "industries": ["fintech"], "locations": ["New York"]},
            "Hiring, New York fintech CMOs",
        ),
        ("", {"titles": ["head of sales"]}, "Outreach, head of sales"),
        ("", {}, "Outreach"),
        (
            "funding",
            {"locations": [{"name": "Berlin"}], "seniority": ["founder"]},
            "Funding, Berlin founders",
        ),
    ],
)
def test_a_name_says_what_and_whom(theme, criteria, name):
    assert campaign_name(theme, "outreach", criteria) == name
