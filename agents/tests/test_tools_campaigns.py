"""Campaigns by sentence: drafts at once, whatever leaves the house only after a person's word."""

import pytest

from agents.enums import RunState
from agents.models import Message
from agents.selectors.runs import run_report
from agents.services.runs import confirm
from agents.services.undoing import undo_run
from agents.tests.builders import a_run, a_thread
from crm.models import Contact
from gtmos.kernel.actors import Actor
from gtmos.kernel.people.models import Role
from gtmos.kernel.tests.builders import a_user, an_actor
from outreach.models import Campaign
from outreach.tests.campaign_builders import a_campaign, a_reader, a_research, an_approved_campaign, running

pytestmark = pytest.mark.django_db

TEXTS = ("Join our growth", "Scale with us")


def test_a_campaign_is_drafted_for_the_people_just_found_and_nothing_is_sent():
    me = an_actor()
    thread = a_thread(actor=me)
    a_campaign(actor=me)
    job = a_research([a_reader(), a_reader()], owner=me.user)
    thread.context = {"last_search": {"id": str(job.pk), "entity": "people", "count": 2, "name": job.name}}
    thread.save()
    slots = {
        "audience": "last_search",
        "touches": 3,
        "theme": "hiring",
        "ab_element": "subject",
        "ab_variants": list(TEXTS),
    }

    run = a_run(("campaign.create", slots), actor=me, thread=thread)

    campaign = Campaign.objects.get(research=job)
    card = Message.objects.get(run=run, trust="system").card
    assert (run.state, campaign.state, campaign.enrollments.count()) == (RunState.DONE, "draft", 2)
    assert [variant.text for variant in campaign.experiment.variants.all()] == list(TEXTS)
    assert [finding["count"] for finding in card["findings"][:3]] == [3, 2, 2]
    thread.refresh_from_db()
    assert thread.context["last_test"]["id"] == str(campaign.pk)


def test_undo_of_a_drafted_campaign_leaves_none():
    me = an_actor()
    a_campaign(actor=me)
    job = a_research([a_reader()], owner=me.user)
    thread = a_thread(actor=me)
    page = {"focus": {"type": "research", "id": str(job.pk)}}
    run = a_run(("campaign.create", {"audience": "last_search"}), actor=me, thread=thread, page=page)

    undo_run(run, actor=me)

    assert list(Campaign.objects.filter(research=job)) == []


def test_without_people_a_campaign_is_a_question():
    run = a_run(("campaign.create", {"kind": "outreach"}), actor=an_actor())

    assert run.error == "Who should it go to? Find people first, or name a list."
    assert Campaign.objects.count() == 0


def test_a_channel_that_is_not_there_is_refused():
    slots = {"audience": "last_search", "channels": ["email", "call"]}

    run = a_run(("campaign.create", slots), actor=an_actor())

    assert run.error == "Campaigns send e-mail only in this release, not call. Nothing was changed."


def test_a_launch_always_waits_for_a_word_however_sure_the_planner_is():
    me = an_actor()
    campaign = a_campaign(actor=me, name="Spring")

    run = a_run(("campaign.transition", {"campaign": "Spring", "action": "launch"}), actor=me)

    campaign.refresh_from_db()
    card = Message.objects.get(run=run, trust="system").card
    assert (run.state, campaign.state) == (RunState.WAITING, "draft")
    assert card["approval"]["fingerprint"] == run.plan["fingerprint"]


def test_a_confirmed_launch_is_approved_and_can_be_called_back():
    me = an_actor()
    campaign = a_campaign(actor=me, name="Spring")
    run = a_run(("campaign.transition", {"campaign": "Spring", "action": "launch"}), actor=me)

    done = confirm(run, fingerprint=run.plan["fingerprint"], actor=me)
    campaign.refresh_from_db()
    launched = campaign.state
    undo_run(done, actor=me)

    campaign.refresh_from_db()
    assert (done.state, launched, campaign.state) == (RunState.DONE, "active", "draft")


