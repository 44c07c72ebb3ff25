"""Every address × method × caller on records that are not the caller's. Generated from the routes; a leak is a failure."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver, reverse

from agents.tests.builders import a_run, a_thread
from crm.selectors.companies import get_company
from crm.selectors.exports import KINDS
from crm.services.account_teams import add_account_member
from crm.services.activities import log_activity
from crm.services.bulk_edits import start_bulk_edit
from crm.services.import_moves import open_move
from crm.services.objections import record_objection
from crm.services.readings import read_text
from crm.services.territories import apply_territories
from crm.tests.approval_builders import an_approval
from crm.tests.builders import a_company, a_contact, a_deal, a_document, a_meeting, a_task
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.lists.services.views import create_view
from gtmos.kernel.people.models import ApiToken, Role
from gtmos.kernel.people.services import issue_token, revoke_token
from gtmos.kernel.people.territory_services import add_territory_member, create_territory
from gtmos.kernel.tests.builders import a_team, a_user
from gtmos.workspace.selectors.topics import may_follow
from gtmos.workspace.tests.test_security import (
    VALUES,
    a_campaign,
    a_notification,
    a_research,
    a_saved_search,
    an_import,
    walk,
)

pytestmark = pytest.mark.django_db
CANARY = "Zeisig"
METHODS = ("get", "head", "post", "put", "patch", "delete")
REPS = (Role.AE, Role.SDR, Role.MARKETING, Role.CSM, Role.VIEWER)


def a_note(actor: Actor) -> Any:
    return log_activity(type="note", subject=f"{CANARY} note", company=a_company(actor=actor), actor=actor)


def a_bulk_edit(actor: Actor) -> Any:
    company = a_company(actor=actor, name=f"{CANARY} Branch")
    records = type(company).objects.filter(pk=company.pk)
    return start_bulk_edit("company", records, field="city", value="Bonn", actor=actor)


def renamed(record: Any, **values: str) -> Any:
    type(record).objects.filter(pk=record.pk).update(**values)
    return record


MAKERS: dict[str, Callable[[Actor], Any]] = {
    "company": lambda actor: a_company(actor=actor, name=f"{CANARY} Works"),
    "contact": lambda actor: a_contact(actor=actor, name=f"{CANARY} Person"),
    "deal": lambda actor: a_deal(actor=actor, name=f"{CANARY} deal"),
    "task": lambda actor: a_task(actor=actor, title=f"{CANARY} task"),
    "activity": a_note,
    "meeting": lambda actor: a_meeting(actor=actor, title=f"{CANARY} meeting"),
    "objection": lambda actor: record_objection(
        category="price", text=f"{CANARY} is dear", deal=a_deal(actor=actor), actor=actor
    ),
    "document": lambda actor: a_document(actor, name=f"{CANARY}.txt"),
    "notification": a_notification,
    "reading": lambda actor: read_text(f"Met Ana Silva, CFO at {CANARY} Works", actor=actor),
    "account_member": lambda actor: add_account_member(
        a_company(actor=actor, name=f"{CANARY} Account"), actor.user, actor=actor
    ),
    "import": lambda actor: renamed(an_import(actor), file_name=f"{CANARY}.csv"),
    "move": lambda actor: renamed(open_move(actor=actor), name=f"{CANARY} move"),
    "campaign": lambda actor: renamed(a_campaign(actor), name=f"{CANARY} campaign"),
    "research": lambda actor: renamed(a_research(actor), name=f"{CANARY} research"),
    "search": lambda actor: renamed(a_saved_search(actor), name=f"{CANARY} search"),
    "bulk_edit": a_bulk_edit,
    "view": lambda actor: create_view("company", f"{CANARY} view", actor=actor),
    "thread": lambda actor: renamed(a_thread(actor=actor), title=f"{CANARY} thread"),
    "approval": lambda actor: an_approval(actor, name=f"{CANARY} discount"),
    "run": lambda actor: a_run(("task.create", {"title": f"call {CANARY}"}), actor=actor),
}
# The policy: whose record an address is about, by where it begins. "shared" is everybody's to read;
# of what is "absent" no row is made here, and no key may ever lead to one. A "list" is looked at with the lists.
POLICY = {
    "companies": "company",
    "contacts": "contact",
    "deals": "deal",
    "tasks": "task",
    "activities": "activity",
    "imports": "import",
    "moves": "move",
    "notes": "activity",
    "meetings": "meeting",
    "mentions": "absent",
    "notifications": "notification",
    "done": "absent",
    "documents": "document",
    "alerts": "absent",
    "readings": "reading",
    "proposals": "absent",
    "campaigns": "campaign",
    "outreach": "absent",
    "research": "research",
    "research-jobs": "research",
    "searches": "search",
    "saved-searches": "search",
    "threads": "thread",
    "runs": "run",
    "approvals": "run",
    "approval-requests": "approval",
    "approval-policies": "absent",
    "delegations": "absent",
    "feature-flags": "absent",
    "objections": "objection",
    "account-team-members": "account_member",
    "target-lists": "shared",
    "lists": "list",
    "bulk-edits": "bulk_edit",
    "cells": "list",
    "views": "view",
    "saved-views": "view",
    "target-accounts": "absent",
    "routing-versions": "absent",
    "users": "shared",
    "teams": "shared",
    "products": "shared",
    "exchange-rates": "shared",
    "pipelines": "shared",
    "signals": "absent",
    "events": "absent",
    "event-types": "absent",
    "event-deliveries": "absent",
    "sequences": "absent",
    "touches": "absent",
    "experiments": "absent",
    "prospects": "absent",
    "suggestions": "absent",
    "webhooks": "absent",
    "workflows": "absent",
    "workflow-runs": "absent",
    "inputs": "absent",
    "webhook-deliveries": "absent",
    "exports": "list",
    "reports": "list",
    "duplicates": "absent",
    "merges": "absent",
    "hygiene": "shared",
    "sandbox": "absent",
    "settings": "absent",
    "login": "public",
    "invitation": "public",
    "hooks": "public",
    "t": "public",
    "u": "public",
}


def about_one() -> list[str]:
    routes = (re.sub(r"\(\?P<(\w+)>.*?\)(?=/)", r"<uuid:\1>", route) for route, _ in walk(get_resolver()))
    cleaned = (route.replace("^", "").replace("$", "") for route in routes if not route.startswith("admin/"))
    return [route for route in cleaned if "<" in route and "<whatever:" not in route]


def noun_of(route: str) -> str:
    return route.removeprefix("api/v1/").split("/")[0]


def address(route: str, key: object) -> str:
    """The first key is the record's; what comes after it need not exist."""
    first = re.sub(r"<\w+:\w+>", lambda _: str(key), route, count=1)
    return "/" + re.sub(r"<(\w+):(\w+)>", lambda part: VALUES[part[1]], first)


