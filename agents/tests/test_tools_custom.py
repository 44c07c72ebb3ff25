"""Fields that RevOps added, set and asked for in the command bar."""

import pytest

from agents.models import Message, Run
from agents.services.runs import submit
from agents.services.undoing import undo_run
from agents.tests.builders import a_run, a_thread
from crm.models import Company
from crm.tests.builders import a_company, a_contact, a_deal
from gtmos.kernel.actors import Actor
from gtmos.kernel.fields.tests.builders import a_field, an_arr_band
from gtmos.kernel.tests.builders import an_actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def me() -> Actor:
    return an_actor()


def said(sentence: str, me: Actor) -> tuple[Run, str]:
    run = submit(sentence, thread=a_thread(actor=me), actor=me)
    run.refresh_from_db()
    return run, Message.objects.filter(run=run, trust="system").latest("created_at").text


def test_a_sentence_sets_a_field_and_one_click_takes_it_back(me: Actor) -> None:
    an_arr_band()
    company = a_company(actor=me, name="Acme", custom={"arr_band": "<1M"})

    run, told = said("set ARR band to 1-5M for Acme", me)
    company.refresh_from_db()
    after = dict(company.custom)
    undo_run(run, actor=me)

    company.refresh_from_db()
    assert (after, company.custom) == ({"arr_band": "1-5M"}, {"arr_band": "<1M"})
    assert told.startswith("Changed Acme:")


def test_a_value_that_the_field_does_not_take_is_refused_with_those_it_takes(me: Actor) -> None:
    an_arr_band()
    a_company(actor=me, name="Acme")

    _, told = said("update Acme's ARR band to 20M", me)

    assert "ARR band: “20M” is none of <1M, 1-5M, 5-20M." in told
    assert Company.objects.get().custom == {}


def test_companies_are_listed_by_a_field_that_was_added_a_moment_ago(me: Actor) -> None:
    for name, band in (("Acme", "1-5M"), ("Globex", "<1M"), ("Initech", "1-5M")):
        a_company(actor=me, name=name)
        an_arr_band() if name == "Acme" else None
        Company.objects.filter(name=name).update(custom={"arr_band": band})

    run, told = said("companies with ARR band 1-5M", me)

    names = [row["cells"][0] for row in run.steps.get().result["card"]["table"]["rows"]]
    assert (told, names) == ("2 companies.", ["Acme", "Initech"])


@pytest.mark.parametrize(
    ("op", "value", "names"),
    [
        ("=", "50", ["B"]),
        (">", "50", ["C"]),
        (">=", "50", ["B", "C"]),
        ("<", "50", ["A"]),
        ("empty", "true", ["D"]),
    ],
)
def test_numbers_are_compared_as_numbers(op: str, value: str, names: list[str], me: Actor) -> None:
    a_field(label="Seats", kind="number")
    for name, seats in (("A", 9), ("B", 50), ("C", 100), ("D", None)):
        a_company(actor=me, name=name, custom={"seats": seats})

    run = a_run(
        (
            "records.query",
            {"entity": "companies", "filters": [{"field": "custom.seats", "op": op, "value": value}]},
        ),
        actor=me,
    )

    rows = run.steps.get().result["card"]["table"]["rows"]
    assert [row["cells"][0] for row in rows] == names


def test_deals_and_people_take_their_fields_by_key_or_label(me: Actor) -> None:
    a_field("deal", label="Paper")
    a_field("contact", label="Coffee", kind="boolean")
    deal, person = a_deal(actor=me, name="Big one"), a_contact(actor=me, name="Jane Porter")

    a_run(("deal.update", {"deal": "Big one", "set": {"Paper": "ours", "stage": "negotiation"}}), actor=me)
    a_run(("contact.update", {"contact": "Jane Porter", "set": {"coffee": "yes", "title": "CFO"}}), actor=me)

    deal.refresh_from_db()
    person.refresh_from_db()
    assert (deal.custom, deal.stage.key) == ({"paper": "ours"}, "negotiation")
    assert (person.custom, person.title) == ({"coffee": True}, "CFO")


def test_a_field_that_does_not_exist_is_refused_and_nothing_changes(me: Actor) -> None:
    a_company(actor=me, name="Acme")

    run = a_run(
        ("company.update", {"company": "Acme", "set": {"name": "X", "custom.mood": "good"}}), actor=me
    )

    assert (run.error, Company.objects.get().name) == (
        "A company has no field mood that can be changed here. Nothing was changed.",
        "Acme",
    )
