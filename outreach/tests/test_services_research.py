"""Searches: asked for, carried out, refined, shared and kept."""

import pytest
from django.utils import timezone

from crm.services.contacts import opt_out, update_contact
from crm.services.signals import NewSignal, record_signals
from crm.tests.builders import a_company, a_contact
from gtmos.kernel import clock
from gtmos.kernel.actors import SYSTEM
from gtmos.kernel.events.models import EventRecord
from gtmos.kernel.exceptions import DomainError, InvalidInputError, NotFoundError, NotPermittedError
from gtmos.kernel.tests.builders import a_team, an_actor
from outreach.enums import ProspectState, ResearchState
from outreach.models import ResearchJob
from outreach.selectors.prospects import get_prospect, prospects_of
from outreach.selectors.research import get_research, get_search, left_out, visible_searches
from outreach.services.prospects import select_prospects
from outreach.services.research import (
    cancel_research,
    refine_research,
    run_research,
    share_research,
    start_research,
)
from outreach.services.searches import run_saved, save_search, share_search
from outreach.services.suppression import suppress
from outreach.tests.research_builders import CMOS, a_cmo, a_graded_search, a_search, is_active, many_companies


@pytest.mark.django_db
def test_a_search_finds_grades_and_ranks_and_says_what_it_examined():
    actor = an_actor()
    chief = a_cmo()
    a_contact(company=chief.company, title="Sales Manager")
    a_cmo(industry_vertical="Agriculture")

    job = a_search(CMOS, actor=actor, command="find CMOs in finance")

    found = job.prospects.get()
    assert (job.state, job.companies_total, job.companies_examined, job.companies_found) == ("done", 2, 2, 1)
    assert (job.contacts_examined, job.contacts_found, job.scored, job.blocked) == (2, 1, 1, 0)
    assert found.contact == chief
    assert {part["criterion"]: part["value"] for part in found.parts} == {
        "industries": 1.0,
        "titles": 1.0,
        "reach": 1.0,
        "role": None,
    }
    assert found.fit_score == pytest.approx(6.5 / 7)
    assert (found.intent_score, found.tier, found.blocked_reason) == (0.0, 1, "")
    finished = EventRecord.objects.get(name="outreach.research_finished")
    assert finished.payload["contacts_found"] == 1


@pytest.mark.django_db
def test_signals_raise_intent_and_are_kept_with_their_source_and_date():
    chief = a_cmo()
    today = clock.now().date()
    record_signals(
        [NewSignal(chief.company, "hiring", "jobs page", today, "Growth lead", "https://jobs.example/1")],
        actor=SYSTEM,
    )

    found = a_search(CMOS, actor=an_actor()).prospects.get()

    assert found.intent_score == pytest.approx(0.55)
    assert found.signals == [
        {
            "type": "hiring",
            "detail": "Growth lead",
            "source": "jobs page",
            "url": "https://jobs.example/1",
            "occurred_on": today.isoformat(),
        }
    ]


@pytest.mark.django_db
def test_equals_are_ranked_alike_in_every_run():
    many_companies(40, every=1)
    actor = an_actor()

    runs = [a_search(CMOS, actor=actor) for _ in range(3)]

    orders = {tuple(prospects_of(run, actor=actor).values_list("contact_id", "tier")) for run in runs}
    assert len(orders) == 1
    assert [number for _, number in orders.pop()] == [1] * 8 + [2] * 12 + [3] * 12 + [4] * 8


@pytest.mark.django_db
def test_records_of_somebody_else_are_neither_examined_nor_found():
    other = an_actor()
    a_cmo(actor=other)
    own = a_cmo()

    job = a_search(CMOS, actor=an_actor())

    assert job.companies_total == job.companies_examined == 1
    assert job.prospects.get().contact == own


@pytest.mark.django_db
def test_a_person_of_somebody_else_at_a_company_of_everybody_is_not_found():
    other = an_actor()
    firm = a_company(industry_vertical="Finance")
    a_contact(actor=other, company=firm, title="CMO")

    job = a_search(CMOS, actor=an_actor())

    assert (job.companies_found, job.contacts_examined, job.prospects.count()) == (1, 0, 0)


@pytest.mark.django_db
def test_whoever_may_not_be_written_to_is_shown_with_the_reason_and_never_selected():
    actor = an_actor()
    opted, bounced, refused, free = (a_cmo(name=name) for name in ("Ann", "Bob", "Cat", "Dan"))
    opt_out(opted, at=timezone.now(), detail="", actor=SYSTEM)
    update_contact(bounced, changes={"email_status": "bounced"}, actor=SYSTEM)
    suppress(refused.email, reason="complaint", actor=SYSTEM)
    job = a_search(CMOS, actor=actor)

    decision = select_prospects(job, actor=actor)

    reasons = dict(job.prospects.values_list("contact__name", "blocked_reason"))
    assert reasons == {
        "Ann": f"Opted out, since {timezone.now():%-d %b %Y}",
        "Bob": "Address bounced",
        "Cat": "Address is suppressed",
        "Dan": "",
    }
    assert (decision.count, decision.blocked, job.blocked) == (1, 3, 3)
    assert job.prospects.get(state=ProspectState.SELECTED).contact == free


