"""No request writes a field that its address does not declare. Generated from the API's own description and the pages."""

import json
import os
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from rest_framework.serializers import ModelSerializer

from crm.api.serializers import TaskShape
from crm.models import Task
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.people.models import Role, User
from gtmos.kernel.people.services import create_user
from gtmos.kernel.web import actor_of
from gtmos.workspace.tests.everything import KEY, Outcome, Rows, alike, every_row, noise, tried
from gtmos.workspace.tests.forms import Form, forms_of_the_product
from gtmos.workspace.tests.test_privacy import OURS
from gtmos.workspace.tests.test_security import PAGES
from gtmos.workspace.tests.world import NOBODY, Operation, World, operations

pytestmark = pytest.mark.django_db
MARK, LONG_AGO, NUMBER = "zqmasszq", "1999-12-31", 31999
SIGNS, SERVER_ERROR = (MARK, LONG_AGO, str(NUMBER), NOBODY), 500
INVENTED = (
    "pk",
    "_state",
    "__class__",
    "is_staff",
    "is_superuser",
    "is_admin",
    "role",
    "roles",
    "permissions",
    "scopes",
    "organisation",
    "organization",
    "organisation_id",
    "organization_id",
    "tenant",
    "tenant_id",
    "account_id",
    "actor",
    "user",
    "user_id",
    "created_by",
    "updated_by",
    "owner__id",
    "owner.id",
    "company__name",
    "password",
    "deleted_at",
    "approved",
    "approved_by",
    "constructor",
)  # fmt: skip -- a list of words
# A message is kept as it came, in one column that only its handler reads, by names.
KEPT_AS_SENT = {("agents_input", "data")}
# What every change of a record moves, and what is worked out from a field when it is written.
BOOKKEEPING = {"updated_at", "version"}
WORDS = {"search_text", "search"}
DERIVED = {
    **dict.fromkeys(("companies.domain", "companies.description", "companies.industry_vertical"), WORDS),
    **dict.fromkeys(("companies.sub_industry", "companies.tags", "deals.name"), WORDS),
    "approval-policies.definition": {"number"},
    "companies.name": {*WORDS, "name_key"},
    "companies.city": {*WORDS, "city_key"},
    "contacts.name": {"search_text"},
    "contacts.email": {"search_text", "email_key"},
    "contacts.title": {"search_text", "seniority"},
    "contacts.opted_out_at": {"do_not_email"},
    "deals.next_step": {"next_step_owner_id"},
    "objections.response": {"responded_at"},
}
FORMS = int(os.environ.get("GTMOS_TEST_FORMS", "20"))  # of the desk's 155
Path = tuple[str | int, ...]


def hostile_value(column: Any, stranger: User) -> Any:
    """What somebody who tries it would send: valid for the column, and easy to find again."""
    if column.is_relation:
        return str(stranger.pk) if column.related_model is User else NOBODY
    if column.choices:
        return column.choices[-1][0]
    kind = column.get_internal_type()
    values = {
        "BooleanField": True,
        "UUIDField": NOBODY,
        "DateField": LONG_AGO,
        "DateTimeField": f"{LONG_AGO}T00:00:00Z",
        "TimeField": "03:33:33",
        "JSONField": {MARK: MARK},
        "BinaryField": MARK,
    }
    if kind in values:
        return values[kind]
    if "Integer" in kind or kind in {"BigAutoField", "AutoField", "FloatField"}:
        return NUMBER
    return f"{NUMBER}.00" if kind == "DecimalField" else MARK[: column.max_length or 20]


def every_column(stranger: User) -> dict[str, Any]:
    """All columns of all tables by name, and names that other products have."""
    columns = [
        column
        for model in apps.get_models()
        if model._meta.app_label in OURS
        for column in model._meta.concrete_fields
    ]
    names = {
        name: hostile_value(column, stranger) for column in columns for name in (column.name, column.attname)
    }
    return {**dict.fromkeys(INVENTED, MARK), **names, "is_staff": True, "is_superuser": True, "role": "admin"}


def objects_in(body: Any, path: Path = ()) -> Iterator[Path]:
    """Where an object stands in the body: fields can be slipped into each."""
    if isinstance(body, dict):
        yield path
    inner = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for key, value in inner:
        yield from objects_in(value, (*path, key))


def with_more(body: Any, path: Path, more: dict[str, Any]) -> Any:
    """The same body with more fields in the object that stands there; what it says already stays."""
    if not path:
        return {**more, **body}
    copy = body.copy()
    copy[path[0]] = with_more(body[path[0]], path[1:], more)
    return copy


