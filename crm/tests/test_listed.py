"""Filters inside the query give the same rows as reading every row and comparing in Python."""

import datetime as dt
import random
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.models import Company, Contact
from crm.services.target_lists import add_to_list, create_target_list
from crm.tests.builders import a_company, a_contact, a_deal
from crm.tests.test_roles import ann
from gtmos.kernel import clock
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.fields.tests.builders import a_field
from gtmos.kernel.lists.conditions import condition_of
from gtmos.kernel.lists.fields import fields_for, list_kinds
from gtmos.kernel.lists.filters import Condition, FilterError, Group, Node, parse_filter
from gtmos.kernel.lists.operators import OPERATORS
from gtmos.kernel.people.models import Role
from gtmos.kernel.tests.builders import a_team, a_user, an_actor

pytestmark = pytest.mark.django_db
INDUSTRIES, STATES = ("Fintech", "fintech", "Health, care", ""), ("dormant", "exploring", "using")
TAGS = ("vip", "north", "pilot")


@pytest.fixture
def people() -> list[Any]:
    return [a_user(role=Role.ADMIN), a_user()]


@pytest.fixture
def rows(people: list[Any]) -> list[Company]:
    """Forty companies with values and gaps in every column that is compared below."""
    a_field(label="Seats", kind="number")
    a_field(label="Band", kind="choice", options={"choices": ["low", "high"]})
    a_field(label="Renewal", kind="date")
    a_field(label="Areas", kind="multi_choice", options={"choices": ["a", "b", "c"]})
    draw, today = random.Random(7), clock.now().date()
    for number in range(40):
        custom = {
            "seats": draw.choice(["5", "20", "20.5", None]),
            "band": draw.choice(["low", "high", None]),
            "renewal": draw.choice([(today + dt.timedelta(days=draw.randint(-40, 40))).isoformat(), None]),
            "areas": draw.choice([["a"], ["a", "c"], None]),
        }
        company = a_company(
            name=f"Row {number}",
            industry_vertical=draw.choice(INDUSTRIES),
            employee_size=draw.choice([None, 5, 200, 900]),
            revenue_amount=draw.choice([None, Decimal("1.50"), Decimal(1000)]),
            funded_on=draw.choice([None, today - dt.timedelta(days=draw.randint(0, 60))]),
            tags=draw.sample(TAGS, draw.randint(0, 2)),
            owner=draw.choice([None, *people]),
            custom={key: value for key, value in custom.items() if value is not None},
        )
        at = clock.now() - dt.timedelta(days=draw.randint(0, 60))
        Company.objects.filter(pk=company.pk).update(customer_state=draw.choice(STATES), created_at=at)
    return list(Company.objects.select_related("owner"))


VALUES: dict[str, st.SearchStrategy[str]] = {
    "industry_vertical": st.sampled_from(["Fintech", "fin", "FIN", "Health, care", "care", "%"]),
    "customer_state": st.sampled_from(STATES),
    "employee_size": st.sampled_from(["5", "200", "899", "900"]),
    "revenue_amount": st.sampled_from(["1.5", "1000", "2"]),
    "funded_on": st.sampled_from(["today", "today-10", "today-30", "today+5"]),
    "created_at": st.sampled_from(["today", "today-10", "today-30"]),
    "tags": st.sampled_from(TAGS),
    "owner": st.sampled_from(["me", "nobody"]),
    "custom.seats": st.sampled_from(["5", "20", "20.5", "21"]),
    "custom.band": st.sampled_from(["low", "high"]),
    "custom.renewal": st.sampled_from(["today", "today-10", "today+10"]),
    "custom.areas": st.sampled_from(["a", "b", "c"]),
}
KINDS = {
    "industry_vertical": "text",
    "customer_state": "choice",
    "employee_size": "number",
    "revenue_amount": "number",
    "funded_on": "date",
    "created_at": "moment",
    "tags": "words",
    "owner": "person",
    "custom.seats": "number",
    "custom.band": "choice",
    "custom.renewal": "date",
    "custom.areas": "words",
}
DAYS = {"in_last", "in_next", "not_in_last"}