@dataclass
class Caller:
    """Somebody who asks, and how."""

    name: str
    client: Client
    headers: dict[str, str]

    def ask(self, method: str, url: str) -> Any:
        body = {} if method in {"get", "head"} else {"data": "{}", "content_type": "application/json"}
        if not url.startswith("/api/") and method == "post":
            body = {"data": {"name": "Taken"}}
        return getattr(self.client, method)(url, **body, headers={**self.headers, "If-Match": "*"})


def callers() -> list[Caller]:
    found = []
    for role in REPS:
        browser = Client()
        browser.force_login(a_user(role=role, team=a_team()))
        found.append(Caller(role.value, browser, {}))
    found.append(Caller("anonymous", Client(), {}))
    user = a_user(team=a_team())
    for name, scopes in (
        ("reading token", ["read"]),
        ("writing token", ["write"]),
        ("revoked token", ["read"]),
    ):
        key = issue_token(user, scopes=scopes, actor=Actor.of(user))
        found.append(Caller(name, Client(), {"Authorization": f"Bearer {key}"}))
    revoke_token(ApiToken.objects.order_by("-created_at").first(), actor=Actor.of(user))
    return found


def leaks(routes: list[str], records: dict[str, Any], asking: list[Caller]) -> Iterator[tuple[str, str]]:
    """Each cell with what was wrong with it, or nothing."""
    for route in routes:
        kind = POLICY[noun_of(route)]
        key = records[kind].pk if kind in records else VALUES["uuid"]
        for method in METHODS:
            for caller in asking:
                answer = caller.ask(method, address(route, key))
                yield f"{caller.name} {method} {route}", _leak(answer)


def _leak(answer: Any) -> str:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if CANARY.encode() in body:
        return "told of it"
    refused = answer.status_code in {400, 401, 403, 404, 405, 428} or "/login/" in answer.get("Location", "")
    return "" if refused else f"answered {answer.status_code}"


@pytest.fixture(autouse=True)
def _without_limits(settings: Any) -> None:
    settings.API_REQUESTS_PER_MINUTE = {"": 1_000_000, "events": 1_000_000}


@pytest.fixture
def theirs() -> dict[str, Any]:
    actor = Actor.of(a_user(name="Stranger", team=a_team()))
    return {kind: make(actor) for kind, make in MAKERS.items()}