def declared_at(operation: Operation, path: Path) -> set[str] | None:
    """What may stand in the object there; nothing is said where anything may."""
    schema = operation.resolved(operation.schema or {})
    for key in path:
        inner = schema.get("items", {}) if isinstance(key, int) else schema.get("properties", {}).get(key, {})
        schema = operation.resolved(inner)
    return set(schema["properties"]) if "properties" in schema or not path else None


def laden(operation: Operation, body: Any, hostile: dict[str, Any]) -> Iterator[tuple[Any, int]]:
    """The body with everything in it that it does not ask for, and how many fields that are."""
    for path in objects_in(body):
        declared = declared_at(operation, path) if operation.schema else set[str]()
        if declared is not None:
            more = {name: value for name, value in hostile.items() if name not in declared}
            yield with_more(body, path, more), len(more)


def wrong_with(outcome: Outcome, base: Outcome, again: Outcome, known: set[str]) -> str:
    """Nothing, when what was slipped in was refused or has changed nothing."""
    if outcome.status >= SERVER_ERROR:
        return f"answered {outcome.status}"
    if not outcome.did_it:
        return f"refused, and changed {outcome.changes}" if outcome.changes else ""
    kept = [
        (name, value)
        for each in outcome.changes
        for name, value in each.columns.items()
        if (each.table, name) not in KEPT_AS_SENT
    ]
    signs = [sign for sign in SIGNS if sign in str(kept)]
    differing = noise(base.changes, again.changes, known) | KEPT_AS_SENT
    with_it, without = alike(outcome.changes, known, differing), alike(base.changes, known, differing)
    more, less = with_it - without, without - with_it
    return f"{signs} {dict(more)} {dict(less)}" if signs or more or less else ""


def keys_in(rows: Rows) -> set[str]:
    return {found for row in rows.values() for found in KEY.findall(json.dumps(row))}


def compared(before: Rows, ask: Callable[[Any], Any], body: Any, more: Iterator[tuple[Any, int]]) -> Any:
    """The request as it should be, twice; then with more in it. What is wrong, what it did, how much was more."""
    base = tried(before, lambda: ask(body))
    again = tried(before, lambda: ask(body)) if base.changes else base
    known, found, sent = keys_in(before), list[str](), 0
    for each, count in more:
        found.append(wrong_with(tried(before, lambda: ask(each)), base, again, known))  # noqa: B023 -- asked at once
        sent += count
    return [words for words in found if words], base, sent


@pytest.fixture
def world(settings: Any) -> World:
    """Whoever may configure may do most: who may do less is refused more."""
    settings.API_REQUESTS_PER_MINUTE = {"": 10**9, "events": 10**9}
    return World(Role.REVOPS)


def attack(world: World, asked: list[Operation]) -> tuple[dict[str, list[str]], set[str], int]:
    """What is wrong with each, those that did nothing, and how many fields were slipped in."""
    hostile, wrong, undone, sent = every_column(world.stranger), dict[str, list[str]](), set[str](), 0
    urls = {str(each): world.address(each) for each in asked}
    for each in asked:
        body = world.body(each)
        with world.prepared(each):
            found, base, count = compared(
                every_row(),
                lambda given: world.ask(each, urls[str(each)], given),  # noqa: B023 -- asked at once
                body,
                laden(each, body, hostile),
            )
        sent += count
        wrong |= {str(each): found} if found else {}
        undone |= set() if base.did_it else {str(each)}
    return wrong, undone, sent


def test_no_operation_of_the_api_writes_what_it_does_not_declare(world: World) -> None:
    asked = list(operations())

    wrong, undone, sent = attack(world, asked)

    print(f"{sent} fields slipped into {len(asked)} operations")
    assert wrong == {}
    assert (len(asked) > 90, sent > 50_000) == (True, True)
    assert len(undone) < len(asked) / 6, (
        undone
    )  # these would take a story of their own; they did nothing with more either


