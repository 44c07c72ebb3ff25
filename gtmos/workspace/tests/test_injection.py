"""What somebody sends is never part of a statement to the database: shown by the code, and by all that can be asked."""

import ast
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from django.db import connection, transaction
from django.db.models.expressions import RawSQL
from django.test import Client
from drf_spectacular.generators import SchemaGenerator

from crm.selectors.lists import companies_matching
from gtmos.kernel.people.models import Role
from gtmos.workspace.tests.forms import Page, forms_of_the_product, pages_of_the_product
from gtmos.workspace.tests.test_security import PAGES
from gtmos.workspace.tests.world import Operation, World, operations

ROOT = Path(__file__).resolve().parents[3]
APPS = ("gtmos", "crm", "outreach", "issues", "journeys", "agents")
RUNS = {"raw", "extra", "execute", "executemany", "copy", "RawSQL", "SQL"}
# Statements that are put together while the product runs, each of names of our own tables and columns or of numbers.
PUT_TOGETHER = {
    "gtmos/kernel/webhooks/set_services.py:_write",
    "agents/selectors/names.py:_ask",
    "crm/selectors/deal_reports.py:days_per_stage",
    "crm/selectors/hierarchy.py:_rows",
    "crm/selectors/hierarchy.py:ancestors",
    "crm/services/assigning_sets.py:_give",
    "crm/services/assigning_sets.py:route_imported",
    "crm/services/exporting.py:_text",
    "crm/services/import_matching.py:run",
    "crm/services/import_refusals.py:_hidden",
    "crm/services/import_rules.py:broken",
    "crm/services/import_staging.py:drop_tables",
    "crm/services/import_staging.py:empty_tables",
    "crm/services/import_staging.py:make_tables",
    "crm/services/import_staging.py:write",
    "gtmos/kernel/fields/services/suggestions.py:_count",
    "gtmos/kernel/history/alike.py:record_alike",
    "gtmos/kernel/migrating.py:database_forwards",
    "gtmos/kernel/people/services.py:_live_token",
    "gtmos/kernel/people/standing.py:standing_of",
    "gtmos/kernel/search/services.py:ensure_index",
    "gtmos/kernel/sets.py:_execute",
    "gtmos/runtime/postgres.py:_make_database",
    "gtmos/workspace/selectors/digests.py:digests",
    "gtmos/workspace/selectors/existing.py:existing",
    "outreach/engine/ledger.py:run",
    "outreach/services/touches.py:_settle",
}
MARK = "zqsqlqz"
ALL = (f"{MARK}' OR '1'='1' --", f'{MARK}"; SELECT 1/0; --', f"{MARK}\\%s%(x)s{{0}}$$")
PAYLOADS = ALL[: int(os.environ.get("GTMOS_TEST_PAYLOADS", "1"))]
SERVER_ERROR = 500


def built_statements(source: str, place: str) -> Iterator[str]:
    """Calls that run SQL which is not written out as it stands, by the function that makes them."""
    tree = ast.parse(source)
    constants = {name.id for node in tree.body for name in _names(node) if _is_written_out(_value(node))}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            for call in ast.walk(node):
                if isinstance(call, ast.Call) and _called(call) in RUNS and call.args:
                    statement = call.args[0]
                    known = isinstance(statement, ast.Name) and statement.id in constants
                    if not known and not _is_written_out(statement):
                        yield f"{place}:{node.name}"


def _names(node: ast.stmt) -> list[ast.Name]:
    targets = (
        node.targets
        if isinstance(node, ast.Assign)
        else [node.target]
        if isinstance(node, ast.AnnAssign)
        else []
    )
    return [each for each in targets if isinstance(each, ast.Name)]


def _value(node: ast.stmt) -> ast.expr | None:
    return node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None


def _is_written_out(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant)


def _called(call: ast.Call) -> str:
    return getattr(call.func, "attr", "") or getattr(call.func, "id", "")