@st.composite
def conditions(draw: Callable[..., Any]) -> Condition:
    field = draw(st.sampled_from(sorted(VALUES)))
    operator = draw(st.sampled_from(OPERATORS[KINDS[field]]))
    many = draw(st.integers(1, 3)) if operator.values < 0 else operator.values
    values = VALUES[field]
    if operator.key in DAYS:
        values = st.sampled_from(["1", "10", "30"])
    elif operator.key == "during":
        values = st.sampled_from(["today", "this_week", "last_month", "this_quarter"])
    return Condition(field, operator.key, tuple(draw(values) for _ in range(many)))


INNER = st.builds(
    Group, st.sampled_from(["all", "any"]), st.lists(conditions(), min_size=2, max_size=3).map(tuple)
)
TREES = st.builds(
    Group, st.sampled_from(["all", "any"]), st.lists(conditions() | INNER, min_size=1, max_size=3).map(tuple)
)


def holds(node: Node, row: Company, me: Any, today: dt.date) -> bool:
    """What a filter means, said once more without a database."""
    if isinstance(node, Group):
        return (all if node.mode == "all" else any)(holds(part, row, me, today) for part in node.parts)
    value = _value(row, node.field)
    if node.operator in {"empty", "filled"}:
        return (value in (None, "", [])) == (node.operator == "empty")
    return _compared(KINDS[node.field], node.operator, value, list(node.values), me, today)


def _value(row: Company, field: str) -> Any:
    if field == "owner":
        return row.owner
    if field == "created_at":
        return row.created_at.date()
    if not field.startswith("custom."):
        return getattr(row, field)
    value = row.custom.get(field.removeprefix("custom."))
    if value is None:
        return None
    return {"custom.seats": Decimal, "custom.renewal": dt.date.fromisoformat}.get(field, lambda same: same)(
        value
    )


def _compared(kind: str, operator: str, value: Any, values: list[str], me: Any, today: dt.date) -> bool:
    if operator in {"is_not", "none_of", "not_contains", "has_not", "not_in_last"}:
        positive = {
            "is_not": "is",
            "none_of": "any_of",
            "not_contains": "contains",
            "has_not": "has",
            "not_in_last": "in_last",
        }
        return not _compared(kind, positive[operator], value, values, me, today)
    if kind == "person":
        return any(value is None if each == "nobody" else value == me for each in values)
    if kind == "words":
        return any(each in (value or []) for each in values)
    if value is None:
        return False
    if kind in {"date", "moment"}:
        return _on_days(operator, value, values, today)
    if kind == "number":
        return _as_number(operator, value, [Decimal(each) for each in values])
    if operator in {"contains", "begins"}:
        text = value.lower()
        return text.startswith(values[0].lower()) if operator == "begins" else values[0].lower() in text
    return value in values


def _as_number(operator: str, value: Any, values: list[Decimal]) -> bool:
    return {
        "is": lambda: value == values[0],
        "at_least": lambda: value >= values[0],
        "at_most": lambda: value <= values[0],
        "above": lambda: value > values[0],
        "below": lambda: value < values[0],
        "between": lambda: values[0] <= value <= values[1],
    }[operator]()


def _on_days(operator: str, value: dt.date, values: list[str], today: dt.date) -> bool:
    if operator == "in_last":
        return today - dt.timedelta(days=int(values[0])) <= value <= today
    if operator == "in_next":
        return today <= value <= today + dt.timedelta(days=int(values[0]))
    if operator == "during":
        return {
            "today": value == today,
            "this_week": value.isocalendar()[:2] == today.isocalendar()[:2],
            "last_month": (today.replace(day=1) - dt.timedelta(days=1)).replace(day=1)
            <= value
            < today.replace(day=1),
            "this_quarter": (value.year, (value.month - 1) // 3) == (today.year, (today.month - 1) // 3),
        }[values[0]]
    days = [today + dt.timedelta(days=int(each.removeprefix("today") or 0)) for each in values]
    return {
        "is": value == days[0],
        "before": value < days[0],
        "after": value > days[0],
        "between": days[0] <= value <= days[-1],
    }[operator]


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tree=TREES)
def test_a_filter_in_the_query_gives_what_reading_every_row_gives(
    tree: Group, rows: list[Company], people: list[Any]
) -> None:
    me, today = people[0], clock.now().date()

    found = Company.objects.filter(condition_of(tree, "company", actor=Actor.of(me)))

    wanted = {row.name for row in rows if holds(tree, row, me, today)}
    assert {row.name for row in found} == wanted


