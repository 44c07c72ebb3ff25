"""What stays open and for how long: sessions, keys, and saying again who one is."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.history.models import Change
from gtmos.kernel.people.models import ApiToken, User
from gtmos.kernel.people.services import issue_token, set_password, update_user
from gtmos.kernel.signin import factor_services as factors
from gtmos.kernel.signin.models import BrowserSession
from gtmos.kernel.tests.builders import a_user
from gtmos.kernel.webhooks.services import create_webhook
from gtmos.workspace.tests.signing_in import SECRET, revops, sign_in, with_app
from gtmos.workspace.tests.test_privacy import everything_stored

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> User:
    return a_user(name="Ada", password=SECRET)


def browsers(user: User, count: int = 2) -> list[Client]:
    found = [Client(headers={"User-Agent": "Mozilla/5.0 (X11; Linux) Firefox/140.0"}) for _ in range(count)]
    for each in found:
        sign_in(each, email=user.email)
    return found


def is_in(client: Client) -> bool:
    return client.get("/companies/").status_code == 200


@pytest.mark.parametrize(
    "end",
    [
        lambda user: set_password(user, "another long password", actor=Actor.of(user)),
        lambda user: update_user(user, changes={"is_active": False}, actor=Actor.of(revops())),
    ],
    ids=["new password", "deactivated"],
)
def test_sessions_end_at_once(end: Callable[[User], Any], ada: User) -> None:
    two = browsers(ada)
    before = [is_in(each) for each in two]

    end(ada)

    assert (before, [is_in(each) for each in two]) == ([True, True], [False, False])
    assert BrowserSession.objects.filter(user=ada).count() == 0


def test_a_new_password_on_the_page_keeps_this_browser_and_ends_the_others(ada: User) -> None:
    here, there = browsers(ada)

    wrong = here.post("/settings/account/password/", {"present": "wrong", "new": "another long password"})
    kept = is_in(there)
    right = here.post("/settings/account/password/", {"present": SECRET, "new": "another long password"})

    assert (wrong.status_code, kept, right.status_code) == (422, True, 302)
    assert (is_in(here), is_in(there)) == (True, False)


def test_one_other_session_or_all_are_ended_from_the_list(ada: User) -> None:
    here, there = browsers(ada)
    listed = here.get("/settings/account/").context["sessions"]
    other = next(each for each in listed if not each["is_this"])

    here.post("/settings/account/sessions/end/", {"session": other["name"]})
    after_one = (is_in(here), is_in(there))
    here.post("/settings/account/sessions/end/", {"session": "all"})

    assert [each["row"].browser for each in listed] == ["Firefox on Linux"] * 2
    assert (after_one, is_in(here)) == ((True, False), False)
    assert not {each["row"].pk for each in listed} & {each["name"] for each in listed}


@pytest.mark.parametrize(
    ("column", "inside", "outside_of"),
    [
        ("seen_at", timedelta(hours=7.9), timedelta(hours=8.1)),
        ("signed_in_at", timedelta(days=6.9), timedelta(days=7.1)),
    ],
)
def test_a_session_ends_when_idle_and_when_old(
    column: str, inside: timedelta, outside_of: timedelta, client: Client, ada: User
) -> None:
    sign_in(client)
    answers = []
    for ago in (inside, outside_of):
        BrowserSession.objects.update(**{column: timezone.now() - ago})
        answers.append(is_in(client))

    assert answers == [True, False]


# Saying again who one is


def test_after_a_quarter_of_an_hour_files_and_keys_ask_again_who_is_there(client: Client, ada: User) -> None:
    sign_in(client)
    fresh = client.get("/exports/companies.csv").status_code
    session = client.session
    session["confirmed_at"] = (timezone.now() - timedelta(minutes=16)).isoformat()
    session.save()

    file = client.get("/exports/companies.csv")
    api = client.get("/api/v1/exports/companies/")
    key = client.post("/settings/account/keys/", {"name": "x", "scopes": ["read"], "days": "30"})
    none = ApiToken.objects.count()
    wrong = client.post("/login/again/", {"password": "wrong", "next": "/exports/companies.csv"})
    right = client.post("/login/again/", {"password": SECRET, "next": "/exports/companies.csv"})

    assert (fresh, file["Location"]) == (200, "/login/again/?next=%2Fexports%2Fcompanies.csv")
    assert (api.status_code, key.status_code, key["Location"].split("?")[0], none) == (
        403,
        302,
        "/login/again/",
        0,
    )
    assert (wrong.status_code, right["Location"]) == (422, "/exports/companies.csv")
    assert client.get("/exports/companies.csv").status_code == 200


# Keys


def test_a_key_is_made_shown_once_used_and_revoked_on_the_page(client: Client, ada: User) -> None:
    sign_in(client)
    made = client.post("/settings/account/keys/", {"name": "Nightly", "scopes": ["read"], "days": "30"})
    key = made.context["key"]
    program = {"Authorization": f"Bearer {key}"}
    codes = [
        Client().get("/api/v1/companies/", headers=program).status_code,
        Client().get("/api/v1/exports/companies/", headers=program).status_code,
        Client().post("/api/v1/companies/", {}, headers=program).status_code,
    ]
    token = ApiToken.objects.get()

    again = client.get("/settings/account/").content.decode()
    client.post(f"/settings/account/keys/{token.pk}/revoke/")

    assert (codes, key in made.content.decode(), key in again) == ([200, 403, 403], True, False)
    assert Client().get("/api/v1/companies/", headers=program).status_code == 401
    assert Change.objects.filter(subject_id=token.pk).count() == 2
    assert str(Change.objects.filter(subject_id=token.pk).values()).count(key) == 0


@pytest.mark.django_db(transaction=True)
def test_no_secret_stands_in_the_database_the_logs_or_the_broker(caplog: pytest.LogCaptureFixture) -> None:
    ada = a_user(name="Ada", password=SECRET)
    with_codes = [with_app(ada), *factors.make_recovery_codes(ada, actor=Actor.of(ada))]
    hook = create_webhook("Partner", url="https://partner.example/in", event_names=["*"], actor=SYSTEM)[1]
    key = issue_token(ada, scopes=["read"], actor=Actor.of(ada))
    sign_in(Client(), password="wrong canary password")

    stored = everything_stored() + caplog.text

    secrets = [*with_codes, hook, key, SECRET, "wrong canary password"]
    assert [each for each in secrets if each in stored] == []
    assert "ada@gtmos.example" in stored
