"""From a plan to its effect: once, by the one write path, within the person's rights."""

import pytest

from agents.enums import RunState, StepState
from agents.models import Message, Run
from agents.selectors.runs import run_report
from agents.services.registry import tools
from agents.services.runs import confirm, proceed, reject
from agents.services.undoing import undo_run
from agents.tests.builders import a_run, a_thread
from crm.models import Activity, Company, Deal, Task
from crm.services.activities import log_activity
from crm.services.deals import update_deal
from crm.services.pipelines import ensure_default_pipeline
from crm.services.tasks import complete_task
from crm.tests.builders import a_company, a_contact, a_deal
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.events.models import EventRecord
from gtmos.kernel.exceptions import DomainError, NotPermittedError
from gtmos.kernel.history.models import Change
from gtmos.kernel.people.models import Role
from gtmos.kernel.tests.builders import a_user, an_actor

pytestmark = pytest.mark.django_db

MOVE = {
    "deal": "Acme Rollout",
    "set": {"stage": "negotiation", "amount": {"amount": 40000, "currency": "USD"}},
}


def test_a_deal_is_changed_through_its_verb_with_history_and_events():
    me = an_actor()
    deal = a_deal(actor=me, name="Acme Rollout", amount=35000)

    run = a_run(("deal.update", MOVE), actor=me)

    deal.refresh_from_db()
    step = run.steps.get()
    assert (run.state, step.state) == (RunState.DONE, StepState.DONE)
    assert (deal.stage.key, deal.deal_amount) == ("negotiation", 40000)
    assert Change.objects.filter(cause_id=step.pk).count() == 2
    assert EventRecord.objects.filter(run_id=run.pk, name="crm.deal_stage_changed").count() == 1


def test_the_same_key_is_done_once():
    me = an_actor()
    thread = a_thread(actor=me)

    first = a_run(("task.create", {"title": "call Bill"}), actor=me, thread=thread, key="k1")
    second = a_run(("task.create", {"title": "call Bill"}), actor=me, thread=thread, key="k1")

    assert first.pk == second.pk
    assert Task.objects.count() == 1


def test_a_stranger_s_deal_does_not_exist():
    a_deal(actor=an_actor(), name="Acme Rollout", amount=35000)

    run = a_run(("deal.update", MOVE), actor=an_actor())

    assert run.state == RunState.CANCELLED
    assert run.error == "I know no deal called Acme Rollout. Which one do you mean?"
    assert Deal.objects.get().stage.key == "lead"


def test_a_viewer_is_refused_and_nothing_changes():
    deal = a_deal(name="Acme Rollout")

    run = a_run(("deal.update", MOVE), actor=an_actor(Role.VIEWER))

    deal.refresh_from_db()
    assert (run.state, run.plan["outcome"], run.plan["reason"]) == (
        RunState.CANCELLED,
        "refuse",
        "permission",
    )
    assert deal.stage.key == "lead"


def test_two_contacts_of_one_name_are_a_question_with_their_details():
    me = an_actor()
    a_contact(actor=me, name="Sarah Chen", email="s1@a.example", title="CFO")
    a_contact(actor=me, name="Sarah Chen", email="s2@b.example", title="CTO")

    run = a_run(("activity.log", {"type": "call", "contact": "Sarah Chen"}), actor=me)

    answer = Message.objects.get(run=run, trust="system")
    assert answer.text == "Which contact called Sarah Chen?"
    assert len(answer.card["readings"]) == 2
    assert answer.card["note"] == "Nothing was changed."
    assert Activity.objects.count() == 0


def test_a_question_in_the_second_step_keeps_the_first_from_being_done():
    me = an_actor()
    a_company(actor=me, name="Globex")
    steps = (
        ("activity.log", {"type": "note", "company": "Globex", "summary": "legal approved the MSA"}),
        ("deal.update", {"deal": "No Such Deal", "set": {"stage": "proposal"}}),
    )

    run = a_run(*steps, actor=me)

    assert run.state == RunState.CANCELLED
    assert Activity.objects.count() == 0


