"""Whatever is done to a campaign in whatever order: at most one mail for each person and step."""

import os
import tempfile
from collections import Counter
from contextlib import suppress as suppress_error
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from benchmarks.outbox import ALWAYS
from crm.services.contacts import update_contact
from gtmos.kernel import clock
from gtmos.kernel.actors import SYSTEM
from gtmos.kernel.exceptions import DomainError
from outreach.engine import ledger
from outreach.engine.reaper import reap
from outreach.engine.reconciler import reconcile
from outreach.models import Campaign, Enrollment, Mailbox, Step, Touch
from outreach.selectors.readiness import blockers
from outreach.services.campaigns import add_recipients, approve_campaign, pause_campaign, resume_campaign
from outreach.services.engagement import unsubscribe_by_token
from outreach.services.enrollments import finish_enrollment, pause_enrollment, resume_due
from outreach.services.sequences import update_step
from outreach.services.suppression import suppress
from outreach.services.touches import plan_touches, resolve_doubt, retry_touch
from outreach.tests.campaign_builders import a_mailbox, a_reader, an_approved_campaign, running
from outreach.tests.sending import QUICK, a_post

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
picks = st.integers(0, 10_000)


class Sending(RuleBasedStateMachine):
    """The mail server's log is compared with the database after every step."""

    def __init__(self) -> None:
        super().__init__()
        Touch.objects.all().delete()
        Campaign.objects.filter(state="running").update(state="paused")  # of the example before
        self.open = a_post(Path(tempfile.mkdtemp(prefix="gtmos-once-")))
        self.post = self.open.__enter__()
        self.campaign = self._campaign()
        self.refused: set[str] = set()
        self.edition = 0

    def teardown(self) -> None:
        self.open.__exit__(None, None, None)

    @rule()
    def plan(self) -> None:
        plan_touches()
        self.campaign.touches.filter(state="scheduled").update(next_at=clock.now() - timedelta(minutes=1))

    @rule()
    def send(self) -> None:
        self.post.send(connections=1)

    @rule(pick=picks)
    def die_before_the_gate(self, pick) -> None:
        ledger.claim(f"dead{pick}", clock.now(), QUICK)

    @rule(is_taken=st.booleans())
    def die_in_the_hand_over(self, is_taken) -> None:
        """After the gate; the server may have taken the mail."""
        for claimed in ledger.claim("dead", clock.now(), QUICK)[:1]:
            ledger.ensure_day(claimed.mailbox_id, clock.now().date(), 100_000)
            refusal, _ = ledger.pass_gate(claimed, clock.now(), clock.now().date(), QUICK)
            if not refusal and is_taken:
                self.post.sink.accepted[claimed.message_id] += 1

    @rule()
    def let_leases_run_out(self) -> None:
        Touch.objects.filter(state__in=("claimed", "handing")).update(lease_until=LONG_AGO)
        reap(terms=QUICK)
        Touch.objects.filter(state="in_doubt").update(handed_at=LONG_AGO)

    @rule()
    def ask_the_server(self) -> None:
        reconcile(way=self.post.way, terms=QUICK)

    @precondition(lambda self: self.campaign.touches.filter(state="in_doubt").exists())
    @rule()
    def a_person_decides_rightly(self) -> None:
        touch = self.campaign.touches.filter(state="in_doubt").first()
        resolve_doubt(touch, was_sent=bool(self.post.sink.accepted[touch.message_id]), actor=SYSTEM)

    @rule(pick=picks)
    def refuse(self, pick) -> None:
        touch = self._one(pick)
        if touch is not None:
            suppress(touch.recipient, reason="unsubscribed", actor=SYSTEM)
            if not self.post.sink.accepted[touch.message_id] and touch.state != "handing":
                self.refused.add(touch.message_id)

    @rule(pick=picks)
    def lose_a_reply(self, pick) -> None:
        touch = self._one(pick)
        if touch is not None:
            self.post.sink.silent = {touch.recipient: bool(pick % 2)}

    @rule()
    def pause_or_resume(self) -> None:
        with suppress_error(DomainError):  # what was changed meanwhile must be approved before
            if self._now().state == "paused":
                resume_campaign(self._now(), actor=SYSTEM)
            else:
                pause_campaign(self._now(), reason="", actor=SYSTEM)

    @rule(number=st.integers(1, 2))
    def edit_and_approve_again(self, number) -> None:
        self._while_paused(self._edit, number)

    def _edit(self, number: int) -> None:
        self.edition += 1
        step = Step.objects.get(campaign=self.campaign, number=number)
        update_step(step, changes={"body": f"Hello {{FirstName}}, edition {self.edition}."}, actor=SYSTEM)

    @precondition(lambda self: self.campaign.enrollments.count() < 9)
    @rule()
    def add_somebody(self) -> None:
        self._while_paused(lambda: add_recipients(self._now(), [a_reader()], actor=SYSTEM))

    @rule(pick=picks)
    def move_somebody(self, pick) -> None:
        """Another address; a mail that waits goes there, under its old Message-ID."""
        touch = self._one(pick)
        if touch is not None:
            update_contact(touch.contact, changes={"email": f"{uuid4().hex}@people.example"}, actor=SYSTEM)

    @rule(pick=picks)
    def rest_somebody(self, pick) -> None:
        touch = self._one(pick)
        if touch is not None:
            until = clock.now() + timedelta(days=pick % 3 - 1)
            pause_enrollment(touch.enrollment, until=until, reason="", actor=SYSTEM)

    @rule()
    def take_up_who_rested(self) -> None:
        resume_due()

    @rule(pick=picks)
    def somebody_unsubscribes(self, pick) -> None:
        """By the link, which only somebody who has the mail knows."""
        touch = self._one(pick)
        if touch is not None and self.post.sink.accepted[touch.message_id]:
            unsubscribe_by_token(touch.token, how="link")

    @precondition(lambda self: self.campaign.touches.filter(state="failed").exists())
    @rule()
    def try_what_failed_again(self) -> None:
        retry_touch(self.campaign.touches.filter(state="failed").first(), actor=SYSTEM)

    @rule(pick=picks)
    def finish_somebody(self, pick) -> None:
        people = Enrollment.objects.filter(campaign=self.campaign).exclude(state="finished")
        enrollment = people.order_by("position").first()
        if enrollment is not None and pick % 5 == 0:
            finish_enrollment(enrollment, outcome="cancelled", actor=SYSTEM)

    @invariant()
    def every_mail_arrived_at_most_once(self) -> None:
        assert max(self.post.sink.accepted.values(), default=0) <= 1

    @invariant()
    def the_database_knows_what_arrived(self) -> None:
        arrived = {message_id for message_id, count in self.post.sink.accepted.items() if count}
        states = dict(self.campaign.touches.values_list("message_id", "state"))
        assert arrived <= set(states)
        assert all(states[message_id] in {"sent", "handing", "in_doubt"} for message_id in arrived)
        assert {message_id for message_id, state in states.items() if state == "sent"} <= arrived

    @invariant()
    def who_refused_got_nothing_more(self) -> None:
        assert not any(self.post.sink.accepted[message_id] for message_id in self.refused)

    @invariant()
    def each_person_has_each_step_once(self) -> None:
        pairs = Counter(self.campaign.touches.values_list("enrollment_id", "step_no"))
        assert max(pairs.values(), default=0) <= 1

    def _campaign(self) -> Campaign:
        Mailbox.objects.all().update(is_active=False)
        a_mailbox(**ALWAYS, daily_cap=100_000)
        readers = [a_reader(email=f"p{uuid4().hex}@people.example") for _ in range(6)]
        return running(an_approved_campaign(contacts=readers, touches=2))

    def _now(self) -> Campaign:
        return Campaign.objects.get(pk=self.campaign.pk)

    def _while_paused(self, change, *arguments) -> None:
        """As a person does it: pause, change, approve anew, go on."""
        if self._now().state != "paused":
            pause_campaign(self._now(), reason="", actor=SYSTEM)
        change(*arguments)
        for finding in blockers(self._now()):
            for enrollment in Enrollment.objects.filter(pk__in=finding.people):
                finish_enrollment(enrollment, outcome="cancelled", actor=SYSTEM)
        with suppress_error(DomainError):  # nobody may be left
            approve_campaign(self._now(), actor=SYSTEM)
            resume_campaign(self._now(), actor=SYSTEM)

    def _one(self, pick: int) -> Touch | None:
        touches = list(self.campaign.touches.order_by("pk"))
        return touches[pick % len(touches)] if touches else None


EXAMPLES, STEPS = int(os.environ.get("GTMOS_TEST_EXAMPLES", "16")), 50


@pytest.mark.django_db(transaction=True)
def test_any_order_of_events_sends_each_mail_at_most_once() -> None:
    run_state_machine_as_test(
        Sending,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            suppress_health_check=list(HealthCheck),
        ),
    )
