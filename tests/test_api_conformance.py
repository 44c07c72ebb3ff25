"""Every operation of the API against its own description, with requests that nobody would send by hand."""

import itertools
import json
import os
import random
import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from django.db import connections
from django.test import Client
from schemathesis.config import (
    CacheConfig,
    ChecksConfig,
    PhasesConfig,
    ProjectConfig,
    ProjectsConfig,
    SchemathesisConfig,
)
from schemathesis.engine import Status, from_schema
from schemathesis.engine.events import NonFatalError, ScenarioFinished
from schemathesis.generation.case import Case

from agents.tests.builders import a_run
from crm.services.objections import record_objection
from crm.tests.builders import a_company, a_contact, a_deal, a_task
from gtmos.kernel.actors import Actor
from gtmos.kernel.people.models import Role
from gtmos.kernel.people.services import issue_token
from gtmos.kernel.tests.builders import a_team, a_user
from gtmos.kernel.webhooks.services import create_webhook
from gtmos.workspace.tests.test_security import a_campaign, a_research, a_saved_search

REQUESTS = int(os.environ.get("GTMOS_TEST_REQUESTS", "450"))
SECONDS = float(os.environ.get("GTMOS_TEST_SECONDS", "inf"))  # a long run says how far it came by then
SEED = int(os.environ.get("GTMOS_TEST_SEED", "7"))  # another one goes on with other requests
OPERATIONS, MANY, SAID_EVERY = 125, 10_000, 1000
EACH = 16  # of a long run's requests for each operation in one round: so it has asked all of them whenever it ends
AT_EDGES = (
    5_000  # of the requests with values at and beyond the bounds of the schema there are at least so many
)
LONG = ["examples", "fuzzing", "stateful"]
CHECKS = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
]
KNOWN = 0.8  # of the keys in requests are of records that exist: behind the others nothing is found
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
PLURALS = {"company": "companies", "parent": "companies", "next_step_owner": "owners"}


class Caller:
    """Somebody who may do everything, and who remembers the records that were answered."""

    def __init__(self) -> None:
        user = a_user(role=Role.ADMIN, team=a_team())
        actor = Actor.of(user)
        self.key = issue_token(user, scopes=["read", "write", "send", "export", "admin"], actor=actor)
        self.draw = random.Random(SEED)
        self.known: dict[str, list[str]] = defaultdict(list, owners=[str(user.pk)])
        self.answered: Counter[int] = Counter()
        self.asked: set[str] = set()
        self.began = time.monotonic()
        self.has_enough: Callable[[], bool] = lambda: False
        self.stop: Callable[[], None] = lambda: None
        _one_of_each(actor)

    def look(self, paths: Iterable[str]) -> None:
        """Learn what is there."""
        for path in paths:
            if "{" not in path and path.count("/") == 4:
                answer = Client().get(path, headers={"Authorization": f"Bearer {self.key}"})
                self.learn(path, answer.content)

    def learn(self, path: str, content: bytes) -> None:
        plural = path.split("/")[3]
        try:
            found = json.loads(content)
        except ValueError:
            return
        rows = found.get("results", [found]) if isinstance(found, dict) else []
        keys = [str(row["id"]) for row in rows if isinstance(row, dict) and "id" in row]
        self.known[plural] = (self.known[plural] + keys)[-20:]

    def key_of(self, plural: str, given: Any) -> Any:
        known = self.known.get(plural)
        return self.draw.choice(known) if known and self.draw.random() < KNOWN else given

    def filled(self, value: Any, name: str = "") -> Any:
        """The same body with keys that lead to something."""
        if isinstance(value, dict):
            return {each: self.filled(inner, each) for each, inner in value.items()}
        if isinstance(value, list):
            return [self.filled(inner, name) for inner in value]
        if name.endswith("_id") and isinstance(value, str) and UUID.fullmatch(value):
            noun = name.removesuffix("_id")
            return self.key_of(PLURALS.get(noun, f"{noun}s"), value)
        return value

    def before_call(self, context: Any, case: Case, kwargs: Any) -> None:
        path, headers = case.path_parameters or {}, case.headers or {}
        if "id" in path:
            path["id"] = self.key_of(case.path.split("/")[3], path["id"])
        if "If-Match" in headers and self.draw.random() < KNOWN:
            headers["If-Match"] = "*"
        if isinstance(case.body, dict | list):
            case.body = self.filled(case.body)

    def after_call(self, context: Any, case: Case, response: Any) -> None:
        self.answered[response.status_code] += 1
        self.asked.add(case.operation.label)
        if response.status_code in {200, 201}:
            self.learn(case.path, response.content)
        if REQUESTS >= MANY and self.answered.total() % SAID_EVERY == 0:
            print(self, flush=True)
        if self.is_late() or self.has_enough():
            self.stop()

    def is_late(self) -> bool:
        return time.monotonic() - self.began > SECONDS

    def __str__(self) -> str:
        seconds = time.monotonic() - self.began
        return f"{self.answered.total()} requests in {seconds:.0f} s, {sorted(self.answered.items())}"