def test_a_write_the_planner_is_unsure_of_waits_for_a_word():
    me = an_actor()
    deal = a_deal(actor=me, name="Acme Rollout", amount=35000)

    run = a_run(("deal.update", MOVE), actor=me, confidence=0.3)

    deal.refresh_from_db()
    card = Message.objects.get(run=run, trust="system").card
    assert (run.state, deal.stage.key) == (RunState.WAITING, "lead")
    assert card["approval"]["question"] == "I understood: change a deal. Is that right?"


def test_a_confirmed_run_is_carried_out_once():
    me = an_actor()
    deal = a_deal(actor=me, name="Acme Rollout", amount=35000)
    run = a_run(("deal.update", MOVE), actor=me, confidence=0.3)

    confirm(run, fingerprint=run.plan["fingerprint"], actor=me)
    confirm(run, fingerprint=run.plan["fingerprint"], actor=me)

    deal.refresh_from_db()
    assert deal.stage.key == "negotiation"
    assert Change.objects.filter(subject_id=deal.pk, change_category="DEAL_STAGE").count() == 1


def test_an_approval_is_void_when_the_record_has_moved_on():
    me = an_actor()
    deal = a_deal(actor=me, name="Acme Rollout", amount=35000)
    run = a_run(("deal.update", MOVE), actor=me, confidence=0.3)
    update_deal(deal, changes={"next_step": "call them"}, actor=me)

    after = confirm(run, fingerprint=run.plan["fingerprint"], actor=me)

    deal.refresh_from_db()
    assert (after.state, deal.stage.key) == (RunState.CANCELLED, "lead")
    assert after.error == "What you approved has changed since. Nothing was done; look at it again."


def test_an_approval_of_another_call_is_refused():
    me = an_actor()
    a_deal(actor=me, name="Acme Rollout")
    run = a_run(("deal.update", MOVE), actor=me, confidence=0.3)

    with pytest.raises(DomainError, match="belongs to another call"):
        confirm(run, fingerprint="0" * 16, actor=me)

    run.refresh_from_db()
    assert run.state == RunState.WAITING


def test_only_the_person_who_asked_may_approve():
    me = an_actor()
    a_deal(actor=me, name="Acme Rollout")
    run = a_run(("deal.update", MOVE), actor=me, confidence=0.3)

    with pytest.raises(NotPermittedError):
        confirm(run, fingerprint=run.plan["fingerprint"], actor=an_actor(Role.ADMIN))


def test_a_rejected_run_changes_nothing():
    me = an_actor()
    deal = a_deal(actor=me, name="Acme Rollout")
    run = a_run(("deal.update", MOVE), actor=me, confidence=0.3)

    after = reject(run, actor=me)

    deal.refresh_from_db()
    assert (after.state, deal.stage.key) == (RunState.CANCELLED, "lead")


def test_a_run_that_a_crash_left_behind_is_taken_up_where_it_stopped():
    me = an_actor()
    steps = (("task.create", {"title": "one"}), ("task.create", {"title": "two"}))
    run = a_run(*steps, actor=me)
    Task.objects.filter(title="two").delete()
    run.steps.filter(number=2).update(state=StepState.PLANNED)
    Run.objects.filter(pk=run.pk).update(state=RunState.RUNNING)

    proceed(Run.objects.get(pk=run.pk), actor=me)

    run.refresh_from_db()
    assert run.state == RunState.DONE
    assert sorted(Task.objects.values_list("title", flat=True)) == ["one", "two"]


def test_what_is_not_part_of_this_release_says_so():
    run = a_run(
        ("forecast.query", {"period": {"start": "2026-01-01", "end": "2026-03-31"}}), actor=an_actor()
    )

    answer = Message.objects.get(run=run, trust="system")
    assert (
        answer.text
        == "I understood: show the forecast. That is not part of this release. Nothing was changed."
    )