@pytest.mark.django_db
def test_nothing_found_says_which_criterion_alone_kept_out_how_many():
    a_company(industry_vertical="Finance", funding_stage="Series B", city="Boston")
    a_company(industry_vertical="Finance", funding_stage="", city="Boston")
    a_company(industry_vertical="Retail", funding_stage="", city="Boston")

    job = a_search(
        {"industries": ["finance"], "funding_stages": ["Series A"], "locations": ["Boston"]}, actor=an_actor()
    )

    assert job.prospects.count() == 0
    assert [(row.slot, row.rows, row.unknown, row.alone) for row in left_out(job)] == [
        ("funding_stages", 3, 2, 2),
        ("industries", 1, 0, 0),
    ]
    assert left_out(job)[0].sentence == "3 companies left out, of 2 it is not known. 2 by this alone."


@pytest.mark.django_db
def test_companies_are_results_too():
    firm = a_company(industry_vertical="Finance")

    job = a_search({"industries": ["finance"]}, actor=an_actor())

    assert (job.prospects.get().company, job.prospects.get().contact) == (firm, None)
    assert (job.contacts_examined, job.contacts_found) == (0, 0)


@pytest.mark.django_db
def test_the_wanted_number_keeps_the_best_and_a_grade_keeps_the_good():
    for _ in range(3):
        a_cmo()
    best = a_cmo()
    is_active(best)

    two = a_search({**CMOS, "limit": 2}, actor=an_actor())
    good = a_search({**CMOS, "min_grade": "A"}, actor=an_actor())

    assert two.prospects.count() == 2
    assert two.prospects.order_by("-priority_score").first().contact == best
    assert (two.contacts_found, two.scored) == (4, 4)
    assert good.prospects.get().contact == best
    assert good.left_out["min_grade"] == {"rows": 3, "unknown": 0, "alone": 3}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "criteria",
    [{}, {"signals": ["weather"]}, {"similar_to": "Nobody Ltd"}, {"headcount": {"min": 5, "max": 1}}],
)
def test_criteria_that_cannot_be_used_are_refused(criteria):
    with pytest.raises(InvalidInputError):
        start_research(criteria, actor=an_actor())

    assert ResearchJob.objects.exists() is False


@pytest.mark.django_db
def test_a_search_needs_a_person_whose_rights_apply():
    with pytest.raises(DomainError, match="needs a person"):
        start_research(CMOS, actor=SYSTEM)


@pytest.mark.django_db
def test_a_refinement_is_a_new_search_and_the_old_one_stays():
    actor = an_actor()
    job = a_search(CMOS, actor=actor)

    child = refine_research(
        job, op="narrow", changes={"locations": ["Berlin"]}, command="only in Berlin", actor=actor
    )

    assert child.criteria == {**job.criteria, "locations": ["Berlin"]}
    assert (child.parent, child.command, child.state) == (job, "only in Berlin", ResearchState.QUEUED)
    with pytest.raises(InvalidInputError, match="no way to change"):
        refine_research(job, op="shake", changes={}, actor=actor)


@pytest.fixture
def graded(db):
    return a_graded_search()


def test_a_search_of_a_stranger_does_not_exist(graded):
    job, _ = graded
    stranger = an_actor()

    for ask in (
        lambda: get_research(job.pk, actor=stranger),
        lambda: get_prospect(job.prospects.first().pk, actor=stranger),
    ):
        with pytest.raises(NotFoundError):
            ask()
    with pytest.raises(NotPermittedError):
        cancel_research(job, actor=stranger)


@pytest.mark.django_db
def test_a_shared_search_shows_each_reader_only_their_own_records():
    team = a_team()
    owner, mate = an_actor(team=team), an_actor(team=team)
    a_cmo(name="Everybody's")
    private = a_cmo(name="Owner's")
    for record in (private, private.company):
        type(record).objects.filter(pk=record.pk).update(owner=owner.user)
    job = a_search(CMOS, actor=owner)

    share_research(job, is_shared=True, actor=owner)

    assert prospects_of(job, actor=owner).count() == 2
    assert prospects_of(get_research(job.pk, actor=mate), actor=mate).get().contact.name == "Everybody's"
    share_research(job, is_shared=False, actor=owner)
    with pytest.raises(NotFoundError):
        get_research(job.pk, actor=mate)


@pytest.mark.django_db
def test_somebody_without_a_team_cannot_share():
    actor = an_actor()
    job = start_research(CMOS, actor=actor)

    with pytest.raises(DomainError, match="no team"):
        share_research(job, is_shared=True, actor=actor)


def test_a_saved_search_that_runs_again_knows_who_is_new(graded):
    job, actor = graded
    search = save_search(job, name="  Finance   CMOs ", actor=actor)
    a_cmo(name="New One")

    again = run_research(run_saved(search, actor=actor).pk)

    assert search.name == "Finance CMOs"
    assert again.saved_search == search
    assert again.prospects.count() == 4
    assert again.prospects.get(is_new=True).contact.name == "New One"


def test_a_name_is_taken_once_by_each_person(graded):
    job, actor = graded
    save_search(job, name="Finance", actor=actor)

    with pytest.raises(DomainError, match="already have"):
        save_search(job, name="Finance", actor=actor)
    with pytest.raises(InvalidInputError):
        save_search(job, name=" ", actor=actor)


def test_a_shared_saved_search_is_everybodys_and_a_private_one_is_not(graded):
    job, actor = graded
    stranger = an_actor()
    search = save_search(job, name="Finance", actor=actor)
    assert list(visible_searches(actor=stranger)) == []

    share_search(search, is_shared=True, actor=actor)

    found = get_search(search.pk, actor=stranger)
    assert run_saved(found, actor=stranger).owner == stranger.user
    with pytest.raises(NotPermittedError):
        share_search(found, is_shared=False, actor=stranger)