def test_every_route_about_one_record_has_a_policy() -> None:
    missing = sorted({noun_of(route) for route in about_one()} - set(POLICY))

    assert missing == []


def test_nobody_reaches_what_is_somebody_elses_by_any_address(theirs: dict[str, Any]) -> None:
    before = {kind: type(each).objects.values().get(pk=each.pk) for kind, each in theirs.items()}
    routes = [route for route in about_one() if POLICY[noun_of(route)] not in {"shared", "list", "public"}]

    cells = dict(leaks(routes, theirs, callers()))

    after = {kind: type(each).objects.values().get(pk=each.pk) for kind, each in theirs.items()}
    assert {cell: wrong for cell, wrong in cells.items() if wrong} == {}
    assert after == before
    assert len(cells) > 5_000


def test_no_list_and_no_search_tells_of_it(theirs: dict[str, Any]) -> None:
    del theirs
    lists = [
        "/" + route.replace("^", "").replace("$", "")
        for route, _ in walk(get_resolver())
        if "<" not in route and not route.startswith(("admin/", "login", "logout"))
    ]
    asking = [url for url in lists if "(" not in url]
    files = [f"/exports/{kind}.csv" for kind in KINDS]

    told = {
        f"{caller.name} {url}"
        for caller in callers()
        for url in (*asking, *files, "/search/?q=Zeisi")
        if CANARY.encode() in _body(caller.ask("get", url))
    }

    assert told == set()


def _body(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def test_the_desk_is_closed_to_every_role_that_does_not_configure() -> None:
    desk = [
        f"/{route}" for route, _ in walk(get_resolver()) if route.startswith("admin/") and "<" not in route
    ]
    open_to_all = ("/admin/login/", "/admin/logout/", "/admin/jsi18n/")
    asking = [each for each in callers() if each.name in set(Role.values)]
    urls = [url for url in desk if "(" not in url and url not in open_to_all]

    entered = {
        f"{caller.name} {method} {url}"
        for url in urls
        for caller in asking
        for method in ("get", "post")
        if caller.ask(method, url).status_code == 200
    }

    assert entered == set()
    assert len(urls) * len(asking) * 2 > 1_000


@pytest.mark.parametrize("role", REPS)
@pytest.mark.parametrize("relation", ["own", "team", "territory", "account team"])
def test_what_is_theirs_they_reach(relation: str, role: Role) -> None:
    """Otherwise a product that refuses everybody everything would pass."""
    team = a_team()
    stranger, me = a_user(team=a_team()), a_user(role=role, team=team)
    company = a_company(actor=SYSTEM, owner=stranger, country_hq="DE")
    if relation == "own":
        company = renamed(company, owner=me)
    if relation == "team":
        company = renamed(company, owner=a_user(team=team), team=team)
    if relation == "territory":
        territory = create_territory("Germany", conditions={"countries": ["DE"]}, actor=SYSTEM)
        add_territory_member(territory, me, actor=SYSTEM)
        apply_territories(actor=SYSTEM)
    if relation == "account team":
        add_account_member(company, me, actor=SYSTEM)
    contact = renamed(a_contact(company=company), owner=stranger)
    deal = renamed(a_deal(company=company), owner=stranger)
    if relation in {"own", "team"}:
        renamed(contact, owner=me)
        renamed(deal, owner=me)
    client = Client()
    client.force_login(me)

    answers = [
        client.get(reverse(f"{door}{noun}{end}", args=[record.pk])).status_code
        for noun, record in (("company", company), ("contact", contact), ("deal", deal))
        for door, end in (("crm:", ""), ("api-", "-detail"))
    ]

    assert answers == [200] * 6


@pytest.mark.parametrize("kind", ["company", "contact", "deal", "campaign", "research", "thread"])
def test_the_live_socket_follows_nothing_of_somebody_elses(kind: str, theirs: dict[str, Any]) -> None:
    allowed = [may_follow(kind, theirs[kind].pk, actor=Actor.of(a_user(role=role))) for role in REPS]

    assert allowed == [False] * len(REPS)


def test_a_view_that_forgets_to_ask_is_found(theirs: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    def careless(key: Any, *, actor: Actor) -> Any:
        del actor
        return get_company(key, actor=SYSTEM)

    monkeypatch.setattr("crm.views.companies.get_company_with_locks", careless)
    routes = [route for route in about_one() if route == "companies/<uuid:company_id>/"]

    found = {cell for cell, wrong in leaks(routes, theirs, callers()) if wrong}

    assert f"{Role.AE.value} get companies/<uuid:company_id>/" in found