def test_undo_brings_the_deal_back():
    me = an_actor()
    deal = a_deal(actor=me, name="Acme Rollout", amount=35000)
    run = a_run(("deal.update", MOVE), actor=me)

    undo_run(run, actor=me)

    deal.refresh_from_db()
    assert (deal.stage.key, deal.deal_amount, run.steps.get().state) == ("lead", 35000, StepState.UNDONE)


@pytest.mark.parametrize(
    ("step", "model"),
    [
        (("activity.log", {"type": "note", "company": "Globex", "summary": "hello"}), Activity),
        (("task.create", {"title": "call Bill", "due": "2026-12-01"}), Task),
        (("deal.create", {"company": "Globex", "amount": {"amount": 100, "currency": "EUR"}}), Deal),
    ],
)
def test_undo_takes_away_what_was_made(step, model):
    me = an_actor()
    a_deal(actor=me, name="Other", company=a_company(actor=me, name="Globex"))
    before = model.objects.count()
    run = a_run(step, actor=me)
    made = model.objects.count()

    undo_run(run, actor=me)

    assert (before, made, model.objects.count()) == (before, before + 1, before)


def test_undo_keeps_a_deal_that_a_colleague_worked_on_and_offers_to_open_it():
    me, colleague = an_actor(), Actor.of(a_user(name="Cora", role=Role.REVOPS))
    ensure_default_pipeline(actor=SYSTEM)
    a_company(actor=me, name="Globex")
    run = a_run(("deal.create", {"company": "Globex", "amount": {"amount": 5, "currency": "USD"}}), actor=me)
    deal = Deal.objects.get()
    update_deal(deal, changes={"deal_amount": 90000}, actor=colleague)

    asked = a_run(("system.undo", {}), actor=me)
    with pytest.raises(DomainError, match="Cora changed it since"):
        undo_run(run, actor=me)

    card = Message.objects.get(run=asked, trust="system").card
    said = Message.objects.filter(thread=run.thread, trust="system").last()
    assert Deal.objects.get().deal_amount == 90000
    assert asked.error == (
        "Globex stays as it is. Cora changed it since: deal amount from 5.00 to 90000."
        " Nothing was taken back; open it to see what it holds now."
    )
    assert card["subject"] == said.card["subject"] == {"type": "deal", "id": str(deal.pk), "name": "Globex"}


def test_undo_keeps_a_deal_on_which_a_colleague_noted_something():
    me, colleague = an_actor(), Actor.of(a_user(name="Cora", role=Role.REVOPS))
    ensure_default_pipeline(actor=SYSTEM)
    a_company(actor=me, name="Globex")
    run = a_run(("deal.create", {"company": "Globex"}), actor=me)
    log_activity(type="call", subject="Two hours with the CFO", deal=Deal.objects.get(), actor=colleague)

    with pytest.raises(DomainError, match="It has 1 activity of Cora by now"):
        undo_run(run, actor=me)

    assert (Deal.objects.count(), Activity.objects.count()) == (1, 1)


def test_undo_keeps_a_task_that_somebody_did_since():
    me, colleague = an_actor(), Actor.of(a_user(name="Cora", role=Role.REVOPS))
    run = a_run(("task.create", {"title": "call Bill"}), actor=me)
    complete_task(Task.objects.get(), actor=colleague)

    with pytest.raises(DomainError, match="Cora changed it since"):
        undo_run(run, actor=me)

    assert Task.objects.get().done_at is not None


def test_a_deal_is_made_changed_and_both_are_taken_back():
    me = an_actor()
    thread = a_thread(actor=me)
    ensure_default_pipeline(actor=SYSTEM)
    a_company(actor=me, name="Globex")
    a_run(("deal.create", {"company": "Globex"}), actor=me, thread=thread)
    a_run(("deal.update", {"deal": "Globex", "set": {"stage": "proposal"}}), actor=me, thread=thread)
    made = (Deal.objects.get().stage.key, Company.objects.get().customer_state)

    a_run(("system.undo", {"steps": 2}), actor=me, thread=thread)

    assert made == ("proposal", "buying")
    assert (Deal.objects.count(), Company.objects.get().customer_state) == (0, "dormant")


