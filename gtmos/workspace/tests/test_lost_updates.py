"""One record open in the page, at the desk and in a program, while the assistant writes it: nothing is lost silently."""

import html
import os
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from crm.models import Company
from crm.services.companies import update_company
from crm.tests.builders import a_company
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.desk import Desk
from gtmos.kernel.history.models import Change
from gtmos.kernel.people.models import Role, User
from gtmos.kernel.people.services import add_member, create_user, issue_token
from gtmos.kernel.tests.builders import a_team

pytestmark = pytest.mark.django_db(transaction=True)
RACES = int(os.environ.get("GTMOS_TEST_RACES", "12"))
TOLD = "was changed by somebody else while you had it open"


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def opened_page(client: Client, company: Company) -> Callable[[str], bool]:
    address = reverse("crm:company-edit", args=[company.pk])
    answer = client.get(address)
    form = answer.context["form"]
    values = {name: form[name].value() for name in form.fields}
    hidden = re.search(r'name="opened" value="([^"]*)"', answer.content.decode())
    assert hidden is not None
    shown = {name: str(value) for name, value in values.items() if value not in (None, False, "")}

    def save(city: str) -> bool:
        saved = client.post(address, {**shown, "opened": html.unescape(hidden[1]), "city": city})
        assert saved.status_code == 302 or "meanwhile" in saved.content.decode()
        return saved.status_code == 302

    return save


def opened_desk(client: Client, company: Company) -> Callable[[str], bool]:
    address = reverse("admin:crm_company_change", args=[company.pk])
    form = client.get(address).context["adminform"].form
    values = {name: form[name].value() for name in form.fields}
    shown = {name: as_typed(value) for name, value in values.items() if value not in (None, False, "")}

    def save(city: str) -> bool:
        saved = client.post(address, {**shown, "city": city}, follow=True)
        refused = TOLD in html.unescape(saved.content.decode())
        assert refused or saved.redirect_chain[-1][0].endswith("/company/")
        return not refused

    return save


def as_typed(value: Any) -> Any:
    return value if isinstance(value, list | tuple) else str(value)


def opened_program(client: Client, company: Company, token: str) -> Callable[[str], bool]:
    headers = {"Authorization": f"Bearer {token}", "If-Match": f'"{company.version}"'}

    def save(city: str) -> bool:
        answer = Client().patch(
            f"/api/v1/companies/{company.pk}/", {"city": city}, "application/json", headers=headers
        )
        assert answer.status_code in {200, 412}
        return answer.status_code == 200

    return save


def told_the_assistant(user: User, company: Company) -> Callable[[str], bool]:
    """The verb that its tools call. It reads no version: it counts as one more change, with its own history."""

    def save(city: str) -> bool:
        actor = Actor.of(user, source="agent")
        changed = update_company(Company.objects.get(pk=company.pk), changes={"city": city}, actor=actor)
        return changed.city == city

    return save


def doors(user: User, token: str, company: Company) -> dict[str, Callable[[str], bool]]:
    return {
        "page": opened_page(signed_in(user), company),
        "desk": opened_desk(signed_in(user), company),
        "program": opened_program(Client(), company, token),
    }


def at_once(saves: dict[str, Callable[[str], bool]], cities: dict[str, str]) -> set[str]:
    def one(name: str) -> bool:
        try:
            return saves[name](cities[name])
        finally:
            connection.close()

    with ThreadPoolExecutor(len(saves)) as pool:
        done = dict(zip(saves, pool.map(one, saves), strict=True))
    return {name for name, saved in done.items() if saved}


@pytest.fixture
def user() -> User:
    """Who may enter the desk too."""
    user = create_user("desk@gtmos.example", name="Dana", role=Role.REVOPS, password=None, actor=SYSTEM)
    add_member(a_team(), user, actor=SYSTEM)
    return user


@pytest.fixture
def company(user: User) -> Company:
    return a_company(actor=Actor.of(user), name="Contoso", domain="contoso.example", city="Boston")


def test_of_page_desk_and_program_one_saves_and_the_others_are_told(user: User, company: Company) -> None:
    token = issue_token(user, scopes=["read", "write"], actor=Actor.of(user))
    saved = []

    for race in range(RACES):
        company.refresh_from_db()
        cities = {name: f"{name} {race}" for name in ("page", "desk", "program")}
        winners = at_once(doors(user, token, company), cities)
        saved.append(len(winners))
        assert Company.objects.get().city in {cities[name] for name in winners}

    assert saved == [1] * RACES
    assert_every_change_follows_the_one_before(company)


def test_what_the_assistant_wrote_meanwhile_is_overwritten_by_nobody(user: User, company: Company) -> None:
    token = issue_token(user, scopes=["read", "write"], actor=Actor.of(user))
    saves = doors(user, token, company)

    wrote = told_the_assistant(user, company)("Oslo")
    after = [saves[name](f"{name} later") for name in saves]

    assert (wrote, after, Company.objects.get().city) == (True, [False] * 3, "Oslo")
    assert_every_change_follows_the_one_before(company)


def assert_every_change_follows_the_one_before(company: Company) -> None:
    """A value that was lost silently would show as a gap: what one change found is not what the last one left."""
    changes = Change.objects.filter(subject_id=company.pk, changed_fields__contains=["city"]).order_by("id")
    values = [(each.previous_values.get("city"), each.new_values.get("city")) for each in changes]

    assert [(one[1], other[0]) for one, other in pairwise(values) if one[1] != other[0]] == []
    assert len(values) >= 1


def test_a_desk_that_does_not_look_at_the_version_loses_a_change(
    user: User, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tests above can fail."""
    monkeypatch.setattr(Desk, "_as_opened", lambda self, key, form: self.model.objects.get(pk=key))
    save = opened_desk(signed_in(user), company)
    told_the_assistant(user, company)("Oslo")

    saved = save("Paris")

    assert (saved, Company.objects.get().city) == (True, "Paris")
