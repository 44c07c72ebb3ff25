"""Finding people by sentence, and what is proposed once they are found."""

import pytest

from agents.enums import RunState
from agents.models import Message, Suggestion
from agents.services.undoing import undo_run
from agents.tests.builders import a_run, a_thread
from crm.tests.builders import a_company, a_contact
from gtmos.kernel.events.dispatch import dispatch_pending
from gtmos.kernel.tests.builders import an_actor
from outreach.models import Prospect, ResearchJob, SavedSearch
from outreach.services.research import run_research

pytestmark = pytest.mark.django_db

CMOS = {"entity": "people", "titles": ["CMO"], "industries": ["fintech"]}


def some_people(me, many=3):
    for number in range(many):
        company = a_company(actor=me, name=f"Fin {number}", industry_vertical="fintech")
        a_contact(actor=me, name=f"Ann Number{number}", title="CMO", company=company)


def searched(me, thread):
    """Asked for by sentence, carried out, reported."""
    run = a_run(("research.search", CMOS), actor=me, thread=thread, text="find CMOs at fintech companies")
    job = run_research(ResearchJob.objects.get().pk)
    dispatch_pending()
    return run, job


def test_a_search_is_started_and_remembered():
    me = an_actor()
    thread = a_thread(actor=me)

    run = a_run(("research.search", CMOS), actor=me, thread=thread)

    thread.refresh_from_db()
    job = ResearchJob.objects.get()
    assert (run.state, job.owner) == (RunState.DONE, me.user)
    assert thread.context["last_search"]["id"] == str(job.pk)


def test_what_was_found_is_reported_in_the_thread_that_asked_with_counts_and_next_steps():
    me = an_actor()
    some_people(me)
    thread = a_thread(actor=me)

    _, job = searched(me, thread)

    thread.refresh_from_db()
    report = Message.objects.filter(thread=thread, trust="system").last()
    assert [finding["text"] for finding in report.card["findings"][:3]] == [
        "companies examined",
        "companies found",
        "people found",
    ]
    assert report.card["findings"][2]["count"] == job.contacts_found == 3
    assert [action["label"] for action in report.card["actions"]][1] == "Save this search"
    assert thread.context["last_search"]["count"] == 3
    assert sorted(Suggestion.objects.values_list("kind", flat=True)) == ["campaign.create", "research.save"]


def test_a_search_is_narrowed_into_a_new_one():
    me = an_actor()
    thread = a_thread(actor=me)
    _, first = searched(me, thread)

    a_run(("research.refine", {"op": "narrow", "titles": ["CFO"]}), actor=me, thread=thread)

    second = ResearchJob.objects.exclude(pk=first.pk).get()
    assert (second.parent, second.criteria["titles"]) == (first, ["CFO"])


def test_refining_nothing_is_a_question():
    run = a_run(("research.refine", {"op": "narrow", "titles": ["CFO"]}), actor=an_actor())

    assert run.error == "There is no search in this thread yet. Whom should I look for?"


def test_a_search_is_saved_and_forgotten_again():
    me = an_actor()
    thread = a_thread(actor=me)
    searched(me, thread)
    run = a_run(("research.save", {"name": "Fintech CMOs"}), actor=me, thread=thread)
    saved = list(SavedSearch.objects.values_list("name", flat=True))

    undo_run(run, actor=me)

    assert (saved, SavedSearch.objects.count()) == (["Fintech CMOs"], 0)


def test_prospects_are_selected_and_the_choice_taken_back():
    me = an_actor()
    some_people(me)
    thread = a_thread(actor=me)
    searched(me, thread)
    run = a_run(("prospects.select", {"action": "select", "top_n": 2}), actor=me, thread=thread)
    selected = Prospect.objects.filter(state="selected").count()

    undo_run(run, actor=me)

    assert (selected, Prospect.objects.filter(state="selected").count()) == (2, 0)
    assert run.steps.get().summary.startswith("Selected 2 prospects")


def test_another_s_search_is_not_mine_to_refine():
    other, me = an_actor(), an_actor()
    _, job = searched(other, a_thread(actor=other))
    page = {"focus": {"type": "research", "id": str(job.pk)}}

    run = a_run(("research.save", {"name": "x"}), actor=me, page=page)

    assert run.error == "There is no search in this thread yet. Whom should I look for?"
    assert SavedSearch.objects.count() == 0