def test_undo_of_a_won_deal_takes_the_company_s_state_back_with_it():
    me = an_actor()
    company = a_company(actor=me, name="Globex")
    deal = a_deal(actor=me, company=company, name="Acme Rollout", amount=5)
    run = a_run(("deal.update", {"deal": "Acme Rollout", "set": {"stage": "Closed won"}}), actor=me)
    company.refresh_from_db()
    won = company.customer_state

    sentence = undo_run(run, actor=me)

    company.refresh_from_db()
    deal.refresh_from_db()
    assert (won, company.customer_state, deal.deal_state) == ("using", "buying", "open")
    assert sentence == "Acme Rollout is as it was: Lead, $5. Globex is buying again."


def test_a_company_that_another_won_deal_holds_stays_a_customer():
    me = an_actor()
    company = a_company(actor=me, name="Globex")
    a_deal(actor=me, company=company, name="Acme Rollout", amount=5)
    other = a_deal(actor=me, company=company, name="Other")
    run = a_run(("deal.update", {"deal": "Acme Rollout", "set": {"stage": "Closed won"}}), actor=me)
    update_deal(other, changes={"stage": "closed_won"}, actor=me)

    sentence = undo_run(run, actor=me)

    company.refresh_from_db()
    assert company.customer_state == "using"
    assert sentence.endswith("Globex stays using: another deal holds it there.")


def test_the_last_two_things_are_taken_back_by_a_sentence():
    me = an_actor()
    thread = a_thread(actor=me)
    for title in ("one", "two", "three"):
        a_run(("task.create", {"title": title}), actor=me, thread=thread)

    a_run(("system.undo", {"steps": 2}), actor=me, thread=thread)

    assert list(Task.objects.values_list("title", flat=True)) == ["one"]


def test_nobody_takes_back_what_another_did():
    me = an_actor()
    run = a_run(("task.create", {"title": "one"}), actor=me)

    with pytest.raises(NotPermittedError):
        undo_run(run, actor=an_actor(Role.ADMIN))

    assert Task.objects.count() == 1


def test_help_gives_a_sentence_for_each_tool():
    run = a_run(("system.help", {}), actor=an_actor())

    table = Message.objects.get(run=run, trust="system").card["tables"][0]
    assert table["columns"] == ["What", "Say"]
    assert ["Help", "help"] in [row["cells"] for row in table["rows"]]
    said, left = run_report(run)["answer"].split(". The help page has ")
    assert said == "You can say, for example: " + ", ".join(
        f"“{row['cells'][1]}”" for row in table["rows"][:3]
    )
    assert left == f"{len(tools()) - len(table['rows'])} more."


def test_the_deals_that_fit_are_listed_with_the_person_s_rights_in_the_query():
    me = an_actor()
    a_deal(actor=me, name="Mine", amount=50000)
    a_deal(actor=me, name="Small", amount=10)
    a_deal(actor=an_actor(), name="Another's", amount=90000)
    filters = [{"field": "amount", "op": ">", "value": 30000}]

    run = a_run(("records.query", {"entity": "deals", "filters": filters}), actor=me)

    table = Message.objects.get(run=run, trust="system").card["tables"][0]
    assert [row["cells"][0] for row in table["rows"]] == ["Mine"]


def test_money_of_different_currencies_is_never_added_up():
    me = an_actor()
    a_deal(actor=me, amount=100, currency="USD")
    a_deal(actor=me, amount=50, currency="USD")
    a_deal(actor=me, amount=70, currency="EUR")

    run = a_run(("records.query", {"entity": "deals", "aggregate": "sum"}), actor=me)

    assert run.steps.get().summary == "Sum: €70, $150 (n = 3)."
