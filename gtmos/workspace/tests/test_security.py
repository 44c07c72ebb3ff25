"""Every address of the product: who may open it, from where, and in whose frame. Generated from the routes."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from asgiref.testing import ApplicationCommunicator
from django.contrib.auth import SESSION_KEY
from django.core.management.base import SystemCheckError
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from agents.tests.builders import a_run, a_thread
from crm.models import BulkEdit, Company, ImportBatch, Reading
from crm.services.alerts import raise_alert
from crm.services.bulk_edits import start_bulk_edit
from crm.services.import_moves import open_move
from crm.services.notes import write_note
from crm.services.readings import read_text
from crm.tests.approval_builders import an_approval
from crm.tests.builders import a_company, a_contact, a_deal, a_document, a_meeting, a_task
from gtmos import checks
from gtmos.asgi import application
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.lists.services.views import create_view
from gtmos.kernel.notifications.models import Notification
from gtmos.kernel.notifications.services import notify
from gtmos.kernel.people.models import Role, User
from gtmos.kernel.people.services import create_user
from gtmos.kernel.tests.builders import a_team, a_user
from gtmos.kernel.webhooks.services import create_webhook
from outreach.models import Campaign, ResearchJob, SavedSearch

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[3]
SIGNING_IN = {"login", "login-passkey", "login-forgot", "login-reset", "invitation"}
PUBLIC = SIGNING_IN | {"healthz", "readyz", "opened", "clicked", "unsubscribe"}
PUBLIC |= {"provider-events", "provider-mail"}  # what is posted there proves itself
VALUES = {
    "uuid": "00000000-0000-4000-8000-000000000000",
    "int": "1",
    "slug": "pause",
    "str": "nothing",
    "path": "nothing",
}


def walk(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from walk(entry, prefix + str(entry.pattern))
        else:
            yield prefix + str(entry.pattern), entry


def filled(route: str, **values: object) -> str:
    """An address of the route; parts without a given value get one that fits."""
    return "/" + re.sub(r"<(\w+):(\w+)>", lambda part: str(values.get(part[2], VALUES[part[1]])), route)


ROUTES = [(route, pattern) for route, pattern in walk(get_resolver()) if not route.startswith("api/")]
PAGES = {route: str(pattern.name) for route, pattern in ROUTES if not route.startswith("admin/")}
DESK = [filled(route) for route, _ in ROUTES if route.startswith("admin/") and "(" not in route]


@pytest.fixture
def administrator() -> User:
    return create_user("root@gtmos.example", name="Root", role=Role.ADMIN, password=None, actor=SYSTEM)


def test_there_are_routes_to_look_at() -> None:
    assert (len(PAGES) > 60, len(DESK) > 150) == (True, True)


# Signing in


def test_no_page_is_open_without_signing_in(client: Client) -> None:
    opened = set()
    for route, name in PAGES.items():
        answers = [client.get(filled(route)), client.post(filled(route))]
        closed = [each.status_code == 405 or "/login/" in each.get("Location", "") for each in answers]
        if not all(closed) or {each.status_code for each in answers} == {405}:
            opened.add(name)

    assert opened - PUBLIC == set()


def test_nothing_at_the_desk_is_open_without_signing_in(client: Client) -> None:
    opened = {
        url
        for url in DESK
        if url not in {"/admin/login/", "/admin/jsi18n/"}
        and client.get(url).status_code not in {302, 404, 405}
    }

    assert opened == set()


# Forms of other sites


def test_every_page_and_form_refuses_what_another_site_sends(administrator: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(administrator)

    accepted = {name for route, name in PAGES.items() if browser.post(filled(route)).status_code != 403}
    at_the_desk = {url for url in DESK if browser.post(url).status_code not in {403, 404, 405}}

    # Mail programs send the first without having opened a page; the others prove themselves by a signature or password.
    assert accepted == {"unsubscribe", "provider-events", "provider-mail"}
    assert at_the_desk == set()


# Frames of other sites


def test_no_page_can_be_framed_by_another_site(administrator: User, client: Client) -> None:
    client.force_login(administrator)

    answers = {name: client.get(filled(route)) for route, name in PAGES.items()}
    answers |= {url: client.get(url) for url in ("/admin/", "/admin/crm/company/", "/api/v1/docs/")}

    framed = {name for name, answer in answers.items() if answer.get("X-Frame-Options") != "DENY"}
    assert framed - {"sandbox-frame", "sandbox-pictures"} == set()  # the page beside it frames the mail


def test_pages_say_what_may_run_in_them(administrator: User, client: Client) -> None:
    client.force_login(administrator)

    answers = {name: client.get(filled(route)) for route, name in PAGES.items()}

    policies = {
        name: answer["Content-Security-Policy"]
        for name, answer in answers.items()
        if answer.status_code == 200
    }
    assert [
        name for name, policy in policies.items() if "'unsafe-" in policy or "default-src" not in policy
    ] == []
    assert {answer["X-Content-Type-Options"] for answer in answers.values()} == {"nosniff"}


# Cookies


def test_cookies_are_kept_from_scripts_and_other_sites(client: Client) -> None:
    a_user(name="Ada", password="correct horse battery")

    client.get("/login/")
    client.post("/login/", {"username": "ada@gtmos.example", "password": "correct horse battery"})

    session, form = client.cookies["sessionid"], client.cookies["csrftoken"]
    assert SESSION_KEY in client.session
    assert (session["httponly"], session["samesite"], form["samesite"]) == (True, "Lax", "Lax")


# The live socket


def connects(origin: str, user: User | None) -> bool:
    async def attempt() -> bool:
        headers = [(b"origin", origin.encode()), (b"host", b"localhost")]
        if user is not None:
            headers.append((b"cookie", cookie.encode()))
        scope = {"type": "websocket", "path": "/live/", "query_string": b"", "headers": headers}
        socket = ApplicationCommunicator(application, {**scope, "subprotocols": []})
        await socket.send_input({"type": "websocket.connect"})
        answer = await socket.receive_output()
        await socket.send_input({"type": "websocket.disconnect", "code": 1000})
        await socket.wait()
        return answer["type"] == "websocket.accept"

    browser = Client()
    if user is not None:
        browser.force_login(user)
        cookie = f"sessionid={browser.cookies['sessionid'].value}"
    return async_to_sync(attempt)()


@pytest.mark.django_db(transaction=True)  # the socket looks its person up over a connection of its own
def test_the_live_socket_opens_only_for_somebody_signed_in_on_our_own_pages() -> None:
    user = a_user()

    opened = [
        connects("http://localhost", user),
        connects("https://evil.example", user),
        connects("http://localhost", None),
    ]

    assert opened == [True, False, False]


# Other people's records


def a_campaign(actor: Actor) -> Campaign:
    return Campaign.objects.create(name="Theirs", owner=actor.user, team_id=actor.user.team_ids[0])


def a_research(actor: Actor) -> ResearchJob:
    return ResearchJob.objects.create(name="Theirs", owner=actor.user, team_id=actor.user.team_ids[0])


def an_import(actor: Actor) -> ImportBatch:
    return ImportBatch.objects.create(
        file_name="x.csv", path="x", owner=actor.user, team_id=actor.user.team_ids[0]
    )


def a_saved_search(actor: Actor) -> SavedSearch:
    return SavedSearch.objects.create(name="Theirs", owner=actor.user, team_id=actor.user.team_ids[0])


def a_notification(actor: Actor) -> Notification:
    assert actor.user
    notify([actor.user], kind="mention", title="Zeisig named you", key="theirs", actor=SYSTEM)
    return Notification.objects.get(person=actor.user)


def a_reading(actor: Actor) -> Reading:
    return read_text("Met Ana Silva, CFO at Contoso.", actor=actor)


def a_bulk_edit(actor: Actor) -> BulkEdit:
    records = Company.objects.filter(pk=a_company(actor=actor).pk)
    return start_bulk_edit("company", records, field="city", value="Bonn", actor=actor)


OTHERS: dict[str, Callable[[Actor], Any]] = {
    "companies/<uuid:company_id>/": lambda actor: a_company(actor=actor),
    "contacts/<uuid:contact_id>/": lambda actor: a_contact(actor=actor),
    "deals/<uuid:deal_id>/": lambda actor: a_deal(actor=actor),
    "tasks/<uuid:task_id>/": lambda actor: a_task(actor=actor),
    "imports/<uuid:batch_id>/": an_import,
    "moves/<uuid:move_id>/": lambda actor: open_move(actor=actor),
    "meetings/<uuid:meeting_id>/": lambda actor: a_meeting(actor=actor),
    "notes/<uuid:note_id>/": lambda actor: write_note("Hello", company=a_company(actor=actor), actor=actor),
    "documents/<uuid:document_id>/": a_document,
    "alerts/<uuid:alert_id>/": lambda actor: raise_alert(
        "usage", fact_key="x", company=a_company(actor=actor), what="Usage falls", why="It does."
    ),
    "readings/<uuid:reading_id>/": a_reading,
    "proposals/<uuid:proposal_id>/": lambda actor: a_reading(actor).proposals.get(kind="create_company"),
    "activities/<uuid:activity_id>/": lambda actor: write_note(
        "Hello", company=a_company(actor=actor), actor=actor
    ),
    "notifications/<uuid:notification_id>/": a_notification,
    "approval-requests/<uuid:approval_id>/": an_approval,
    "campaigns/<uuid:key>/": a_campaign,
    "research/<uuid:key>/": a_research,
    "searches/<uuid:key>/": a_saved_search,
    "bulk-edits/<uuid:edit_id>/": a_bulk_edit,
    "views/<uuid:view_id>/": lambda actor: create_view("company", "Theirs", actor=actor),
    "threads/<uuid:thread_id>/": lambda actor: a_thread(actor=actor),
    "webhooks/<uuid:webhook_id>/": lambda _: create_webhook(
        "Partner", url="https://partner.example/in", event_names=["*"], actor=SYSTEM
    )[0],
    "runs/<uuid:run_id>/": lambda actor: a_run(("task.create", {"title": "call Bill"}), actor=actor),
}
ABOUT_ONE = [route for route in PAGES if "<uuid:" in route]


def test_every_page_about_one_record_is_looked_at() -> None:
    left = [route for route in ABOUT_ONE if not route.startswith(tuple(OTHERS))]

    assert sorted({route.split("/")[0] for route in left}) == [
        "cells",
        "duplicates",
        "mentions",
        "merges",
        "outreach",
        "products",
        "prospects",
        "settings",
        "suggestions",
        "target-lists",
    ]


@pytest.mark.parametrize("route", [route for route in ABOUT_ONE if route.startswith(tuple(OTHERS))])
def test_what_belongs_to_another_team_does_not_exist(route: str, client: Client) -> None:
    start = next(each for each in OTHERS if route.startswith(each))
    record = OTHERS[start](Actor.of(a_user(team=a_team())))
    client.force_login(a_user(team=a_team()))
    name = start.split(":")[1].split(">")[0]

    url = filled(route, **{name: record.pk})
    found = {client.get(url).status_code, client.post(url).status_code}

    assert found in ({404}, {404, 405})


@pytest.mark.parametrize("route", [route for route in ABOUT_ONE if not route.startswith(tuple(OTHERS))])
def test_what_there_is_not_does_not_exist(route: str, client: Client) -> None:
    client.force_login(a_user(team=a_team()))

    found = {client.get(filled(route)).status_code, client.post(filled(route)).status_code}

    assert found in ({404}, {404, 405})


# Production

SOUND = {
    "GTMOS_ENV": "production",
    "SECRET_KEY": "k" * 20 + "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJ",
    "ALLOWED_HOSTS": "gtmos.example",
    "DATABASE_URL": "postgresql://gtmos@127.0.0.1/gtmos",
    "REDIS_URL": "redis://127.0.0.1/0",
}


def manage(tmp_path: Path, *arguments: str, **changed: str) -> tuple[int, str]:
    environ = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    values = {**environ, **SOUND, "GTMOS_HOME": str(tmp_path), **changed}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "manage.py", *arguments],
        cwd=ROOT,
        env={name: value for name, value in values.items() if value},
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    return done.returncode, done.stdout + done.stderr


def test_under_production_settings_there_is_nothing_to_warn_of(tmp_path: Path) -> None:
    code, words = manage(tmp_path, "check", "--deploy", "--fail-level", "WARNING")

    assert (code, words.strip()) == (0, "System check identified no issues (0 silenced).")


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"DEBUG": "1"}, "gtmos.E001"),
        ({"ALLOWED_HOSTS": "*"}, "gtmos.E002"),
        ({"ALLOWED_HOSTS": ""}, "gtmos.E002"),
        ({"SECRET_KEY": "short"}, "gtmos.E004"),
        ({"SECRET_KEY": ""}, "SECRET_KEY is not set."),
    ],
    ids=["debug", "any host", "no host", "short key", "no key"],
)
def test_an_unsafe_server_does_not_start_and_says_what_to_set(
    changed: dict[str, str], says: str, tmp_path: Path
) -> None:
    code, words = manage(tmp_path, "web", "--port", "0", **changed)

    assert (code != 0, says in words, "Traceback" in words) == (True, True, False)


def test_the_checks_are_for_production_only(settings: Any) -> None:
    settings.DEBUG = True
    checks.refuse_unsafe()
    settings.PRODUCTION = True

    with pytest.raises(SystemCheckError, match=r"gtmos\.E001"):
        checks.refuse_unsafe()
