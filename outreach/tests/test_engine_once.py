"""Whatever is done to a campaign in whatever order: at most one mail for each person and step."""

import tempfile
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from benchmarks.outbox import a_running_campaign
from gtmos.kernel import clock
from gtmos.kernel.actors import SYSTEM
from outreach.engine import ledger
from outreach.engine.reaper import reap
from outreach.engine.reconciler import reconcile
from outreach.models import Campaign, Enrollment, Step, Touch
from outreach.services.suppression import suppress
from outreach.services.touches import plan_touches, resolve_doubt
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
        self.campaign = a_running_campaign(6, steps=2)
        self.refused: set[str] = set()

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
        with transaction.atomic():
            campaign = Campaign.objects.select_for_update().get(pk=self.campaign.pk)
            campaign.resume_to_running() if campaign.state == "paused" else campaign.pause()
            campaign.save()

    @rule(pick=picks)
    def edit_and_approve_again(self, pick) -> None:
        Step.objects.filter(campaign=self.campaign).update(body=f"Hello {{FirstName}}, edition {pick}.")
        Campaign.objects.filter(pk=self.campaign.pk).update(approved_hash=f"{pick:064d}")

    @rule(pick=picks)
    def finish_somebody(self, pick) -> None:
        people = Enrollment.objects.filter(campaign=self.campaign).exclude(state="finished")
        enrollment = people.order_by("position").first()
        if enrollment is not None and pick % 5 == 0:
            enrollment.finish()
            enrollment.save()

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

    def _one(self, pick: int) -> Touch | None:
        touches = list(self.campaign.touches.order_by("pk"))
        return touches[pick % len(touches)] if touches else None


@pytest.mark.django_db(transaction=True)
def test_any_order_of_events_sends_each_mail_at_most_once() -> None:
    run_state_machine_as_test(
        Sending,
        settings=settings(
            max_examples=12, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
