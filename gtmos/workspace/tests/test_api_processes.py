"""The API as it is served: several processes that may be killed, and clients who ask again."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import psutil
import pytest
from django.db import connection

from benchmarks.waiting import until
from crm.models import Company
from crm.tests.builders import a_company
from gtmos.kernel.actors import Actor
from gtmos.kernel.api_models import RequestCount, StoredAnswer
from gtmos.kernel.events.models import EventRecord
from gtmos.kernel.history.models import Change
from gtmos.kernel.people.models import User
from gtmos.kernel.people.services import issue_token
from gtmos.kernel.tests.builders import a_team, a_user
from gtmos.kernel.tests.processes import database_address
from gtmos.runtime.ports import free_port

pytestmark = pytest.mark.django_db(transaction=True)
RACES = int(os.environ.get("GTMOS_TEST_RACES", "40"))
KEYS = int(os.environ.get("GTMOS_TEST_KEYS", "12"))
PATIENCE_SECONDS = 130
CLIENTS = int(os.environ.get("GTMOS_TEST_CLIENTS", "32"))
KILLS = int(os.environ.get("GTMOS_TEST_KILLS", "6"))
PROCESSES, LIMIT = 3, 400
CARELESS = ("-m", "gtmos.workspace.tests.careless")
WRITERS = 8


@dataclass
class Server:
    """Three processes behind one port."""

    port: int
    parent: psutil.Process

    def post(self, token: str, name: str, *, key: str = "") -> tuple[int, bytes]:
        asked = HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        named = {"Idempotency-Key": key} if key else {}
        try:
            asked.request("POST", "/api/v1/companies/", json.dumps({"name": name}), headers | named)
            answer = asked.getresponse()
            return answer.status, answer.read()
        except (OSError, HTTPException):
            return 0, b""  # it was killed under us: nobody knows whether it was done
        finally:
            asked.close()

    def rename(self, token: str, key: object, name: str, *, version: int) -> int:
        asked = HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
            "If-Match": f'"{version}"',
        }
        asked.request("PATCH", f"/api/v1/companies/{key}/", json.dumps({"name": name}), headers)
        status = asked.getresponse().status
        asked.close()
        return status

    def post_until_answered(self, token: str, name: str, *, key: str) -> tuple[int, bytes]:
        """A caller who gives up after two minutes: a process takes a while to come back, and a limit a minute to end."""
        status, body, give_up_at = 0, b"", time.monotonic() + PATIENCE_SECONDS
        while status in {0, 409, 429} and time.monotonic() < give_up_at:
            status, body = self.post(token, name, key=key)
        return status, body

    def kill_one(self, draw: random.Random) -> None:
        alive = self.parent.children()
        if alive:
            draw.choice(alive).send_signal(signal.SIGKILL)

    def is_there(self) -> bool:
        return self.post("", "")[0] == 401 and len(self.parent.children()) == PROCESSES


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with serving("manage.py", home=tmp_path) as there:
        yield there


@contextmanager
def serving(*program: str, home: Path) -> Iterator[Server]:
    port = free_port()
    environ = {
        **os.environ,
        "DATABASE_URL": database_address(),
        "GTMOS_HOME": str(home),
        "GTMOS_API_LIMIT": str(max(LIMIT, RACES)),
    }
    argv = [sys.executable, *program, "web", "--port", str(port), "--workers", str(PROCESSES)]
    with subprocess.Popen(argv, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        there = Server(port, psutil.Process(process.pid))
        until(there.is_there, "the server", seconds=90)
        yield there
        process.send_signal(signal.SIGTERM)
    until(nobody_else_is_connected, "the end of the server's connections", seconds=30)


def nobody_else_is_connected() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return cursor.fetchone()[0] == 0


def a_token(user: User | None = None) -> str:
    user = user or a_user(team=a_team())
    return issue_token(user, scopes=["read", "write"], actor=Actor.of(user))


def test_one_key_has_one_effect_whoever_asks_where_and_whatever_is_killed(server: Server) -> None:
    tokens = {f"key-{number}": a_token() for number in range(KEYS)}
    draw = random.Random(3)
    kills = [*([True] * KILLS), *([False] * (KEYS - KILLS))]

    def asked_by_all(key: str, is_killed: bool) -> set[tuple[int, bytes]]:
        with ThreadPoolExecutor(CLIENTS) as clients:
            asked = [
                clients.submit(server.post_until_answered, tokens[key], key, key=key) for _ in range(CLIENTS)
            ]
            if is_killed:
                server.kill_one(draw)
            return {each.result() for each in asked}

    answers = [asked_by_all(key, is_killed) for key, is_killed in zip(tokens, kills, strict=True)]

    assert [len(each) for each in answers] == [1] * KEYS
    assert {status for each in answers for status, _ in each} == {201}
    names = Counter(Company.objects.values_list("name", flat=True))
    assert names == Counter(list(tokens))
    assert (Change.objects.filter(subject_type="crm.company").count(), StoredAnswer.objects.count()) == (
        KEYS,
        KEYS,
    )
    assert EventRecord.objects.filter(name="crm.company_created").count() == KEYS


def test_of_thirty_two_clients_at_three_processes_exactly_the_limit_passes(server: Server) -> None:
    token = a_token()
    limit = max(LIMIT, RACES)
    asked = limit * 3 // 2

    with ThreadPoolExecutor(CLIENTS) as clients:
        statuses = Counter(
            status
            for status, _ in clients.map(lambda number: server.post(token, f"C {number}"), range(asked))
        )

    minutes = RequestCount.objects.filter(caller__startswith="token:").values_list("used", flat=True)
    passed = sum(min(used, limit) for used in minutes)
    assert sum(minutes) == asked
    assert (statuses[201], statuses[429]) == (passed, asked - passed)
    assert Company.objects.count() == passed


def test_of_those_who_change_one_version_exactly_one_does_and_the_others_are_told(server: Server) -> None:
    user = a_user(team=a_team())
    company = a_company(actor=Actor.of(user), name="Contoso")
    tokens = [a_token(user) for _ in range(WRITERS)]
    races: list[list[int]] = []

    with ThreadPoolExecutor(WRITERS) as writers:
        for version in range(1, RACES + 1):
            asked = [
                writers.submit(server.rename, token, company.pk, f"{version} by {number}", version=version)
                for number, token in enumerate(tokens)
            ]
            races.append(sorted(each.result() for each in asked))

    company.refresh_from_db()
    assert [race.count(200) for race in races] == [1] * RACES
    assert {status for race in races for status in race} == {200, 412}
    assert company.version == RACES + 1
    assert Change.objects.filter(subject_id=company.pk).count() == RACES + 1


def test_a_product_that_notes_an_answer_after_its_effect_is_caught(tmp_path: Path) -> None:
    """Without the claim of the key that the effect stands in, one key has several effects."""
    tokens = {f"key-{number}": a_token() for number in range(3)}

    with serving(*CARELESS, "once", home=tmp_path) as server, ThreadPoolExecutor(CLIENTS) as clients:
        for key, token in tokens.items():
            list(
                clients.map(lambda _, key=key, token=token: server.post(token, key, key=key), range(CLIENTS))
            )

    assert Company.objects.count() > len(tokens)


def test_a_product_that_reads_and_then_writes_how_many_there_were_is_caught(tmp_path: Path) -> None:
    """More pass than the limit says, because some are counted as one."""
    token, asked = a_token(), max(LIMIT, RACES) * 3 // 2

    with serving(*CARELESS, "limit", home=tmp_path) as server, ThreadPoolExecutor(CLIENTS) as clients:
        list(clients.map(lambda number: server.post(token, f"C {number}"), range(asked)))

    assert sum(RequestCount.objects.values_list("used", flat=True)) < asked