def _one_of_each(actor: Actor) -> None:
    company = a_company(actor=actor, name="Contoso", domain="contoso.example")
    a_contact(actor=actor, company=company)
    a_task(actor=actor)
    record_objection(category="price", text="Dear", deal=a_deal(actor=actor), actor=actor)
    a_campaign(actor)
    a_research(actor)
    a_saved_search(actor)
    create_webhook(
        "CRM", url="https://hooks.contoso.example/", event_names=["crm.company_created"], actor=actor
    )
    a_run(("task.create", {"title": "Call"}), actor=actor)


@pytest.fixture
def caller(settings: Any) -> Iterator[Caller]:
    settings.API_REQUESTS_PER_MINUTE = {"": 10**9, "events": 10**9}
    one = Caller()
    hooks = a_hook("before_call", one.before_call), a_hook("after_call", one.after_call)
    yield one
    for each in hooks:
        schemathesis.hooks.unregister(each)


@pytest.fixture
def server() -> Iterator[Callable[..., Any]]:
    with one_place() as place:
        yield place(get_wsgi_application())


def a_hook(name: str, act: Callable[..., None]) -> Callable[..., None]:
    """The library notes something on the function, which a method cannot hold."""

    def hook(context: Any, case: Any, more: Any) -> None:
        act(context, case, more)

    return schemathesis.hook(name)(hook)


@contextmanager
def one_place() -> Iterator[Callable[[Callable[..., Any]], Callable[..., Any]]]:
    """The engine calls from threads of its own; the product answers in one, whose connection stays open."""
    with ThreadPoolExecutor(1) as pool:
        yield lambda application: lambda *asked: pool.submit(answered, application, *asked).result()
        pool.submit(connections.close_all).result()


def answered(application: Callable[..., Any], environ: Any, start: Any) -> list[bytes]:
    return [b"".join(application(environ, start))]


def described(key: str, application: Callable[..., Any], *phases_run: str, seed: int = SEED) -> Any:
    """The API's own description, and how it is to be tried."""
    checks, phases = ChecksConfig(), PhasesConfig()
    checks.update(included_check_names=CHECKS)
    phases.update(phases=list(phases_run))
    project = ProjectConfig(
        headers={"Authorization": f"Bearer {key}"}, checks=checks, phases=phases, continue_on_failure=True
    )
    each = REQUESTS // OPERATIONS if REQUESTS < MANY else EACH
    project.generation.update(max_examples=max(each, 1), no_shrink=True, database="none")
    config = SchemathesisConfig(
        seed=seed, projects=ProjectsConfig(default=project), cache=CacheConfig(enabled=False)
    )
    return schemathesis.openapi.from_wsgi("/api/v1/schema/?format=json", application, config=config)


def failures(event: ScenarioFinished) -> Iterator[str]:
    for key, checks in event.recorder.checks.items():
        case = event.recorder.cases[key].value
        for check in checks:
            if check.status == Status.FAILURE and not is_part(case, check.name):
                found = check.failure_info
                yield f"{case.operation.label}: {found.failure.title}\n{found.failure.message}\n{found.code_sample}"


def is_part(case: Case, check: str) -> bool:
    """`?fields=` asks for a part of what is described."""
    return check == "response_schema_conformance" and bool((case.query or {}).get("fields"))


def tried(caller: Caller, schema: Any, is_enough: Callable[[], bool]) -> list[str]:
    """Everything that was not as it is described."""
    wrong: list[str] = []
    events = from_schema(schema).execute()
    caller.has_enough, caller.stop = is_enough, events.stop
    for event in events:
        if isinstance(event, NonFatalError):
            wrong.append(f"{event.label}: {event.value!r}")
        if isinstance(event, ScenarioFinished):
            wrong += failures(event)
    print(f"{caller}, {len(caller.asked)} operations, {len(wrong)} wrong of these")
    return wrong


def operations_of(schema: Any) -> set[str]:
    return {operation.ok().label for operation in schema.get_all_operations()}


@pytest.mark.django_db(transaction=True)
def test_every_answer_is_one_that_the_schema_describes(caller: Caller, server: Any) -> None:
    phases = ["fuzzing"] if REQUESTS < MANY else LONG
    schema = described(caller.key, server, *phases)
    operations = operations_of(schema)
    caller.look(schema.raw_schema["paths"])

    def is_enough() -> bool:
        return caller.answered.total() >= REQUESTS and len(caller.asked) == len(operations)

    wrong = tried(caller, schema, is_enough)
    for seed in itertools.count(SEED + 1):
        if is_enough() or caller.is_late() or wrong:
            break
        wrong = tried(caller, described(caller.key, server, *phases, seed=seed), is_enough)

    assert wrong == []
    assert caller.asked == operations
    assert caller.answered[200] > caller.answered.total() / 5


@pytest.mark.django_db(transaction=True)
def test_every_answer_to_values_at_and_beyond_the_bounds_is_described_too(
    caller: Caller, server: Any
) -> None:
    schema = described(caller.key, server, "coverage")
    caller.look(schema.raw_schema["paths"])

    wrong = tried(caller, schema, lambda: False)

    assert wrong == []
    assert caller.asked == operations_of(schema)
    assert caller.answered.total() >= AT_EDGES
    assert {status for status in caller.answered if status >= 500} == set()