def test_a_launch_is_void_when_the_campaign_was_changed_in_between():
    me = an_actor()
    campaign = a_campaign(actor=me, name="Spring")
    run = a_run(("campaign.transition", {"campaign": "Spring", "action": "launch"}), actor=me)
    Campaign.objects.filter(pk=campaign.pk).update(version=campaign.version + 1)

    after = confirm(run, fingerprint=run.plan["fingerprint"], actor=me)

    campaign.refresh_from_db()
    assert (after.state, campaign.state) == (RunState.CANCELLED, "draft")


def test_customer_success_may_not_launch():
    user = a_user(role=Role.CSM)
    a_campaign(actor=Actor.of(user), name="Spring")

    run = a_run(("campaign.transition", {"campaign": "Spring", "action": "launch"}), actor=Actor.of(user))

    assert (run.plan["outcome"], run.plan["reason"]) == ("refuse", "permission")


def test_pause_and_its_undo():
    me = an_actor()
    campaign = running(an_approved_campaign(actor=None, name="Spring"))
    run = a_run(("campaign.transition", {"campaign": "Spring", "action": "pause"}), actor=me)
    done = confirm(run, fingerprint=run.plan["fingerprint"], actor=me)
    campaign.refresh_from_db()
    paused = campaign.state

    undo_run(done, actor=me)

    campaign.refresh_from_db()
    assert (paused, campaign.state) == ("paused", "running")


def test_a_variant_is_added_and_taken_back():
    me = an_actor()
    campaign = a_campaign(actor=me, name="Spring", theme="hiring", ab_element="subject", ab_variants=TEXTS)
    before = campaign.experiment.split
    run = a_run(("ab.add_variant", {"campaign": "Spring", "variant": "C"}), actor=me)
    letters = list(campaign.experiment.variants.values_list("letter", flat=True))

    undo_run(run, actor=me)

    campaign = Campaign.objects.get(pk=campaign.pk)
    assert letters == ["A", "B", "C"]
    assert list(campaign.experiment.variants.values_list("letter", flat=True)) == ["A", "B"]
    assert campaign.experiment.split == before


def test_promotion_waits_for_a_word_says_it_is_not_proven_and_can_be_taken_back():
    me = an_actor()
    campaign = running(an_approved_campaign(name="Spring", ab_element="subject", ab_variants=TEXTS))

    run = a_run(("ab.promote", {"campaign": "Spring", "variant": "B"}), actor=me)
    done = confirm(run, fingerprint=run.plan["fingerprint"], actor=me)
    promoted = Campaign.objects.get(pk=campaign.pk).experiment.promoted.letter
    undo_run(done, actor=me)

    after = Campaign.objects.get(pk=campaign.pk).experiment
    assert (run.state, promoted, after.promoted, after.state) == (RunState.WAITING, "B", None, "running")
    assert done.steps.get().summary.endswith("This is not proven; the decision notes that and the figures.")


def test_performance_shows_counts_with_their_base():
    me = an_actor()
    a_campaign(actor=me, name="Spring", ab_element="subject", ab_variants=TEXTS)

    run = a_run(("campaign.performance", {"campaign": "Spring", "variant": "B"}), actor=me)

    card = Message.objects.get(run=run, trust="system").card
    assert card["tables"][0]["rows"][0]["cells"] == ["human replies", "0 of 0"]
    assert run_report(run)["answer"] == (
        "Human replies to the first mail: B, “Scale with us”: 0 of 0; A, “Join our growth”: 0 of 0."
        " Not enough data."
    )


def test_a_stranger_s_campaign_does_not_exist():
    a_campaign(actor=an_actor(), name="Spring")

    run = a_run(("campaign.performance", {"campaign": "Spring"}), actor=an_actor())

    assert run.error == "I know no campaign called Spring. Which one do you mean?"


def test_people_who_did_not_answer_are_the_audience_of_a_re_engagement():
    me = an_actor()

    run = a_run(("campaign.create", {"kind": "re_engagement", "no_reply_days": 14}), actor=me)

    assert run.error == "Nobody was written to 14 days ago or earlier without an answer. Nothing was changed."
    assert Contact.objects.count() == 0
