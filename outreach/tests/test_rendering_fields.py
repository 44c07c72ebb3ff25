"""Merge fields are strings in, strings out, and nothing else."""

import random
import time

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


# What engines of other kinds would run or read: Django, Jinja, Mako, Twig, Handlebars, Freemarker, Velocity,
# ERB, format strings, shell, SQL, script.
PROBES = (
    "{{7*7}}", "${7*7}", "#{7*7}", "<%= 7*7 %>", "{7*7}", "{{7*'7'}}", "*{7*7}", "@(7*7)", "~{7*7}", "[[7*7]]",
    "{{config}}", "{{settings.SECRET_KEY}}", "{{request.user.password}}", "{{contact.owner.password}}",
    "{{contact.delete}}", "{{self}}", "{{self.__init__.__globals__}}", "{{''.__class__.__mro__[1].__subclasses__()}}",
    "{{cycler.__init__.__globals__.os.popen('id').read()}}", "{{lipsum.__globals__['os'].popen('id').read()}}",
    "{% debug %}", "{% include '/etc/passwd' %}", "{% load log %}{% get_admin_log 9 as l %}", "{% import os %}",
    "{% for x in ().__class__.__base__.__subclasses__() %}{{x}}{% endfor %}", "{% raw %}{{7*7}}{% endraw %}",
    "{{x|ljust:'999999999'}}", "{{'a'*999999999}}", "{FirstName|ljust:'999999999'}", "{FirstName:>999999999}",
    "{FirstName!r}", "{FirstName.__class__}", "{FirstName[0]}", "{0.__class__.__init__.__globals__}", "{0}",
    "{FirstName.__init__.__globals__[SECRET_KEY]}", "%(FirstName)s", "%s%s%n", "$FirstName", "${FirstName}",
    "${T(java.lang.Runtime).getRuntime().exec('id')}", "<#assign x='freemarker.template.utility.Execute'?new()>",
    "#set($x=7*7)$x", "{{constructor.constructor('return process')()}}", "{{#with 's'}}{{/with}}", "{{{FirstName}}}",
    "{{>partial}}", "<?php echo 7*7 ?>", "<%= File.read('/etc/passwd') %>", "`id`", "$(id)", "; DROP TABLE x; --",
    "{FirstName}{FirstName", "{{FirstName}", "{FirstName}}", "{{}}", "{}", "{ FirstName }", "{First Name}",
    "{FIRSTNAME}", "{firstName}", "{\u0046irstName}", "{FirstNam\u0435}", "{FirstName\u200b}", "{FirstName\n}", "{\x00}",
    "{Signal{Company}}", "{Fir{Company}stName}", "{{{{{{{{{{", "}}}}}}}}}}", "{" * 5000, "{Company}" * 5000,
)  # fmt: skip
CANARY = "s3cr3t-canary"
SECRETS = dict.fromkeys(("SECRET_KEY", "password", "owner", "__class__", "config", "self"), CANARY)
LONGEST_TEMPLATE = 10_000


def as_written(rendered) -> str:
    """The template again: what was filled goes back to its field, everything else is what it was."""
    return "".join(
        {"text": part.text, "missing": part.name}.get(part.kind, f"{{{part.name}}}")
        for part in rendered.parts
    )


def filled(rendered) -> set[str]:
    return {part.text for part in rendered.parts if part.kind == "field"}


@pytest.mark.parametrize("probe", PROBES, ids=range(len(PROBES)))
def test_no_text_is_run_whatever_language_it_is_written_in(probe):
    rendered = render(probe, {**SECRETS, **KNOWN})

    is_kept = as_written(rendered) == probe
    assert is_kept
    assert filled(rendered) <= set(KNOWN.values())
    assert rendered.text.count(CANARY) == 0


@pytest.mark.parametrize("probe", PROBES, ids=range(len(PROBES)))
def test_no_value_is_run_either(probe):
    rendered = render("Dear {FirstName},", {**SECRETS, **KNOWN, "FirstName": probe})

    assert rendered.text == f"Dear {clean(probe)},"
    assert not set(rendered.text) & set("{}")
    assert rendered.missing == ()


def test_random_pieces_of_templates_are_filled_from_the_table_alone():
    dice = random.Random(5)
    pieces = [
        "{",
        "}",
        "{{",
        "}}",
        "{%",
        "%}",
        "FirstName",
        "{Company}",
        "owner",
        "password",
        ".",
        "|",
        "self",
    ]

    for _ in range(20_000):
        text = "".join(dice.choices(pieces, k=dice.randrange(1, 12)))
        rendered = render(text, {**SECRETS, **KNOWN})
        assert as_written(rendered) == text
        assert filled(rendered) <= set(KNOWN.values())
        assert rendered.text.count(CANARY) == 0


@pytest.mark.parametrize("place", ["{Name}", "{Signal}", "{Title} and words around it, as people write. "])
def test_the_longest_text_takes_ten_milliseconds_and_stays_under_a_megabyte(place):
    text = (place * LONGEST_TEMPLATE)[:LONGEST_TEMPLATE]
    values = {name: f"{name}{'x' * 1_000_000}" for name in FIELDS if name != "Signal"}

    rounds = []
    for _ in range(5):
        began = time.process_time()
        rendered = render(text, values)
        rounds.append(time.process_time() - began)

    assert min(rounds) < 0.010
    assert len(rendered.text.encode()) < 1_000_000


def test_what_is_known_about_a_person_never_becomes_a_link():
    values = {"FirstName": "Buy https://evil.example/x", "BookingLine": "Here: https://ours.example/book"}

    filled = render("{FirstName}. {BookingLine}", values).text

    assert filled == "Buy https: //evil.example/x. Here: https://ours.example/book"
