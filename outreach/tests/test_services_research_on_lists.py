"""The two questions people ask first, on real lists."""

import pytest

from gtmos.kernel.actors import Actor
from gtmos.kernel.people.models import Role
from gtmos.kernel.tests.builders import an_actor
from outreach.enums import ResearchState
from outreach.models import ResearchJob
from outreach.services.prospects import select_prospects
from outreach.tests.research_builders import a_search, bring_in, lines_that_start, startups_as_csv

pytestmark = pytest.mark.django_db


@pytest.fixture
def actor(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return an_actor(Role.AE)


def people_found(job: ResearchJob) -> list[str]:
    return sorted(job.prospects.values_list("contact__external_id", flat=True))


def companies_found(job: ResearchJob) -> list[str]:
    return sorted(job.prospects.values_list("company__name", flat=True))


@pytest.fixture
def layoffs(actor: Actor, shared_data) -> None:
    bring_in(shared_data("companies/layoffs_to_2023-03.csv").read_bytes(), "layoffs.csv", actor=actor)
    people = lines_that_start(shared_data("people/contacts.csv"), "company_key", "LO-")
    bring_in(people, "contacts.csv", actor=actor)


def test_marketing_chiefs_of_series_b_finance_companies_in_new_york_are_one_who_opted_out(actor, layoffs):
    asked = {
        "titles": ["CMO"],
        "funding_stages": ["Series B"],
        "industries": ["finance"],
        "locations": ["New York City"],
    }

    people = a_search(asked, actor=actor)
    companies = a_search({**asked, "titles": [], "entity": "companies"}, actor=actor)

    assert people.state == ResearchState.DONE
    assert people_found(people) == ["CT042000358"]
    assert companies_found(companies) == ["Argyle", "EquityZen", "Jetty"]
    assert people.prospects.get().blocked_reason == "Opted out, since 21 Jul 2026"
    assert (people.companies_found, people.contacts_found, people.blocked) == (3, 1, 1)
    assert people.companies_examined == people.companies_total == companies.companies_total
    decision = select_prospects(people, actor=actor)
    assert (decision.count, decision.blocked) == (0, 1)


@pytest.fixture
def startups(actor: Actor, shared_data) -> None:
    directory = startups_as_csv(shared_data("companies/yc_companies.jsonl.gz"))
    bring_in(directory, "startups.csv", actor=actor)
    people = lines_that_start(shared_data("people/contacts.csv"), "company_key", "YC-")
    bring_in(people, "contacts.csv", actor=actor)


def test_marketing_chiefs_of_hiring_fintechs_in_new_york_are_four_and_three_may_be_written_to(
    actor, startups
):
    asked = {
        "titles": ["marketing chief"],
        "industries": ["fintech"],
        "locations": ["New York"],
        "signals": ["hiring"],
    }

    job = a_search(asked, actor=actor)

    assert people_found(job) == ["CT042001289", "CT042001326", "CT042001361", "CT042001393"]
    blocked = job.prospects.exclude(blocked_reason="")
    assert list(blocked.values_list("contact__external_id", "blocked_reason")) == [
        ("CT042001289", "Address bounced")
    ]
    assert select_prospects(job, actor=actor).count == 3
    assert job.companies_found == 10
    assert set(job.prospects.values_list("signals__0__type", flat=True)) == {"hiring"}
