"""Campaigns by sentence: drafts at once, whatever leaves the house only after a person's word."""

import pytest

from agents.enums import RunState
from agents.models import Message, Run
from agents.selectors.runs import run_report
from agents.services.runs import ask_to_undo, confirm
from agents.services.undoing import undo_run
from agents.tests.builders import a_run, a_thread
from crm.models import Contact, Task
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.people.models import Role
from gtmos.kernel.people.services import issue_token
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


def a_pause(actor: Actor) -> tuple[Campaign, Run]:
    """A campaign that was sending, and the confirmed run that paused it."""
    campaign = running(an_approved_campaign(2, name="Spring"))
    run = a_run(("campaign.transition", {"campaign": "Spring", "action": "pause"}), actor=actor)
    confirm(run, fingerprint=run.plan["fingerprint"], actor=actor)
    campaign.refresh_from_db()
    assert campaign.state == "paused"
    return campaign, Run.objects.get(pk=run.pk)


def test_undo_of_a_pause_waits_for_a_word_and_says_that_mail_leaves():
    me = an_actor()
    campaign, _ = a_pause(me)

    run = a_run(("system.undo", {}), actor=me, text="undo")

    campaign.refresh_from_db()
    card = Message.objects.get(run=run, trust="system").card["approval"]
    assert (run.state, run.steps.get().risk, campaign.state) == (RunState.WAITING, "external", "paused")
    assert (card["question"], card["explanation"]) == (
        "I understood: undo. Do it?",
        "Spring is running again: mail leaves to 2 people still in it.",
    )


def test_a_confirmed_undo_of_a_pause_resumes():
    me = an_actor()
    campaign, paused = a_pause(me)
    run = a_run(("system.undo", {}), actor=me, text="undo")

    done = confirm(run, fingerprint=run.plan["fingerprint"], actor=me)

    campaign.refresh_from_db()
    assert (done.state, campaign.state, paused.steps.get().state) == (RunState.DONE, "running", "undone")


def test_the_undo_button_of_a_pause_asks_once_and_resumes_nothing():
    me = an_actor()
    campaign, paused = a_pause(me)

    with pytest.raises(DomainError, match="changes what is sent"):
        undo_run(paused, actor=me)
    asked = [ask_to_undo(paused, actor=me).pk for _ in range(2)]

    campaign.refresh_from_db()
    assert (campaign.state, asked[0] == asked[1]) == ("paused", True)
    assert Run.objects.get(pk=asked[0]).state == RunState.WAITING


def test_an_undo_is_void_when_another_step_became_the_last_one():
    me = an_actor()
    campaign, _ = a_pause(me)
    run = a_run(("system.undo", {}), actor=me, text="undo")
    a_run(("task.create", {"title": "call Bill"}), actor=me)

    after = confirm(run, fingerprint=run.plan["fingerprint"], actor=me)

    campaign.refresh_from_db()
    assert (after.state, campaign.state, Task.objects.count()) == (RunState.CANCELLED, "paused", 1)


def test_an_undo_that_sends_nothing_is_done_at_once():
    me = an_actor()
    campaign = running(an_approved_campaign(2, name="Spring"))
    Campaign.objects.filter(pk=campaign.pk).update(state="paused", paused_from="running")
    run = a_run(("campaign.transition", {"campaign": "Spring", "action": "resume"}), actor=me)
    confirm(run, fingerprint=run.plan["fingerprint"], actor=me)

    undo = a_run(("system.undo", {}), actor=me, text="undo")

    campaign.refresh_from_db()
    assert (undo.state, campaign.state) == (RunState.DONE, "paused")


def test_a_token_that_may_not_send_resumes_nothing_by_undo(client):
    me = an_actor(Role.REVOPS)
    campaign, _ = a_pause(me)
    key = issue_token(me.user, scopes=["read", "write"], actor=SYSTEM)
    headers = {"Authorization": f"Bearer {key}"}

    asked = client.post(
        "/api/v1/runs/", {"text": "undo"}, content_type="application/json", headers=headers
    ).json()
    refused = client.post(
        f"/api/v1/approvals/{asked['id']}/confirm/",
        {"fingerprint": asked["fingerprint"]},
        content_type="application/json",
        headers=headers,
    )

    campaign.refresh_from_db()
    assert (asked["state"], refused.status_code, campaign.state) == ("waiting", 403, "paused")


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
    asked = ask_to_undo(done, actor=me)
    before = Campaign.objects.get(pk=campaign.pk).experiment.promoted.letter
    confirm(asked, fingerprint=asked.plan["fingerprint"], actor=me)

    after = Campaign.objects.get(pk=campaign.pk).experiment
    assert (asked.state, before) == (RunState.WAITING, "B")
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
