"""Kill workers, PostgreSQL and the broker at random while mails go out; then compare with what the server got.

The mail server's own log of acceptances is the truth. Nothing may have been accepted twice, nothing may be missing,
and whatever nobody can know must be visible as a doubt until it is settled.

    python -m benchmarks.chaos [--touches 10000] [--kills 50] [--seed 1] [--sabotage blind|unmarked]
"""

import argparse
import faulthandler
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.sink import accepted_in
from benchmarks.stage import misses
from benchmarks.touches import start_sink
from gtmos.runtime.ports import free_port
from gtmos.runtime.programs import bond_to_parent
from gtmos.runtime.stores import Stores, throwaway

WORKERS = 2
LEASE_SECONDS = 8
FAULT_RATE = 0.005
# Of every hundred kills: the worker, the database, the broker.
VICTIMS = (("worker", 65), ("postgres", 20), ("valkey", 15))
SILENCE_SECONDS = 60.0
TICK_SECONDS = 0.1
NEVER = ("doubled", "lost", "unsettled", "wrongly_sent", "stuck")
BELLS = ("outreach.drain_touches", "outreach.reap_touches")


class Chaos:
    """One run. Reads of the database are repeated, because the database is one of the victims."""

    def __init__(self, stores: Stores, place: Path, options: argparse.Namespace) -> None:
        self.stores = stores
        self.place = place
        self.options = options
        self.random = Random(options.seed)
        self.log = place / "accepted.log"
        self.workers: list[subprocess.Popen[bytes]] = []
        self.killed: Counter[str] = Counter()

    def run(self) -> dict[str, Any]:
        started = time.monotonic()
        port = int(os.environ["GTMOS_SANDBOX_SMTP_PORT"])
        sink = start_sink(port, self.log, fault_rate=self.options.faults, seed=self.options.seed)
        try:
            self._break()
            return {**self._report(), "seconds": round(time.monotonic() - started, 1)}
        finally:
            sink.kill()
            sink.wait()

    def _break(self) -> None:
        try:
            self.workers = [self._worker() for _ in range(WORKERS)]
            self._kill_while_sending()
            self._wait_until_quiet()
        finally:
            for worker in self.workers:
                worker.kill()
                worker.wait()

    def _worker(self) -> subprocess.Popen[bytes]:
        log = (self.place / "worker.log").open("ab")
        argv = [sys.executable, "-W", "ignore", "-m", "benchmarks.chaos", "--work", self.options.sabotage]
        with log:
            return subprocess.Popen(argv, stdout=log, stderr=log, preexec_fn=bond_to_parent(signal.SIGKILL))  # noqa: PLW1509 -- nothing may outlive a run

    def _kill_while_sending(self) -> None:
        """Each kill waits for its share of the mails, so that all of them fall into the work."""
        share = self.options.touches / (self.options.kills + 1)
        for number, victim in enumerate(self._victims(), 1):
            self._ring_until(int(share * number))
            self._kill(victim)

    def _victims(self) -> list[str]:
        """The fixed shares in a random order."""
        kills = self.options.kills
        if self.options.only:
            return [self.options.only] * kills
        counts = {name: max(1, round(kills * share / 100)) for name, share in VICTIMS[1:]} if kills else {}
        counts["worker"] = max(kills - sum(counts.values()), 0)
        victims = [name for name, count in counts.items() for _ in range(count)]
        self.random.shuffle(victims)
        return victims

    def _kill(self, victim: str) -> None:
        time.sleep(self.random.random() * 0.05)
        self.killed[victim] += 1
        if victim == "worker":
            number = self.random.randrange(WORKERS)
            self.workers[number].kill()
            self.workers[number].wait()
            self.workers[number] = self._worker()
            return
        server = self.stores.postgres if victim == "postgres" else self.stores.valkey
        server.kill()
        server.start()

    def _ring_until(self, accepted: int) -> None:
        give_up_at = time.monotonic() + SILENCE_SECONDS
        while len(accepted_in(self.log)) < accepted:
            if time.monotonic() > give_up_at:
                raise TimeoutError(self._standstill())
            self._ring()
            time.sleep(TICK_SECONDS)

    def _standstill(self) -> str:
        """Everything that may explain why nothing moves."""
        alive = [worker.poll() is None for worker in self.workers]
        for worker in self.workers:
            worker.send_signal(signal.SIGUSR1)  # each writes where its threads are
        time.sleep(1)
        mailbox = self._ask("SELECT failing_since, next_try_at, now() FROM outreach_mailbox")
        lines = (self.place / "worker.log").read_text(errors="replace").splitlines()[-400:]
        facts = (
            f"nothing moves: {self._states()}",
            f"killed {dict(self.killed)}",
            f"alive {alive}",
            str(mailbox),
        )
        return "\n".join((*facts, *lines))

    def _ring(self) -> None:
        """The scheduler's part; and refused mails need not wait for their minute."""
        from gtmos.kernel import jobs

        for name in BELLS:
            jobs.ring(name)
        self._ask("UPDATE outreach_touch SET next_at = now() WHERE state = 'scheduled' AND next_at > now()")

    def _wait_until_quiet(self) -> None:
        give_up_at = time.monotonic() + SILENCE_SECONDS
        moved = (0, 0)
        while set(self._states()) - {"sent", "in_doubt", "failed"}:
            self._ring()
            time.sleep(TICK_SECONDS)
            now = (len(accepted_in(self.log)), self._states().get("in_doubt", 0))
            if now != moved:
                moved, give_up_at = now, time.monotonic() + SILENCE_SECONDS
            if time.monotonic() > give_up_at:
                return

    def _states(self) -> dict[str, int]:
        return dict(self._ask("SELECT state, count(*) FROM outreach_touch GROUP BY state"))

    def _ask(self, sql: str) -> list[tuple[Any, ...]]:
        import psycopg

        for _ in range(100):
            try:
                with psycopg.connect(self.stores.postgres.url, autocommit=True) as database:
                    cursor = database.execute(sql)
                    return cursor.fetchall() if cursor.description else []
            except psycopg.OperationalError:
                time.sleep(0.1)
        raise TimeoutError("the database does not come back")

    def _report(self) -> dict[str, Any]:
        """Before the settling, and after it."""
        seen = Counter(accepted_in(self.log))
        rows = self._ask("SELECT message_id, state FROM outreach_touch")
        doubtful = [message_id for message_id, state in rows if state == "in_doubt"]
        open_states = {"sent", "in_doubt", "failed"}
        settled = self._settle()
        after = Counter(accepted_in(self.log))
        rows_after = self._ask("SELECT message_id, state FROM outreach_touch")
        return {
            "touches": self.options.touches,
            "kills": dict(self.killed),
            "faults": self.options.faults,
            "seed": self.options.seed,
            "sabotage": self.options.sabotage,
            "doubled_before_settling": sum(count - 1 for count in seen.values()),
            "stuck": sum(state not in open_states for _, state in rows),
            "in_doubt": len(doubtful),
            "in_doubt_delivered": sum(seen[message_id] > 0 for message_id in doubtful),
            "settled": settled,
            "doubled": sum(count - 1 for count in after.values()),
            "lost": sum(after[message_id] == 0 for message_id, _ in rows_after),
            "unsettled": sum(state != "sent" for _, state in rows_after),
            "wrongly_sent": sum(
                state == "sent" and after[message_id] != 1 for message_id, state in rows_after
            ),
        }

    def _settle(self) -> dict[str, int]:
        """What the reconciler does after its grace: ask the server, and send what it never got."""
        from django.db import connection

        from outreach.channels.email.transport import transport
        from outreach.engine.drain import drain
        from outreach.engine.reaper import reap
        from outreach.engine.reconciler import reconcile
        from outreach.engine.terms import Terms

        connection.close()
        terms = Terms(grace=0.0, lease=60.0, retry=(0.0,))
        found: Counter[str] = Counter()
        for _ in range(20):
            reap(terms=terms)
            found += reconcile(way=transport(), terms=terms)
            drain(terms=terms)
            if set(self._states()) == {"sent"}:
                break
        return dict(found)