def found_by(where: str, noun: str, actor: Actor) -> list[str]:
    records = list_kinds()[noun].visible(actor=actor)
    return sorted(str(each) for each in records.filter(condition_of(parse_filter(where), noun, actor=actor)))


def test_people_and_deals_are_filtered_through_their_company() -> None:
    actor, home = an_actor(), a_company(name="Home", industry_vertical="Fintech")
    a_contact(name="Ana", company=home)
    a_contact(name="Bo", company=a_company(industry_vertical="Retail"))
    first = a_deal(name="Big", company=home).stage.key

    assert found_by("company.industry_vertical:is:Fintech", "contact", actor) == ["Ana"]
    assert found_by("company.industry_vertical:is_not:Fintech", "contact", actor) == ["Bo"]
    assert found_by(f"company.name:begins:ho,stage:is:{first}", "deal", actor) == ["Big"]
    assert found_by(f"company.name:begins:ho,stage:is_not:{first}", "deal", actor) == []


def test_through_a_company_of_others_nothing_is_learned() -> None:
    ours, theirs = a_team(), a_team()
    me, they = an_actor(team=ours), an_actor(team=theirs)
    secret = a_company(actor=they, name="Secret", industry_vertical="Fintech")
    person = a_contact(actor=they, name="Ana", company=secret)
    Contact.objects.filter(pk=person.pk).update(owner=me.user, team=None)

    assert found_by("", "contact", me) == ["Ana"]
    assert found_by("company.industry_vertical:is:Fintech", "contact", me) == []
    assert found_by("company.industry_vertical:is_not:Fintech", "contact", me) == []


def test_companies_on_a_target_list() -> None:
    actor = an_actor(Role.ADMIN)
    one, _other = a_company(name="One"), a_company(name="Other")
    target = create_target_list("Spring", actor=actor)
    add_to_list(target, Company.objects.filter(pk=one.pk), actor=actor)

    assert found_by("target_list:is:Spring", "company", actor) == ["One"]
    assert found_by("target_list:is_not:Spring", "company", actor) == ["Other"]


@pytest.mark.parametrize(
    ("where", "sentence"),
    [
        ("nothing:is:x", "There is no field “nothing” of a company to filter by."),
        ("name:above:x", "Company cannot be compared by “above”."),
        ("employee_size:between:3", "“People is between” needs two values."),
        ("employee_size:at_least:many", "People: “many” is not a number."),
        ("employee_size:is:2.5", "People: Write a whole number."),
        ("customer_state:is:happy", "State is one of dormant, exploring, buying, using, churned."),
        ("owner:is:x@y.example", "Owner: nobody here has the address “x@y.example”."),
        ("created_at:during:easter", None),
    ],
)
def test_a_value_that_is_none_is_refused_in_a_sentence(where: str, sentence: str | None) -> None:
    with pytest.raises(FilterError) as refused:
        condition_of(parse_filter(where), "company", actor=an_actor())

    assert refused.value.message.startswith(sentence or "“easter” is no span of days.")


def test_a_field_that_a_role_hides_is_not_filtered_on_nor_through_a_company() -> None:
    careful = ann(fields={"contact.email": "hidden", "company.domain": "hidden"})

    refused = []
    for noun, where in (
        ("contact", "email:is:x"),
        ("company", "domain:is:x"),
        ("contact", "company.domain:is:x"),
    ):
        with pytest.raises(FilterError) as error:
            condition_of(parse_filter(where), noun, actor=careful)
        refused.append(error.value.message.partition("”")[0])

    assert refused == [
        "There is no field “email",
        "There is no field “domain",
        "There is no field “company.domain",
    ]
    assert {"email", "company.domain"} & set(fields_for("contact", actor=careful)) == set()


def test_the_system_has_no_records_of_its_own() -> None:
    with pytest.raises(FilterError) as refused:
        condition_of(parse_filter("owner:is:me"), "company", actor=SYSTEM)

    assert refused.value.message == "Nobody is signed in whose records these could be."