def test_a_change_touches_the_columns_it_names_and_no_others(world: World) -> None:
    beside, changed = dict[str, set[str]](), 0
    for each in operations():
        if each.method != "patch" or each.schema is None:
            continue
        url, record = world.address(each), world.record_of(world.model_of(each))
        for name, schema in each.resolved(each.schema)["properties"].items():
            body = {name: world.sample(each, schema, name)}
            with world.prepared(each):
                done = tried(every_row(), lambda: world.ask(each, url, body))  # noqa: B023 -- asked at once
            own = {column for row in done.changes if row.key == str(record.pk) for column in row.columns}
            place = f"{each.noun}.{name}"
            expected = BOOKKEEPING | DERIVED.get(place, set()) | {name, name.removesuffix("_id") + "_id"}
            changed += bool(own)
            beside |= {place: own - expected} if own - expected else {}

    assert beside == {}
    assert changed > 100


def test_a_view_that_writes_whatever_is_sent_is_found(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def careless(shape: Any, data: Any) -> Any:
        columns = {column.attname for column in Task._meta.concrete_fields} - {"id"}
        Task.objects.filter(pk=shape.instance.pk).update(
            **{name: value for name, value in data.items() if name in columns}
        )
        return ModelSerializer.to_internal_value(shape, {})

    monkeypatch.setattr(TaskShape, "to_internal_value", careless)
    asked = [each for each in operations() if str(each) == "patch /api/v1/tasks/{id}/"]

    wrong, _, _ = attack(world, asked)

    assert "created_at" in str(wrong)


def posted(client: Client, form: Form, values: dict[str, Any]) -> Any:
    """The cookies stay as they were, also when the form signs out."""
    kept = client.cookies.copy()
    answer = client.post(form.action, values)
    client.cookies = kept
    return answer


def as_sent(value: Any) -> str:
    """How a form would send it."""
    return "on" if value is True else json.dumps(value) if isinstance(value, dict) else str(value)


def attack_forms(
    world: World, client: Client, starts: list[str], *, only: str = "/", most: int = 10_000
) -> tuple[dict[str, list[str]], int, int, int]:
    """What is wrong with each form, how many there are, how many did something, and how many fields were slipped in."""
    hostile = {name: as_sent(value) for name, value in every_column(world.stranger).items()}
    wrong, looked, did, sent = dict[str, list[str]](), 0, 0, 0
    for form in islice(forms_of_the_product(client, starts, only), most):
        more = {name: value for name, value in hostile.items() if name not in form.known}
        found, base, count = compared(
            every_row(),
            lambda values: posted(client, form, values),  # noqa: B023 -- asked at once
            form.values,
            iter([({**more, **form.values}, len(more))]),
        )
        looked, did, sent = looked + 1, did + bool(base.changes), sent + count
        wrong |= {form.action: found} if found else {}
    return wrong, looked, did, sent


def test_no_page_writes_what_its_form_does_not_ask_for(world: World) -> None:
    world.client.force_login(world.user)
    kinds = ("companies", world.company), ("deals", world.deal), ("contacts", world.person)
    starts = [f"/{noun}/{record.pk}/" for noun, record in kinds]
    starts += [f"/{route}" for route in PAGES if "<" not in route]

    wrong, looked, did, sent = attack_forms(world, world.client, starts)

    print(f"{sent} fields slipped into {looked} forms, of which {did} did something")
    assert wrong == {}
    assert (looked > 50, did > 35, sent > 30_000) == (True, True, True)


@pytest.mark.filterwarnings("ignore:The default scheme will be changed")  # Django's own, of the desk's forms
def test_no_form_at_the_desk_writes_what_it_does_not_ask_for(world: World) -> None:
    browser = Client()
    browser.force_login(
        create_user("root@gtmos.example", name="Root", role=Role.ADMIN, password=None, actor=SYSTEM)
    )

    wrong, looked, did, sent = attack_forms(world, browser, ["/admin/"], most=FORMS)

    print(f"{sent} fields slipped into {looked} forms of the desk, of which {did} did something")
    assert wrong == {}
    assert (looked >= min(FORMS, 100), did > 0) == (True, True)


def test_a_page_that_writes_whatever_is_sent_is_found(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def careless(request: Any) -> Actor:
        """A view that takes the fields of a task from the request, as they come."""
        actor, columns = actor_of(request), {column.attname for column in Task._meta.concrete_fields} - {"id"}
        sent = {name: value for name, value in request.POST.items() if name in columns & {"note", "owner_id"}}
        Task.objects.filter(pk__in=Task.objects.values("pk")).update(**sent)
        return actor

    monkeypatch.setattr("crm.views.tasks.actor_of", careless)
    world.client.force_login(world.user)

    wrong, _, _, _ = attack_forms(world, world.client, ["/tasks/"], only="/tasks/")

    assert [action for action, found in wrong.items() if MARK in str(found)] != []
