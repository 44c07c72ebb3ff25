"""The pages of searches, as a person asks for them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm.services.contacts import opt_out
from crm.services.signals import NewSignal, record_signals
from crm.tests.builders import a_company, a_contact
from gtmos.kernel import clock
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.tests.builders import a_user
from outreach.models import ResearchJob, SavedSearch
from outreach.services.prospects import select_prospects
from outreach.services.research import start_research
from outreach.services.searches import save_search
from outreach.tests.research_builders import a_search

pytestmark = pytest.mark.django_db
CMOS = {"titles": ["CMO"], "industries": ["Finance"], "headcount": {"min": 10}}
MOST_STATEMENTS = 15
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def person(client):
    user = a_user()
    client.force_login(user)
    return user


def found(person, people: int, **more) -> ResearchJob:
    """A search that found so many, each with a signal."""
    for number in range(people):
        chief = a_contact(
            company=a_company(industry_vertical="Finance"),
            name=f"Chief {number}",
            title="Chief Marketing Officer",
        )
        record_signals(
            [
                NewSignal(
                    chief.company,
                    "hiring",
                    "jobs page",
                    clock.now().date(),
                    "Growth",
                    "https://jobs.example/",
                )
            ],
            actor=SYSTEM,
        )
    return a_search(CMOS, actor=Actor.of(person), **more)


def url(name: str, *args: object) -> str:
    return reverse(f"outreach:{name}", args=args)


def test_the_page_shows_how_the_words_were_read_and_why_each_is_a_result(client, person):
    job = found(person, 1, command="CMOs in finance")

    text = client.get(url("research", job.pk)).text

    assert "You asked: “CMOs in finance”" in text
    assert "Chief 0" in text
    assert "1 of 1 examined" in text
    assert "size not known" in text
    assert "not known for 1" in text
    assert 'href="https://jobs.example/"' in text


def test_an_address_of_a_signal_that_is_no_page_is_no_link(client, person):
    job = found(person, 1)
    row = job.prospects.get()
    row.signals[0]["url"] = "javascript:alert(1)"
    row.save(update_fields=["signals"])

    text = client.get(url("research", job.pk)).text

    assert "Growth" in text
    assert "javascript:alert" not in text


@pytest.mark.parametrize("people", [1, 3])
@pytest.mark.parametrize("name", ["research", "research-live"])
def test_a_page_takes_as_many_statements_for_three_as_for_one(client, person, people, name):
    job = found(person, people)
    client.get(url(name, job.pk))

    with CaptureQueriesContext(connection) as statements:
        answer = client.get(url(name, job.pk) + "?cards=1")

    assert answer.status_code == 200
    assert answer.text.count("data-prospect ") == people
    assert len(statements) == {"research": 10, "research-live": 8}[name]


@pytest.mark.parametrize("jobs", [1, 3])
def test_the_list_takes_as_many_statements_for_three_as_for_one(client, person, jobs):
    made = [start_research(CMOS, actor=Actor.of(person), name=f"Search {number}") for number in range(jobs)]
    for job in made:
        save_search(job, name=job.name, actor=Actor.of(person))
    client.get(url("researches"))

    with CaptureQueriesContext(connection) as statements:
        text = client.get(url("researches")).text

    assert all(text.count(f'title="Search {number}"') == 1 for number in range(jobs))
    assert len(statements) == 6


def test_pages_follow_each_other_without_gap_or_repeat(client, person):
    job = found(person, 30)

    first = client.get(url("research", job.pk))
    second = client.get(url("research", job.pk), {"after": first.context["next_cursor"]})

    names = [card.name for answer in (first, second) for card in answer.context["cards"]]
    assert (len(names), len(set(names))) == (30, 30)
    assert second.context["next_cursor"] == ""


@pytest.mark.parametrize("cursor", ["x", "nan_x", "1_", "0.5_00000000-0000-0000-0000-000000000000"])
def test_a_cursor_that_means_nothing_does_no_harm(client, person, cursor):
    job = found(person, 1)

    assert client.get(url("research", job.pk), {"after": cursor}).status_code == 200


def test_nothing_found_offers_to_search_without_the_criterion_that_emptied_it(client, person):
    a_company(industry_vertical="Retail")
    job = a_search({"industries": ["finance"]}, actor=Actor.of(person))

    text = client.get(url("research", job.pk)).text

    assert "Nobody fits all of it" in text
    assert "1 company was examined" in text
    assert url("research-criterion-remove", job.pk, "industries") in text


def test_without_companies_the_way_to_the_import_is_shown(client, person):
    job = a_search({"industries": ["finance"]}, actor=Actor.of(person))

    assert "There was nothing to examine" in client.get(url("research", job.pk)).text


def test_a_card_is_selected_dismissed_and_brought_back(client, person):
    job = found(person, 1)
    row = job.prospects.get()
    states = []

    for verb in ("select", "dismiss", "restore"):
        answer = client.post(url("prospect-decide", row.pk, verb), **HTMX)
        row.refresh_from_db()
        states.append((answer.status_code, row.state, f'id="prospect-{row.pk}"' in answer.text))

    assert states == [(200, "selected", True), (200, "dismissed", True), (200, "new", True)]


def test_whoever_may_not_be_written_to_cannot_be_selected(client, person):
    job = found(person, 1)
    row = job.prospects.get()
    opt_out(row.contact, at=clock.now(), detail="", actor=SYSTEM)
    job = a_search(CMOS, actor=Actor.of(person))
    row = job.prospects.get()

    answer = client.post(url("prospect-decide", row.pk, "select"), **HTMX)

    row.refresh_from_db()
    assert (answer.status_code, row.state) == (409, "new")
    assert "Opted out" in answer["HX-Trigger"]
    assert "Opted out, since" in client.get(url("research", job.pk)).text


def test_all_of_a_grade_are_selected_and_the_toast_takes_it_back(client, person):
    job = found(person, 3)

    answer = client.post(url("prospects-decide", job.pk, "select"), {"min_grade": "C"}, **HTMX)
    undo = job.prospects.first().decision
    selected = job.prospects.filter(state="selected").count()
    client.post(url("prospects-undo", job.pk, undo), **HTMX)

    assert "3 prospects selected" in answer["HX-Trigger"]
    assert (selected, job.prospects.filter(state="selected").count()) == (3, 0)


def test_the_filter_shows_only_the_selected(client, person):
    job = found(person, 3)
    select_prospects(job, top_n=1, actor=Actor.of(person))

    cards = client.get(url("research", job.pk), {"show": "selected"}).context["cards"]

    assert [card.state for card in cards] == ["selected"]


def test_a_chip_changed_is_a_new_search(client, person):
    job = found(person, 1)

    asked = client.get(url("research-criterion", job.pk, "titles"), **HTMX)
    answer = client.post(url("research-criterion", job.pk, "titles"), {"value": "CFO, VP Sales"}, **HTMX)

    child = ResearchJob.objects.get(parent=job)
    assert 'value="CMO"' in asked.text
    assert child.criteria["titles"] == ["CFO", "VP Sales"]
    assert answer["HX-Redirect"] == url("research", child.pk)


@pytest.mark.parametrize(
    ("slot", "data", "value"),
    [
        ("headcount", {"least": "5", "most": "50"}, {"min": 5, "max": 50}),
        ("signals", {"value": ["hiring", "funding"]}, ["hiring", "funding"]),
        ("revenue", {"least": "1000000", "currency": "eur"}, {"min": {"amount": 1e6, "currency": "EUR"}}),
        ("limit", {"value": "10"}, 10),
        ("min_grade", {"value": "B"}, "B"),
        ("exclude_companies", {"value": "Acme, Initech"}, ["Acme", "Initech"]),
    ],
)
def test_every_kind_of_criterion_can_be_added(client, person, slot, data, value):
    job = start_research(CMOS, actor=Actor.of(person))

    client.post(url("research-criterion", job.pk, slot), data, **HTMX)

    assert ResearchJob.objects.get(parent=job).criteria[slot] == value
    again = client.get(url("research-criterion", ResearchJob.objects.get(parent=job).pk, slot), **HTMX)
    assert again.status_code == 200


def test_a_cross_searches_without_the_criterion_and_the_last_one_stays(client, person):
    job = start_research({"titles": ["CMO"], "locations": ["Berlin"]}, actor=Actor.of(person))

    client.post(url("research-criterion-remove", job.pk, "locations"), **HTMX)
    child = ResearchJob.objects.get(parent=job)
    last = client.post(url("research-criterion-remove", child.pk, "titles"), **HTMX)

    assert child.criteria == {"titles": ["CMO"], "entity": "people"}
    assert last.status_code == 422


def test_a_search_by_form_starts(client, person):
    client.get(url("research-new"), **HTMX)

    answer = client.post(
        url("research-new"), {"entity": "people", "titles": "CMO", "funding_stages": ["Series B"]}, **HTMX
    )

    job = ResearchJob.objects.get()
    assert answer["HX-Redirect"] == url("research", job.pk)
    assert job.criteria == {"titles": ["CMO"], "funding_stages": ["Series B"], "entity": "people"}


def test_an_empty_form_says_what_is_missing(client, person):
    answer = client.post(url("research-new"), {"entity": "people"}, **HTMX)

    assert "Say whom to look for" in answer.text
    assert ResearchJob.objects.exists() is False


def test_a_search_is_saved_run_again_shared_and_forgotten(client, person):
    job = found(person, 1)

    client.post(url("research-save", job.pk), {"name": "Finance CMOs"}, **HTMX)
    search = SavedSearch.objects.get()
    ran = client.post(url("search-do", search.pk, "run"))
    client.post(url("search-do", search.pk, "share"))
    search.refresh_from_db()
    is_shared = search.is_shared
    client.post(url("search-do", search.pk, "delete"))

    again = ResearchJob.objects.exclude(pk=job.pk).get()
    assert ran.url == url("research", again.pk)
    assert (again.name, is_shared, SavedSearch.objects.exists()) == ("Finance CMOs", True, False)


def test_a_running_search_is_stopped(client, person):
    job = start_research(CMOS, actor=Actor.of(person))

    answer = client.post(url("research-cancel", job.pk), **HTMX)

    job.refresh_from_db()
    assert (answer.status_code, job.state) == (200, "cancelled")
    assert client.post(url("research-cancel", job.pk), **HTMX).status_code == 409


def test_a_stranger_finds_no_search_and_no_prospect(client, person):
    job = found(person, 1)
    row = job.prospects.get()
    client.force_login(a_user())

    answers = [
        client.get(url("research", job.pk)),
        client.get(url("research-live", job.pk)),
        client.get(url("research-criterion", job.pk, "titles")),
        client.post(url("research-cancel", job.pk)),
        client.post(url("prospect-decide", row.pk, "select")),
        client.post(url("prospects-decide", job.pk, "select")),
    ]

    assert [answer.status_code for answer in answers] == [404] * 6
    assert "No searches" not in client.get(url("researches")).text
    assert job.name not in client.get(url("researches")).text


def test_pages_ask_to_sign_in(client):
    assert client.get(url("researches")).status_code == 302
