"""What a filter accepts can be said: a list never fails on the words of its own filter."""

from collections.abc import Iterator

import pytest

from crm.tests.builders import a_company, a_contact
from gtmos.kernel.actors import Actor
from gtmos.kernel.fields.tests.builders import a_field
from gtmos.kernel.lists.asking import Asked
from gtmos.kernel.lists.fields import ListField, fields_for
from gtmos.kernel.lists.filters import Condition, Group, format_filter
from gtmos.kernel.lists.operators import OPERATORS, SOME
from gtmos.kernel.lists.saying import chips_of
from gtmos.kernel.tests.builders import an_actor

pytestmark = pytest.mark.django_db
WRITTEN = (
    *("30", "30d", " 30d ", "007d", "2.5", "1k", "1,000", "me", "nobody", "yes", "TRUE", "0", "%", ""),
    *("today", " Today-3 ", "TODAY+7", "this_week", " This_Week", "2026-03-01", " 2026-03-01 ", "20260301"),
    *("using", "Gold", "gold", "North", "true", "Fintech", "a|b", "a,b", '"', "(", "ä"),
)


def every_kind(actor: Actor) -> list[tuple[str, ListField]]:
    """One field of each kind, of the product's own and of those that somebody added, with what it is a field of."""
    fields = [
        (noun, each)
        for noun in ("company", "contact", "deal", "task")
        for each in fields_for(noun, actor=actor).values()
    ]
    return list({(each.kind, each.definition is None): (noun, each) for noun, each in fields}.values())


def conditions(field: ListField, keys: list[str]) -> Iterator[Condition]:
    for operator in OPERATORS[field.kind]:
        if operator.values == 0:
            yield Condition(field.key, operator.key)
            continue
        for text in (*WRITTEN, *keys):
            yield Condition(
                field.key, operator.key, (text,) * (2 if operator.values == SOME else operator.values)
            )


def test_every_condition_that_a_list_accepts_has_its_words() -> None:
    actor, home = an_actor(), a_company()
    assert actor.user is not None
    a_contact(company=home)
    for kind, options in (
        ("number", {}),
        ("date", {}),
        ("boolean", {}),
        ("choice", {"choices": ["Gold"]}),
        ("multi_choice", {"choices": ["North"]}),
        ("link", {"to": "company"}),
    ):
        a_field(label=f"Own {kind}", kind=kind, options=options)
    key = str(home.pk)
    keys = [key, key.upper(), key.replace("-", ""), f"{{{key}}}", f"urn:uuid:{key}", actor.user.email.upper()]

    accepted, unsaid = set[str](), []
    for noun, field in every_kind(actor):
        for condition in conditions(field, keys):
            asked = Asked(noun, {"where": format_filter(Group("all", (condition,)))}, actor)
            if asked.tree:
                accepted.add(field.kind)
                unsaid += [condition for chip in chips_of(asked) if not chip["words"].startswith(field.label)]

    assert (unsaid, accepted) == ([], set(OPERATORS))


def test_a_number_of_days_is_said_however_it_is_written() -> None:
    said = [
        chips_of(Asked("company", {"where": f"created_at:in_last:{days}"}, an_actor()))[0]["words"]
        for days in ("30", "30d", "1d")
    ]

    assert said == [
        "Added is in the last 30 days",
        "Added is in the last 30 days",
        "Added is in the last 1 day",
    ]
