"""Each selector of the customer record that decides who sees what, with its filter taken out: some address must tell.

Two walls are looked at. No selector gives a stranger a row that is not theirs; and where one did, the matrix of
addresses would find it. A selector that is new needs a row here, and an address that shows it or a reason why none does.
"""

import pkgutil
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

import crm.selectors
from crm.models import (
    Alert,
    ForecastSnapshot,
    Mention,
    Pipeline,
    Proposal,
    RoutingVersion,
    Signal,
    TargetAccount,
    TargetList,
    UsageEvent,
)
from crm.selectors.exports import KINDS
from crm.services.conversations import post_message
from crm.services.merging import merge_contacts
from crm.tests.builders import a_contact
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.people.models import Role
from gtmos.kernel.tests.builders import a_team, a_user
from gtmos.workspace.tests.test_matrix import (
    CANARY,
    MAKERS,
    POLICY,
    Caller,
    _leak,
    about_one,
    address,
    noun_of,
)
from gtmos.workspace.tests.test_privacy import a_pair
from gtmos.workspace.tests.test_security import VALUES, walk

pytestmark = pytest.mark.django_db
# Everybody who is signed in may read these.
EVERYBODYS = {"currencies.visible_rates", "target_lists.visible_target_lists"}
# Shown as sums, in which no word of the record stands. That no row of a stranger is in them is looked at directly.
SUMS = {"forecast.visible_snapshots"}
# Asked for only below a record that the reader sees; that no row of a stranger is in them is looked at directly.
BELOW_THEIR_RECORD = {"conversations.visible_messages"}
Selector = Callable[..., Any]


def selectors() -> dict[str, Selector]:
    found = {}
    for module in pkgutil.iter_modules(crm.selectors.__path__):
        room = import_module(f"crm.selectors.{module.name}")
        for name, each in vars(room).items():
            if name.startswith("visible_") and each.__module__ == room.__name__:
                found[f"{module.name}.{name}"] = each
    return found


@pytest.fixture
def me() -> Any:
    return a_user(role=Role.AE, team=a_team())


@pytest.fixture
def theirs(me: Any, settings: Any) -> dict[str, Any]:
    """A row of everything that belongs to somebody of another team, by the noun of its addresses."""
    settings.API_REQUESTS_PER_MINUTE = {"": 1_000_000, "events": 1_000_000}
    stranger = a_user(name="Stranger", team=a_team())
    actor, today = Actor.of(stranger), timezone.now().date()
    made = {kind: make(actor) for kind, make in MAKERS.items()}
    company, contact = made["company"], made["contact"]
    pair = [a_contact(actor=actor, name=f"{CANARY} {word}", company=company) for word in ("A", "B", "C", "D")]
    Signal.objects.create(company=company, type="news", detail=CANARY, source=CANARY, occurred_on=today)
    UsageEvent.objects.create(
        source=CANARY, external_id="1", name=CANARY, occurred_at=timezone.now(), company=company
    )
    sums = dict.fromkeys(("won", "commit", "best_case", "upside", "weighted", "deals"), 1)
    ForecastSnapshot.objects.create(
        pipeline=Pipeline.objects.first(), taken_on=today, starts_on=today, ends_on=today,
        owner=stranger, currency="EUR", **sums,
    )  # fmt: skip
    listed = TargetList.objects.create(name="Targets")
    return made | {
        "routing-versions": RoutingVersion.objects.create(number=99),
        "messages": post_message(company, text=CANARY, actor=actor),
        "duplicates": a_pair(*pair[:2]),
        "merges": merge_contacts(pair[2], pair[3], choices={}, actor=SYSTEM),
        "alerts": Alert.objects.create(
            kind="departure", fact_key="1", company=company, contact=contact, what=CANARY
        ),
        "proposals": Proposal.objects.filter(reading=made["reading"]).first(),
        "mentions": Mention.objects.create(activity=made["activity"], user=me),
        "target-accounts": TargetAccount.objects.create(target_list=listed, company=company),
    }


def unfiltered(name: str, selector: Selector) -> Selector:
    """The same rows for whoever asks."""
    if name == "mentions.visible_mentions":
        return lambda **_: Mention.objects.all()
    return lambda *, actor, **more: selector(actor=SYSTEM, **more)


def put_everywhere(monkeypatch: pytest.MonkeyPatch, old: Selector, new: Selector) -> int:
    """Also where it was imported by its name."""
    done = 0
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] not in {"crm", "gtmos", "outreach", "agents"} or ".tests" in name:
            continue
        for attribute, value in list(vars(module).items()):
            if value is old:
                monkeypatch.setattr(module, attribute, new)
                done += 1
            elif isinstance(value, dict) and old in value.values():
                monkeypatch.setattr(
                    module, attribute, {key: new if each is old else each for key, each in value.items()}
                )
    return done


def details(theirs: dict[str, Any]) -> Iterator[str]:
    """Every address about one record, with the key of theirs."""
    for route in about_one():
        noun = noun_of(route)
        record = theirs.get(POLICY[noun]) or theirs.get(noun)
        if POLICY[noun] not in {"shared", "list", "public"}:
            yield address(route, record.pk if record else VALUES["uuid"])


def lists() -> list[str]:
    every = ["/" + route.replace("^", "").replace("$", "") for route, _ in walk(get_resolver())]
    plain = [each for each in every if not set("<(") & set(each) and not each.startswith(("/admin/", "/log"))]
    return [*plain, *(f"/exports/{kind}.csv" for kind in KINDS), f"/search/?q={CANARY[:5]}"]


def told(me: Any, theirs: dict[str, Any], first: str = "") -> Iterator[str]:
    """What an address tells, or that it lets somebody in; those that name the noun are asked first."""
    browser = Client(raise_request_exception=False)
    browser.force_login(me)
    asked = [(each, True) for each in details(theirs)] + [(each, False) for each in lists()]
    for url, is_one in sorted(asked, key=lambda each: first not in each[0]):
        wrong = _leak(Caller("AE", browser, {}).ask("get", url))
        if wrong and (is_one or wrong == "told of it"):
            yield f"{url} {wrong}"


def test_no_selector_gives_a_stranger_what_is_not_theirs(me: Any, theirs: dict[str, Any]) -> None:
    asked = {name: each for name, each in selectors().items() if name not in EVERYBODYS}

    there = {name: unfiltered(name, each)(actor=SYSTEM).count() for name, each in asked.items()}
    seen = {name: each(actor=Actor.of(me)).count() for name, each in asked.items()}

    assert sorted(name for name, count in there.items() if not count) == []
    assert {name: count for name, count in seen.items() if count} == {}
    assert len(asked) >= 22


def test_with_all_filters_nothing_is_told(me: Any, theirs: dict[str, Any]) -> None:
    assert list(told(me, theirs)) == []


@pytest.mark.parametrize("name", sorted(set(selectors()) - EVERYBODYS - SUMS - BELOW_THEIR_RECORD))
def test_a_selector_without_its_filter_is_found(
    name: str, me: Any, theirs: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    selector = selectors()[name]
    noun = name.rpartition("visible_")[2].rstrip("s")[:6]
    put_everywhere(monkeypatch, selector, unfiltered(name, selector))

    assert next(told(me, theirs, noun), None) is not None