def run(
    touches: int, kills: int, *, seed: int = 1, faults: float = FAULT_RATE, sabotage: str = "", only: str = ""
) -> dict[str, Any]:
    options = argparse.Namespace(
        touches=touches, kills=kills, seed=seed, faults=faults, sabotage=sabotage, only=only
    )
    with tempfile.TemporaryDirectory(prefix="gtmos-chaos-") as place, throwaway(durable=True) as stores:
        os.environ.update(
            DATABASE_URL=stores.addresses.database_url,
            REDIS_URL=stores.addresses.redis_url,
            GTMOS_HOME=place,
            GTMOS_SANDBOX_SMTP_PORT=str(free_port()),
            GTMOS_LEASE_SECONDS=str(LEASE_SECONDS),
            DJANGO_SETTINGS_MODULE="gtmos.settings",
        )
        _fill(touches)
        return Chaos(stores, Path(place), options).run()


def _fill(touches: int) -> None:
    import django

    django.setup()
    from django.core.management import call_command

    from benchmarks.outbox import due_touches

    call_command("migrate", verbosity=0)
    due_touches(touches)


def work(sabotage: str) -> None:
    """A worker as the product starts it; sabotaged, it shows that this test can fail."""
    import django

    django.setup()
    from gtmos.celery import app

    if sabotage:
        _sabotage(sabotage)
    faulthandler.register(signal.SIGUSR1, all_threads=True)
    app.worker_main(
        ["worker", "-P", "threads", "-c", "4", "-l", "WARNING", "--without-mingle", "--without-gossip"]
    )


def _sabotage(kind: str) -> None:
    from outreach.engine import statements

    blindly = statements.IN_DOUBT.sql.replace("state = 'in_doubt'", "state = 'scheduled'")
    if kind == "blind":
        # As everybody does: no reply, or a dead worker, means "send it again".
        statements.IN_DOUBT = statements.Prepared("touch_in_doubt", blindly)
        statements.REAP = statements.REAP.replace("ELSE 'in_doubt' END", "ELSE 'scheduled' END")
    elif kind == "unmarked":
        # The intention is not written down before the hand-over.
        unmarked = statements.GATE.sql.replace("SET state = 'handing'", "SET state = 'claimed'")
        statements.GATE = statements.Prepared("touch_gate", unmarked)
        statements.SENT = statements.Prepared(
            "touch_sent", statements.SENT.sql.replace("'handing'", "'claimed'")
        )
    else:
        raise ValueError(f"unknown sabotage {kind!r}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--touches", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--faults", type=float, default=FAULT_RATE)
    parser.add_argument("--sabotage", default="")
    parser.add_argument("--only", default="", choices=("", *(name for name, _ in VICTIMS)))
    options = parser.parse_args()
    found = run(**vars(options))
    short_of = misses(*((found[name] == 0, f"{name}: {found[name]} of 0") for name in NEVER))
    print(json.dumps({**found, "short_of": short_of, "ok": not short_of}))
    sys.exit(1 if short_of else 0)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--work"]:
        work(sys.argv[2])
    else:
        main()
