"""Webhooks to a receiver that fails, by workers that are killed: at least once, each with its id, in order."""

import multiprocessing
import os
import random
import signal
import threading
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections, transaction
from django.utils import timezone

from gtmos.kernel import events
from gtmos.kernel.actors import SYSTEM
from gtmos.kernel.tests.builders import a_team
from gtmos.kernel.tests.receivers import Receiver, receiving
from gtmos.kernel.tests.test_webhooks import PageTurned
from gtmos.kernel.webhooks import sending, services
from gtmos.kernel.webhooks.models import Webhook, WebhookAttempt, WebhookDelivery

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.kill]
EVENTS = int(os.environ.get("GTMOS_TEST_EVENTS", "400"))
KILLS = int(os.environ.get("GTMOS_TEST_KILLS", "6"))
SUBJECTS, FAILING, SEED = 40, 0.3, 5
MOST_FAILURES = 6  # of one message: after ten it is given up, visibly, which is another test


@dataclass
class Unreliable:
    """Of what comes, three in ten are refused or broken off, and noted as if they had never come."""

    draw: random.Random = field(default_factory=lambda: random.Random(SEED))
    failed: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    count: int = 0

    def answer(self, receiver: Receiver) -> tuple[int, dict[str, str]]:
        self.count += 1
        message_id = receiver.seen[-1][0]["webhook-id"]
        if self.draw.random() >= FAILING or self.failed[message_id] >= MOST_FAILURES:
            return 204, {}
        self.failed[message_id] += 1
        return self.draw.choice((0, 500, 503)), {}


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.OUTGOING_PRIVATE_HOSTS = ("127.0.0.1",)
    unreliable, running = Unreliable(), Receiver()
    running.answer = lambda number: unreliable.answer(running)
    with receiving(running):
        yield running


def work_until_killed() -> None:
    while True:
        sending.send_waiting(limit=200)
        pauses_are_over()


def pauses_are_over() -> None:
    past = timezone.now() - timedelta(seconds=1)
    WebhookDelivery.objects.filter(state="waiting", leased_until=None).update(next_at=past)
    Webhook.objects.update(held_until=None)


def leases_of_the_dead_have_ended() -> None:
    past = timezone.now() - timedelta(seconds=1)
    WebhookDelivery.objects.exclude(leased_until=None).update(leased_until=past)


def killed_after(seconds: float) -> int | None:
    connections.close_all()
    worker = multiprocessing.get_context("fork").Process(target=work_until_killed)
    worker.start()
    threading.Event().wait(seconds)
    os.kill(worker.pid or 0, signal.SIGKILL)
    worker.join()
    leases_of_the_dead_have_ended()
    return worker.exitcode


def test_no_message_is_lost_or_renamed_and_each_subject_keeps_its_order(receiver: Receiver) -> None:
    services.create_webhook("Partner", url=receiver.url, event_names=["tests.page_turned"], actor=SYSTEM)
    teams = [a_team(f"Team {place}") for place in range(SUBJECTS)]
    for page in range(EVENTS):
        with transaction.atomic():
            events.publish(PageTurned(page), subject=teams[page % SUBJECTS], actor=SYSTEM)
    draw = random.Random(SEED)

    ended = [killed_after(draw.uniform(0.05, 0.6)) for _ in range(KILLS)]
    at_the_last_kill = len({*receiver.taken})
    while WebhookDelivery.objects.filter(state="waiting").exists():
        pauses_are_over()
        sending.send_waiting(limit=10_000)

    deliveries = list(WebhookDelivery.objects.select_related("event").order_by("id"))
    first = {}
    for place, message_id in enumerate(receiver.taken):
        first.setdefault(message_id, place)
    places: dict[Any, list[int]] = defaultdict(list)
    for each in deliveries:
        places[each.order_key].append(first[each.message_id])
    print(f"{EVENTS} events, {KILLS} kills, {len(receiver.seen)} posts, {len(receiver.taken)} taken")
    assert ended == [-signal.SIGKILL] * KILLS
    assert {each.state for each in deliveries} == {"done"}
    assert {*receiver.taken} == {each.message_id for each in deliveries}
    assert len(deliveries) == EVENTS
    assert [order for order in places.values() if order != sorted(order)] == []
    assert len(receiver.seen) - len(receiver.taken) > EVENTS * FAILING * 0.8
    assert at_the_last_kill > 0
    assert WebhookAttempt.objects.count() >= EVENTS


def test_a_sender_that_notes_before_it_sends_is_caught(receiver: Receiver, monkeypatch: Any) -> None:
    """The test above can fail: this one calls every message taken that was claimed."""
    services.create_webhook("Partner", url=receiver.url, event_names=["tests.page_turned"], actor=SYSTEM)
    for page in range(60):
        with transaction.atomic():
            events.publish(PageTurned(page), subject=a_team(f"Team {page}"), actor=SYSTEM)
    monkeypatch.setattr(sending.Outcome, "is_taken", property(lambda outcome: True))

    sending.send_waiting()

    assert len({*receiver.taken}) < WebhookDelivery.objects.filter(state="done").count() == 60
