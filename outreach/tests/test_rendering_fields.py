"""Merge fields are strings in, strings out, and nothing else."""

import pytest

from outreach.rendering.fields import FIELDS, clean, render, unknown_places

KNOWN = {"FirstName": "Ann", "Company": "Hadrius"}


def test_fields_are_filled_from_the_table():
    assert render("Hi {FirstName} at {Company}.", KNOWN).text == "Hi Ann at Hadrius."


def test_a_field_without_value_or_fallback_blocks_and_its_place_is_marked():
    rendered = render("Hi {FirstName}, {Title}", KNOWN)

    assert rendered.missing == ("Title",)
    assert [(part.kind, part.text) for part in rendered.parts][-1] == ("missing", "{Title}")


def test_a_field_with_a_fallback_uses_it_and_says_so():
    rendered = render("{Signal}", KNOWN)

    assert rendered.text == "I am writing to you because of your work at Hadrius."
    assert (rendered.used_fallbacks, rendered.missing) == (("Signal",), ())


def test_a_fallback_that_needs_an_unknown_field_blocks():
    assert render("{Signal}", {"FirstName": "Ann"}).missing == ("Company",)


@pytest.mark.parametrize(
    "text",
    [
        "{{FirstName}}",
        "{contact.owner.password}",
        "{% load x %}",
        "{FirstName|upper}",
        "{",
        "}",
        "{}",
        "{firstname}",
    ],
)
def test_whatever_is_no_known_field_blocks(text):
    assert render(text, KNOWN).missing != ()
    assert unknown_places(text) != ()


@pytest.mark.parametrize(
    "value",
    [
        "Ann\r\nBcc: all@x.example",
        "Ann\n.\n",
        "A\x00nn",
        "\u202eAnn",
        "{Company}",
        "{{7*7}}",
        "Ann\u2028B",
        "A\ud800nn",
    ],
)
def test_a_value_is_one_plain_line_and_is_never_filled_again(value):
    rendered = render("{FirstName}", {**KNOWN, "FirstName": value}).text

    assert not set(rendered) & set("\r\n\0{}\u202e\u2028\ud800")
    assert "Hadrius" not in rendered


def test_a_very_long_value_is_cut():
    assert len(clean("x" * 100_000)) == 400


def test_every_fallback_and_field_is_known():
    assert render("".join(f"{{{name}}}" for name in FIELDS), dict.fromkeys(FIELDS, "x")).missing == ()
