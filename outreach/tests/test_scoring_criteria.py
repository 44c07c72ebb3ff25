"""Criteria are read in one spelling, judged with reasons, and changed as people mean it."""

from datetime import date, timedelta

import pytest

from outreach.scoring.chips import chips, title_of
from outreach.scoring.criteria import CriteriaError, read_criteria, refined
from outreach.scoring.facts import CompanyFacts, PersonFacts, SignalFact
from outreach.scoring.judging import Judge, failing
from outreach.scoring.places import Spot

TODAY = date(2026, 11, 21)
NEW_YORK = Spot("New York City", "New York", "US")


def judge(model=None, **criteria):
    return Judge(read_criteria(criteria), TODAY, model)


def a_firm(**facts):
    known = {"name": "Jetty", "industry": "Finance", "spots": (NEW_YORK,), "funding_stage": "Series B"}
    return CompanyFacts(**{**known, **facts})


def kept_out_by(asked, **facts):
    return failing(asked.company(a_firm(**facts)))


def test_words_of_other_spellings_become_ours():
    read = read_criteria(
        {"industries": ["fin tech"], "funding_stages": "series b", "seniority": ["C-Level"], "limit": "5"}
    )

    assert read == {
        "industries": ["Fintech"],
        "funding_stages": ["Series B"],
        "seniority": ["c_level"],
        "limit": 5,
        "entity": "people",
    }


