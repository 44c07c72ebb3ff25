"""Every operation of the API with a token of each scope alone: one scope opens it, the others do not."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as project
from django.contrib.auth.hashers import identify_hasher
from django.db import transaction
from django.test import Client
from drf_spectacular.generators import SchemaGenerator

from gtmos.kernel.actors import Actor
from gtmos.kernel.people.models import ApiToken, Role
from gtmos.kernel.people.services import SCOPES, TOKEN_PREFIX, issue_token, revoke_token
from gtmos.workspace.tests.world import Operation, World

pytestmark = pytest.mark.django_db
# Beside `read` for what is read and `write` for what is changed. An operation that is new and stands in neither list
# has to be one of those.
BY_SCOPE: dict[str, set[str]] = {
    "send": {
        "post approvals/{id}/confirm/",
        "post campaigns/{id}/approve/",
        "post campaigns/{id}/resume/",
        "post experiments/{id}/promote/",
        "post experiments/{id}/unpromote/",
        "post experiments/{id}/variants/",
        "post touches/{id}/resolve/",
    },
    "export": {"get exports/{id}/"},
    "admin": {
        "post approval-policies/",
        "patch approval-policies/{id}/",
        "post approval-policies/{id}/activate/",
        "post approval-policies/{id}/deactivate/",
        "post feature-flags/",
        "patch feature-flags/{id}/",
        "post event-deliveries/{id}/replay/",
        "post webhook-deliveries/{id}/replay/",
        "post webhooks/",
        "patch webhooks/{id}/",
        "delete webhooks/{id}/",
        "post webhooks/{id}/pause/",
        "post webhooks/{id}/resume/",
        "post webhooks/{id}/rotate-secret/",
        "post workflows/",
        "patch workflows/{id}/",
        "delete workflows/{id}/",
        "post workflows/{id}/activate/",
        "post workflows/{id}/deactivate/",
        "post workflows/{id}/roll-back/",
        "post workflows/import/",
        "post workflow-runs/{id}/retry/",
    },
}


def all_operations() -> Iterator[Operation]:
    described = SchemaGenerator().get_schema(request=None, public=True)
    for path, by_method in described["paths"].items():
        if path.startswith(("/api/v1/schema", "/api/v1/docs")):
            continue
        for method, operation in by_method.items():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            yield Operation(method, path, content.get("schema"), described["components"]["schemas"])


def needed(operation: Operation) -> str:
    name = f"{operation.method} {operation.path.removeprefix('/api/v1/')}"
    usual = "read" if operation.method == "get" else "write"
    return next((scope for scope, names in BY_SCOPE.items() if name in names), usual)


@pytest.fixture
def world(settings: Any) -> World:
    settings.API_REQUESTS_PER_MINUTE = {"": 10**9, "events": 10**9}
    made = World(Role.ADMIN)
    made.client.raise_request_exception = False
    return made


def opens(world: World, operation: Operation, key: str) -> bool:
    world.key = key
    with transaction.atomic():
        answer = world.ask(operation, world.address(operation), None)
        transaction.set_rollback(True)
    return not (answer.status_code == 403 and answer.json()["code"] == "permission_denied")


def test_each_operation_is_opened_by_one_scope_alone(world: World) -> None:
    keys = {scope: issue_token(world.user, scopes=[scope], actor=Actor.of(world.user)) for scope in SCOPES}
    asked = list(all_operations())

    opened = {(str(each), scope) for each in asked for scope, key in keys.items() if opens(world, each, key)}

    expected = {(str(each), needed(each)) for each in asked}
    assert sorted(opened - expected) == []
    assert sorted(expected - opened) == []
    assert len(asked) * len(SCOPES) > 900


def test_a_revoked_key_opens_nothing_with_the_next_request(world: World) -> None:
    key = issue_token(world.user, scopes=["read"], actor=Actor.of(world.user))
    headers = {"Authorization": f"Bearer {key}"}
    before = Client().get("/api/v1/tasks/", headers=headers).status_code
    token = ApiToken.objects.order_by("-created_at")[0]

    revoke_token(token, actor=Actor.of(world.user))

    assert (before, Client().get("/api/v1/tasks/", headers=headers).status_code) == (200, 401)


def test_a_key_is_kept_as_a_digest_begins_so_that_scanners_know_it_and_says_when_it_was_used(
    world: World,
) -> None:
    key = issue_token(world.user, scopes=["read"], actor=Actor.of(world.user))
    token = ApiToken.objects.order_by("-created_at")[0]
    unused = token.last_used_at

    Client().get("/api/v1/tasks/", headers={"Authorization": f"Bearer {key}"})

    token.refresh_from_db()
    assert key.startswith(TOKEN_PREFIX)
    assert [value for value in vars(token).values() if key in str(value)] == []
    assert (unused, token.last_used_at is not None, len(key) > 40) == (None, True, True)


def test_passwords_are_hashed_with_argon2() -> None:
    assert project.PASSWORD_HASHERS[0] == "django.contrib.auth.hashers.Argon2PasswordHasher"
    assert identify_hasher("argon2$argon2id$v=19$m=102400,t=2,p=8$c2FsdA$aGFzaA").algorithm == "argon2"
