"""How many mails one worker hands over each second, beside what the bare parts can do on the same machine.

Both send to the same mail server in a process of its own and commit durably twice for each mail.

    python -m benchmarks.touches [--quick]
"""

import json
import os
import signal
import smtplib
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from benchmarks.stage import misses
from gtmos.runtime.ports import free_port, is_free
from gtmos.runtime.programs import bond_to_parent
from gtmos.runtime.stores import throwaway

CONNECTIONS = 4
LEAST_PER_SECOND = 200


def run(quick: bool = False) -> dict[str, Any]:
    """Hand-overs each second in a fresh, durable store; needs a process in which Django is not set up yet."""
    count = 400 if quick else 4000
    with tempfile.TemporaryDirectory(prefix="gtmos-sink-") as place, throwaway(durable=True) as stores:
        environ = {
            **os.environ,
            "DATABASE_URL": stores.addresses.database_url,
            "REDIS_URL": stores.addresses.redis_url,
            "GTMOS_HOME": place,
            "DJANGO_SETTINGS_MODULE": "gtmos.settings",
        }
        port = free_port()
        sink = start_sink(port, Path(place) / "accepted.log")
        try:
            return measured_apart(environ, port, count)
        finally:
            sink.kill()
            sink.wait()


def beside_the_limit(figures: dict[str, Any]) -> dict[str, Any]:
    speed = figures["hand_overs_per_second"]
    short_of = misses((speed >= LEAST_PER_SECOND, f"hand-overs: {speed} of {LEAST_PER_SECOND}/s"))
    return {**figures, "least_per_second": LEAST_PER_SECOND, "short_of": short_of, "ok": not short_of}


def start_sink(port: int, log: Path, *, fault_rate: float = 0.0, seed: int = 0) -> subprocess.Popen[bytes]:
    argv = [sys.executable, "-m", "benchmarks.sink", str(port), str(log), str(fault_rate), str(seed)]
    sink = subprocess.Popen(argv, preexec_fn=bond_to_parent(signal.SIGKILL))  # noqa: PLW1509 -- it must not outlive us
    give_up_at = time.monotonic() + 30
    while is_free(port):
        if time.monotonic() > give_up_at:
            raise TimeoutError("the sink did not start")
        time.sleep(0.02)
    return sink


def measured_apart(environ: dict[str, str], port: int, count: int) -> dict[str, Any]:
    """In a process of its own, so that the settings are those of the throw-away store."""
    manage = [sys.executable, "-W", "ignore", "manage.py", "migrate", "-v", "0"]
    subprocess.run(manage, env=environ, check=True)
    argv = [sys.executable, "-m", "benchmarks.touches", "--measure", str(port), str(count)]
    answer = subprocess.run(argv, env=environ, check=True, stdout=subprocess.PIPE)
    found: dict[str, Any] = json.loads(answer.stdout.splitlines()[-1])
    return found


def measure(port: int, count: int) -> dict[str, Any]:
    import django

    django.setup()
    engine = [_engine(port, count) for _ in range(3)]
    bare = [_bare(port, count) for _ in range(3)]
    return {
        "hand_overs_per_second": round(statistics.median(engine), 1),
        "bare_psycopg_smtplib_per_second": round(statistics.median(bare), 1),
        "share_of_bare": round(statistics.median(engine) / statistics.median(bare), 3),
        "connections": CONNECTIONS,
        "touches": count,
        "runs": [round(each, 1) for each in engine],
    }


def _engine(port: int, count: int) -> float:
    from benchmarks.outbox import due_touches
    from outreach.channels.email.transport import Transport
    from outreach.engine.drain import drain

    due_touches(count)
    started = time.perf_counter()
    way = Transport(host="127.0.0.1", port=port, is_sandbox=True)
    drained = drain(budget_seconds=600, connections=CONNECTIONS, way=way)
    seconds = time.perf_counter() - started
    if drained.sent != count:
        raise RuntimeError(f"{drained.sent} of {count} were sent: {drained}")
    return count / seconds


def _bare(port: int, count: int) -> float:
    """The same number of connections doing the least: a durable commit, a mail, a durable commit."""
    share = count // CONNECTIONS
    started = time.perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        list(pool.map(lambda _: _bare_hand(port, share), range(CONNECTIONS)))
    return share * CONNECTIONS / (time.perf_counter() - started)


def _bare_hand(port: int, count: int) -> None:
    import psycopg

    mail = (
        b"From: a@ours.example\r\nTo: b@people.example\r\nSubject: x\r\nMessage-ID: <%d@bare>\r\n\r\n"
        + b"0123456789 plain text\r\n" * 70
    )
    with (
        psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as database,
        smtplib.SMTP("127.0.0.1", port, local_hostname="localhost") as server,
    ):
        row = "INSERT INTO kernel_heartbeat (process, beat_at, detail) VALUES (%s, now(), '{}')"
        for number in range(count):
            name = f"{id(database)}-{number}-{time.monotonic_ns()}"
            database.execute(row, [name[:60]])
            server.sendmail("a@ours.example", ["b@people.example"], mail % number)
            database.execute("UPDATE kernel_heartbeat SET beat_at = now() WHERE process = %s", [name[:60]])


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        print(json.dumps(measure(int(sys.argv[2]), int(sys.argv[3]))))
    else:
        print(json.dumps(beside_the_limit(run("--quick" in sys.argv))))
