"""Posts of mail providers: facts applied each second from batches, and single posts acknowledged while others are applied.

    python -m benchmarks.provider_posts [--quick]

The web processes are the product's own, the stores durable; the posts are SendGrid's, signed and verified as always.
Of each 1,000 facts 380 are deliveries, 380 hand-overs, 180 opens, 40 clicks, 15 refusals (5 for good), 3 unsubscribes, 2 complaints.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from http.client import HTTPConnection
from typing import Any

from benchmarks.stage import fresh_stores, misses, part_of
from benchmarks.waiting import until
from gtmos.runtime.ports import free_port, is_free
from gtmos.runtime.programs import bond_to_parent

APPLIED_PER_SECOND, SINGLE_PER_SECOND, SINGLE_P99_MS = 1500, 150, 200
BATCH, LANES = 500, 24
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SHARES = (
    ("processed", 380, {}),
    ("delivered", 380, {"response": "250 OK"}),
    ("open", 180, {"useragent": AGENT, "sg_machine_open": False}),
    ("click", 40, {"useragent": AGENT, "url": "https://ours.example/more"}),
    ("bounce", 5, {"type": "bounce", "status": "5.1.1", "reason": "550 5.1.1 User unknown"}),
    ("bounce", 10, {"type": "blocked", "status": "4.7.1", "reason": "451 4.7.1 Try again later"}),
    ("unsubscribe", 3, {}),
    ("spamreport", 2, {}),
)


def sent_mails(people: int) -> list[Any]:
    """Mails that left an hour ago."""
    from django.utils import timezone

    from benchmarks.outbox import due_touches
    from outreach.models import Touch
    from outreach.tests.provider_builders import sendgrid_answer

    campaign = due_touches(people)
    ago = timezone.now() - timedelta(hours=1)
    campaign.touches.update(state="sent", sent_at=ago, handed_at=ago)
    touches = list(campaign.touches.all())
    for touch in touches:
        touch.provider_ref = sendgrid_answer(touch)
    Touch.objects.bulk_update(touches, ["provider_ref"], batch_size=1_000)
    return touches


def facts(touches: list[Any], number: int, dice: random.Random) -> list[dict[str, Any]]:
    from outreach.tests.provider_builders import sendgrid_event

    kinds = [(name, more) for name, share, more in SHARES for _ in range(share)]
    chosen = (dice.choice(kinds) for _ in range(number))
    return [sendgrid_event(dice.choice(touches), name, **more) for name, more in chosen]


def applied_per_second(provider: Any, touches: list[Any], number: int) -> float:
    from outreach.models import ProviderEvent
    from outreach.services.provider_posts import apply_waiting, keep_post

    dice, before = random.Random(1), ProviderEvent.objects.count()
    for _ in range(number // BATCH):
        body = json.dumps(facts(touches, BATCH, dice)).encode()
        keep_post(provider, "tracking", body, content_type="application/json")
    began = time.perf_counter()
    apply_waiting()
    took = time.perf_counter() - began
    if ProviderEvent.objects.filter(state="applied").count() - before != number:
        raise RuntimeError("a fact was not applied")
    return number / took


@contextmanager
def web() -> Iterator[int]:
    port = free_port()
    environ = {**os.environ, "PORT": str(port)}
    argv = [sys.executable, "-W", "ignore", "manage.py", "web"]
    server = subprocess.Popen(argv, env=environ, preexec_fn=bond_to_parent(signal.SIGKILL))  # noqa: PLW1509 -- it must not outlive us
    try:
        until(lambda: not is_free(port), "the web server", seconds=60)
        yield port
    finally:
        server.terminate()
        server.wait(30)


def acknowledged(port: int, touches: list[Any], seconds: int) -> list[float]:
    """Milliseconds from the moment a post was due until it was acknowledged; late ones wait in the figure."""
    total, start = seconds * SINGLE_PER_SECOND, time.perf_counter() + 0.2
    with ThreadPoolExecutor(LANES) as pool:
        lanes = (range(lane, total, LANES) for lane in range(LANES))
        done = pool.map(lambda turns: lane_of(port, touches, start, turns), lanes)
        return [took for lane in done for took in lane]


def lane_of(port: int, touches: list[Any], start: float, turns: range) -> list[float]:
    from outreach.tests.provider_builders import sendgrid_headers

    connection, took, dice = HTTPConnection("127.0.0.1", port), [], random.Random(turns.start)
    for turn in turns:
        body = json.dumps(facts(touches, 1, dice)).encode()
        headers = {**sendgrid_headers(body), "Content-Type": "application/json"}
        due = start + turn / SINGLE_PER_SECOND
        time.sleep(max(due - time.perf_counter(), 0))
        connection.request("POST", "/hooks/email/sendgrid/", body, headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise RuntimeError(f"a post was answered {answer.status}")
        took.append((time.perf_counter() - due) * 1000)
    return took


@contextmanager
def a_worker() -> Iterator[None]:
    """Applies what comes in, in a process of its own, as the product's worker does."""
    argv = [sys.executable, "-W", "ignore", "-m", "benchmarks.provider_posts", "--worker"]
    worker = subprocess.Popen(argv, preexec_fn=bond_to_parent(signal.SIGKILL))  # noqa: PLW1509 -- it must not outlive us
    try:
        yield
    finally:
        worker.kill()
        worker.wait()


def work() -> None:
    import django

    django.setup()
    from outreach.services.provider_posts import apply_waiting

    while True:
        apply_waiting()
        time.sleep(0.2)


def measure(*, quick: bool) -> dict[str, Any]:
    from outreach.tests.provider_builders import connected

    provider, _ = connected("sendgrid")
    touches = sent_mails(1_000 if quick else 10_000)
    applied_per_second(provider, touches, 2 * BATCH)  # the first statements are prepared
    speed = applied_per_second(provider, touches, 3_000 if quick else 30_000)
    with web() as port, a_worker():
        acknowledged(port, touches, 2)
        single = acknowledged(port, touches, 4 if quick else 30)
    return {
        "facts_applied_per_second": round(speed),
        "single_p50_ms": round(part_of(single, 0.5), 1),
        "single_p99_ms": round(part_of(single, 0.99), 1),
        "single_n": len(single),
    }


def main(arguments: list[str]) -> dict[str, Any]:
    with fresh_stores():
        found = measure(quick="--quick" in arguments)
    speed, late = found["facts_applied_per_second"], found["single_p99_ms"]
    short_of = misses(
        (speed >= APPLIED_PER_SECOND, f"facts applied: {speed} of {APPLIED_PER_SECOND}/s"),
        (late <= SINGLE_P99_MS, f"single posts p99: {late} of {SINGLE_P99_MS} ms"),
    )
    limits = {"facts_applied_per_second": APPLIED_PER_SECOND, "single_p99_ms": SINGLE_P99_MS}
    return {**found, "limits": limits, "short_of": short_of, "ok": not short_of}


if __name__ == "__main__":
    if "--worker" in sys.argv:
        work()
    print(json.dumps(main(sys.argv[1:])))