@pytest.mark.parametrize(
    "raw",
    [
        {}, {"limit": 5}, {"colour": "red"}, {"signals": ["weather"]}, {"headcount": {"min": 9, "max": 3}}, {"headcount": 5},
        {"titles": ["CMO"], "limit": 0}, {"titles": ["CMO"], "min_grade": "Z"}, {"revenue": {"min": {"currency": "USD"}}},
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_refused_with_a_sentence(raw):
    with pytest.raises(CriteriaError, match=r"\.$"):
        read_criteria(raw)


@pytest.mark.parametrize(
    ("name", "fits"),
    [
        ("New York", True), ("NYC", True), ("New York City", True), ("New York State", True), ("United States", True),
        ("US", True), ("North America", True), ("Boston", False), ("Europe", False), ("California", False),
    ],
)  # fmt: skip
def test_a_place_is_a_city_a_region_a_country_or_a_part_of_the_world(name, fits):
    assert kept_out_by(judge(locations=[name])) == ([] if fits else ["locations"])


def test_every_place_of_a_company_counts():
    two = (Spot("Emeryville", "California", "US"), Spot("Berlin", "", "DE"))

    assert kept_out_by(judge(locations=["Berlin"]), spots=two) == []
    assert kept_out_by(judge(locations=["DACH"]), spots=two) == []
    assert kept_out_by(judge(exclude_locations=["Germany"], industries=["finance"]), spots=two) == [
        "excluded"
    ]


@pytest.mark.parametrize(
    ("title", "department", "seniority", "fits"),
    [
        ("Chief Marketing Officer", "marketing", "c_level", True),
        ("Chief Growth Officer", "marketing", "c_level", True),
        ("VP Marketing", "marketing", "vp", False),
        ("Chief Financial Officer", "finance", "c_level", False),
        ("", "", "", False),
    ],
)
@pytest.mark.parametrize("asked", ["CMO", "CMOs", "Chief Marketing Officer", "marketing chiefs"])
def test_a_marketing_chief_is_a_department_and_a_level(asked, title, department, seniority, fits):
    verdict = judge(titles=[asked]).person(PersonFacts(title, department, seniority))

    assert failing(verdict) == ([] if fits else ["titles"])


def test_a_title_without_rank_is_searched_by_its_words():
    data_engineer = PersonFacts("Senior Data Engineer", "engineering", "senior")

    assert failing(judge(titles=["data engineers"]).person(data_engineer)) == []
    assert failing(judge(titles=["Software Engineer"]).person(data_engineer)) == ["titles"]


def test_a_level_beside_a_title_is_one_more_wish():
    asked = judge(titles=["CMO"], seniority=["vp"])

    assert failing(asked.person(PersonFacts("VP Sales", "sales", "vp"))) == []
    assert failing(asked.person(PersonFacts("CMO", "marketing", "c_level"))) == []
    assert failing(asked.person(PersonFacts("Sales Manager", "sales", "manager"))) == ["titles"]


def test_what_is_not_known_keeps_out_only_where_it_must_be_known():
    asked = judge(industries=["finance"], funding_stages=["Series B"], headcount={"min": 50})

    verdict = asked.company(a_firm(funding_stage="", employee_size=None))

    assert failing(verdict) == ["funding_stages"]
    assert verdict["funding_stages"].value is None
    assert verdict["headcount"].reason == "size not known"


def test_no_signal_known_is_said_as_such():
    hiring = SignalFact("hiring", "Growth lead", "jobs page", "", TODAY)
    old = SignalFact("hiring", "Growth lead", "jobs page", "", TODAY - timedelta(days=400))
    asked = judge(signals=["hiring"], signal_detail="growth")

    assert asked.signals([])["signals"].reason == "no signals known: hiring"
    assert failing(asked.signals([old])) == ["signals"]
    assert failing(asked.signals([hiring])) == []
    assert asked.signals([hiring])["signal_detail"].value == 1
    assert asked.signals([SignalFact("hiring", "", "jobs", "", TODAY)])["signal_detail"].value is None


def test_an_old_stage_counts_less_and_says_its_date():
    part = judge(funding_stages=["Series B"]).company(a_firm(dated_on=date(2020, 4, 2)))["funding_stages"]

    assert (part.value, part.reason) == (0.75, "stage as of Apr 2020")


def test_a_company_that_resembles_another_is_found_and_itself_is_not():
    asked = judge(a_firm(), similar_to="Jetty")

    assert kept_out_by(asked, name="Petal") == []
    assert kept_out_by(asked) == ["similar_to"]
    assert kept_out_by(asked, name="Farm", industry="Agriculture", spots=(Spot("Lyon", "", "FR"),)) == [
        "similar_to"
    ]


BASE = {"titles": ["CMO"], "locations": ["Boston"], "headcount": {"min": 50, "max": 100}}


@pytest.mark.parametrize(
    ("op", "changes", "slot", "after"),
    [
        ("narrow", {"industries": ["fintech"]}, "industries", ["Fintech"]),
        ("narrow", {"locations": ["Berlin"]}, "locations", ["Berlin"]),
        ("replace", {"locations": ["Berlin"]}, "locations", ["Berlin"]),
        ("widen", {"locations": ["Berlin"]}, "locations", ["Boston", "Berlin"]),
        ("widen", {"headcount": {"min": 20, "max": 80}}, "headcount", {"min": 20, "max": 100}),
        ("widen", {"headcount": {"min": 20}}, "headcount", {"min": 20}),
        ("narrow", {"headcount": {"min": 60}}, "headcount", {"min": 60}),
        ("exclude", {"locations": ["Boston"]}, "locations", None),
        ("exclude", {"locations": ["Boston"]}, "exclude_locations", ["Boston"]),
        ("replace", {"locations": None}, "locations", None),
    ],
)
def test_a_refinement_changes_one_slot_as_people_mean_it(op, changes, slot, after):
    assert refined(read_criteria(BASE), op=op, changes=changes).get(slot) == after


def test_exclusions_add_up_and_a_wanted_value_is_no_exclusion_any_more():
    once = refined(read_criteria(BASE), op="exclude", changes={"exclude_industries": ["crypto"]})
    twice = refined(once, op="exclude", changes={"industries": ["gaming"]})

    assert twice["exclude_industries"] == ["Crypto", "Gaming"]
    assert refined(twice, op="widen", changes={"industries": ["crypto"]})["exclude_industries"] == ["Gaming"]


def test_chips_say_the_criteria_in_words():
    said = [
        (chip.name, chip.value) for chip in chips(read_criteria({**BASE, "signals": ["hiring", "funding"]}))
    ]

    assert said == [
        ("Title", "CMO"),
        ("Place", "Boston"),
        ("Signal", "hiring and funding"),
        ("Size", "50 to 100"),
    ]
    assert title_of(read_criteria(BASE)) == "CMO, Boston"