def test_no_statement_is_put_together_but_those_known_to_hold_only_our_own_names() -> None:
    found = {
        each
        for app in APPS
        for path in sorted((ROOT / app).rglob("*.py"))
        if not {"tests", "migrations"} & set(path.parts)
        for each in built_statements(path.read_text(), str(path.relative_to(ROOT)))
    }

    assert found == PUT_TOGETHER


@pytest.mark.parametrize(
    "line",
    [
        "cursor.execute(f'SELECT {name}')",
        "cursor.execute('SELECT %s' % name)",
        "cursor.execute('SELECT ' + name)",
        "cursor.execute('SELECT {}'.format(name))",
        "Model.objects.raw(name)",
        "Model.objects.extra([name])",
    ],
)
def test_a_statement_that_is_put_together_is_found(line: str) -> None:
    assert list(built_statements(f"def look(cursor, name):\n    {line}", "here.py")) == ["here.py:look"]


@contextmanager
def watched() -> Iterator[list[str]]:
    """Statements in whose own text stands what was sent, and not beside it as a value."""
    found: list[str] = []

    def look(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        at = str(sql).lower().find(MARK)
        if at >= 0:
            found.append(str(sql)[max(at - 100, 0) : at + 100])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(look):
        yield found


class Probe:
    """Asks, and notes what was wrong with the answer."""

    def __init__(self) -> None:
        self.asked = 0
        self.wrong: dict[str, Any] = {}

    def __call__(self, place: str, ask: Callable[[], Any]) -> Any:
        with transaction.atomic(), watched() as statements:
            answer = ask()
            transaction.set_rollback(True)
        self.asked += 1
        if statements:
            self.wrong[place] = statements
        elif answer.status_code >= SERVER_ERROR:
            self.wrong[place] = answer.status_code
        return answer


@pytest.fixture
def world(settings: Any) -> World:
    settings.API_REQUESTS_PER_MINUTE = {"": 10**9, "events": 10**9}
    settings.DEBUG_PROPAGATE_EXCEPTIONS = False
    made = World(Role.REVOPS)
    made.client.raise_request_exception = False
    return made


def asked_parameters() -> Iterator[tuple[str, str]]:
    """Every parameter of every list that the API describes, and some that are described by a pattern."""
    described = SchemaGenerator().get_schema(request=None, public=True)
    for path, by_method in described["paths"].items():
        for parameter in by_method.get("get", {}).get("parameters", ()):
            if parameter["in"] == "query" and "{" not in path:
                yield path, parameter["name"].replace("KEY", "industry")


def rows_of(answer: Any) -> int:
    found = answer.json() if answer.status_code < 400 else {}
    return len(found.get("results", ())) if isinstance(found, dict) else 0


@pytest.mark.django_db
def test_what_is_asked_of_a_list_is_a_value_or_refused(world: World) -> None:
    probe, headers, found = Probe(), {"Authorization": f"Bearer {world.key}"}, {}
    parameters = list(asked_parameters())

    for path, name in parameters:
        for payload in PAYLOADS:
            given = {name: payload}
            answer = probe(f"{path}?{name}", lambda: world.client.get(path, given, headers=headers))  # noqa: B023
            found[f"{path}?{name}"] = rows_of(answer)
        more = {f"{name}{PAYLOADS[0]}": "1"}
        probe(f"{path}?(name)", partial(world.client.get, path, more, headers=headers))

    print(f"{probe.asked} questions to {len(parameters)} parameters")
    assert probe.wrong == {}
    assert {place: count for place, count in found.items() if count} == {}
    assert len(parameters) > 150


def with_payload(value: Any, payload: str) -> Iterator[Any]:
    """The same body with the payload in the place of one text after the other, and once as the name of a field."""
    if isinstance(value, str):
        yield payload
    if isinstance(value, list):
        yield from ([each, *value[1:]] for each in with_payload(value[0], payload) if value)
    if isinstance(value, dict):
        yield {**value, payload: "1"}
        for name, inner in value.items():
            yield from ({**value, name: each} for each in with_payload(inner, payload))


def whole_body(world: World, operation: Operation) -> Any:
    """Every field that is described, not only those that are needed."""
    body = world.body(operation)
    shape = operation.resolved(operation.schema or {}).get("properties", {})
    return {**{name: world.sample(operation, schema, name) for name, schema in shape.items()}, **body}


@pytest.mark.django_db
def test_what_is_written_by_the_api_is_a_value_or_refused(world: World) -> None:
    probe = Probe()

    for operation in operations():
        url, body = world.address(operation), whole_body(world, operation)
        for payload in PAYLOADS:
            for each in with_payload(body, payload):
                probe(str(operation), partial(world.ask, operation, url, each))

    print(f"{probe.asked} bodies")
    assert probe.wrong == {}
    assert probe.asked > 400


def questions(page: Page) -> Iterator[str]:
    """The addresses of a page's links and of its forms that only ask, with the payload in each parameter."""
    asked = {urlsplit(link).path: dict(parse_qsl(urlsplit(link).query)) for link in page.links if "?" in link}
    asked |= {urlsplit(form.action).path: dict.fromkeys(form.known, "") for form in page.asking}
    for path, given in {**asked, urlsplit(page.url).path: {}}.items():
        for name in (*given, "q", "after"):
            for payload in PAYLOADS:
                yield f"{path}?{urlencode({**given, name: payload})}"


@pytest.mark.django_db
def test_what_is_asked_of_a_page_or_sent_by_a_form_is_a_value_or_refused(world: World) -> None:
    world.client.force_login(world.user)
    probe, kinds = Probe(), (("companies", world.company), ("deals", world.deal), ("contacts", world.person))
    starts = [f"/{noun}/{record.pk}/" for noun, record in kinds]
    starts += [f"/{route}" for route in PAGES if "<" not in route]

    pages = list(pages_of_the_product(world.client, starts))
    seen = {
        url: None for page in pages for url in questions(page) if url.startswith("/") and "/login/" not in url
    }
    for url in seen:
        probe(url, partial(world.client.get, url))
    for form in forms_of_the_product(world.client, starts):
        for name in form.known - {"csrfmiddlewaretoken"}:
            values = {**form.values, name: PAYLOADS[0]}
            probe(f"{form.action} {name}", partial(posted, world.client, form.action, values))

    print(f"{len(seen)} questions to {len(pages)} pages, {probe.asked - len(seen)} fields of forms")
    assert probe.wrong == {}
    assert (len(seen) > 100, probe.asked - len(seen) > 100) == (True, True)


def posted(client: Client, url: str, values: dict[str, Any]) -> Any:
    kept = client.cookies.copy()
    answer = client.post(url, values)
    client.cookies = kept
    return answer


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/companies/", "/contacts/", "/deals/", "/search/", "/sandbox/", "/audit/"])
def test_a_nul_character_is_refused_at_the_door(path: str, world: World) -> None:
    world.client.force_login(world.user)

    asked = [world.client.get(path, {"q": "a\x00b"}), world.client.post("/tasks/new/", {"title": "a\x00b"})]

    assert [answer.status_code for answer in asked] == [400, 400]


@pytest.mark.django_db
def test_a_search_that_puts_its_words_into_the_statement_is_found(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def careless(text: str, *, actor: Any) -> Any:
        quoted = text.replace("'", "''").replace("%", "%%")
        rows = companies_matching("", actor=actor)
        return (
            rows.annotate(fits=RawSQL(f"crm_company.name = '{quoted}'", ())).filter(fits=True)  # noqa: S611 -- sabotage
            if text
            else rows
        )

    monkeypatch.setattr("crm.api.views.companies_matching", careless)
    probe, headers = Probe(), {"Authorization": f"Bearer {world.key}"}

    probe("companies", lambda: world.client.get("/api/v1/companies/", {"q": PAYLOADS[0]}, headers=headers))

    assert [MARK in str(found) for found in probe.wrong.values()] == [True]
