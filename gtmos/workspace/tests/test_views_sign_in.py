"""Signing in: guesses are counted, nobody learns who has an account, sessions turn and end."""

import re
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.contrib.auth import SESSION_KEY
from django.db import connections
from django.test import Client
from django.utils import timezone

from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.exceptions import DomainError, NotPermittedError
from gtmos.kernel.history.models import Change
from gtmos.kernel.people.models import ApiToken, Role, User
from gtmos.kernel.people.services import issue_token, set_password, update_user
from gtmos.kernel.signin import factor_services as factors
from gtmos.kernel.signin.limit_services import PASSWORD, count_try
from gtmos.kernel.signin.models import BrowserSession, FailedTry, SignInLink
from gtmos.kernel.tests.builders import a_user
from gtmos.kernel.webhooks.services import create_webhook
from gtmos.workspace.tests.test_privacy import everything_stored

pytestmark = pytest.mark.django_db
SECRET = "correct horse battery"


@pytest.fixture
def ada() -> User:
    return a_user(name="Ada", password=SECRET)


def sign_in(client: Client, email: str = "ada@gtmos.example", password: str = SECRET, **more: str) -> Any:
    return client.post("/login/", {"username": email, "password": password, **more})


def a_code(secret: str, steps: int = 0) -> str:
    """The code of now, or of half minutes before or after."""
    counter = list(totp.yield_hotp_counters_from_time())[1] + steps
    return totp.format_hotp_value(totp.hotp_value(secret, counter))


def with_app(user: User) -> str:
    secret = totp.generate_totp_secret()
    factors.add_app(user, secret, a_code(secret, -1), actor=Actor.of(user))
    return secret


# The password


def test_a_password_opens_a_session_under_a_new_key(client: Client, ada: User) -> None:
    client.get("/login/passkey/")  # a session from before, which somebody else may know
    before = client.session.session_key

    answer = sign_in(client, next="/companies/")

    row = BrowserSession.objects.get(user=ada)
    assert (answer.status_code, answer["Location"]) == (302, "/companies/")
    assert before is not None
    assert row.pk != before
    assert BrowserSession.objects.filter(pk=before).exists() is False


def test_another_site_is_not_opened_after_signing_in(client: Client, ada: User) -> None:
    assert sign_in(client, next="https://evil.example/")["Location"] == "/"


def test_after_ten_wrong_guesses_even_the_right_one_is_refused_and_later_it_is_taken(
    client: Client, ada: User
) -> None:
    wrong = [sign_in(client, password="wrong").status_code for _ in range(10)]

    locked = sign_in(client)
    FailedTry.objects.update(since=timezone.now() - timedelta(minutes=16))
    later = sign_in(client)

    assert (wrong, locked.status_code, later.status_code) == ([200] * 10, 429, 302)
    assert "Too many tries. Wait 15 minutes" in locked.content.decode()


def test_another_spelling_of_the_address_is_the_same_address(client: Client, ada: User) -> None:
    for number in range(10):
        sign_in(client, email=("ADA@gtmos.example", " ada@GTMOS.example ")[number % 2], password="wrong")

    assert sign_in(client).status_code == 429


def test_who_signs_in_is_not_counted_against(client: Client, ada: User) -> None:
    for _ in range(3):
        for _ in range(9):
            sign_in(client, password="wrong")
        assert sign_in(Client()).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_of_many_guesses_at_once_no_more_than_ten_are_looked_at() -> None:
    taken: list[bool] = []
    start = threading.Barrier(24)

    def guess() -> None:
        start.wait()
        taken.append(count_try(PASSWORD, "ada@gtmos.example"))
        connections.close_all()

    threads = [threading.Thread(target=guess) for _ in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(taken), sum(taken)) == (24, 10)


def said(answer: Any, email: str) -> tuple[int, str]:
    """What an answer tells, without what differs between any two."""
    text = answer.content.decode().replace(email, "ADDRESS")
    return answer.status_code, re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text)


def test_known_unknown_and_deactivated_addresses_are_refused_in_the_same_words(ada: User) -> None:
    gone = a_user(name="Gone", password=SECRET)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    emails = ["ada@gtmos.example", "gone@gtmos.example", "nobody@gtmos.example"]

    refused = [said(sign_in(Client(), email=each, password="wrong"), each) for each in emails]
    for each in emails:
        for _ in range(10):
            count_try(PASSWORD, each)
    locked = [said(sign_in(Client(), email=each, password="wrong"), each) for each in emails]
    asked = [said(Client().post("/login/forgot/", {"email": each}), each) for each in emails]

    assert (len(set(refused)), len(set(locked)), len(set(asked))) == (1, 1, 1)
    assert SignInLink.objects.count() == 3


def test_the_password_is_compared_with_something_for_unknown_addresses_too(
    ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted in hashes, because a clock is not exact on a busy machine."""
    from django.contrib.auth.hashers import Argon2PasswordHasher  # noqa: PLC0415 -- only here

    hashed: list[str] = []
    real = Argon2PasswordHasher.encode

    def counting(self: Any, password: str, salt: str) -> str:
        hashed.append("encode")
        return real(self, password, salt)

    monkeypatch.setattr(Argon2PasswordHasher, "encode", counting)
    verify = Argon2PasswordHasher.verify
    monkeypatch.setattr(
        Argon2PasswordHasher, "verify", lambda self, *args: (hashed.append("verify"), verify(self, *args))[1]
    )
    counts = []
    for email in ("ada@gtmos.example", "nobody@gtmos.example"):
        hashed.clear()
        sign_in(Client(), email=email, password="wrong")
        counts.append(len(hashed))

    assert counts == [1, 1]


# The second factor


def test_the_app_is_asked_for_after_the_password_and_a_code_is_good_once(client: Client, ada: User) -> None:
    secret = with_app(ada)

    first = sign_in(client, next="/deals/")
    half = SESSION_KEY in client.session
    wrong = client.post("/login/second/", {"code": "000000"})
    code = a_code(secret)
    right = client.post("/login/second/", {"code": code})
    other = Client()
    sign_in(other)
    again = other.post("/login/second/", {"code": code})

    assert (first["Location"], half) == ("/login/second/", False)
    assert (wrong.status_code, right.status_code, right["Location"]) == (422, 302, "/deals/")
    assert (again.status_code, SESSION_KEY in other.session) == (422, False)


def test_half_way_nothing_is_open_and_it_ends_after_ten_minutes(client: Client, ada: User) -> None:
    secret = with_app(ada)
    sign_in(client)

    closed = client.get("/companies/")
    session = client.session
    session["half_way_since"] = (timezone.now() - timedelta(minutes=11)).isoformat()
    session.save()
    late = client.post("/login/second/", {"code": a_code(secret)})

    assert closed["Location"].startswith("/login/?")
    assert (late["Location"], SESSION_KEY in client.session) == ("/login/", False)


def test_codes_are_guessed_six_times_and_not_once_more(client: Client, ada: User) -> None:
    secret = with_app(ada)
    sign_in(client)
    for _ in range(6):
        client.post("/login/second/", {"code": "000000"})

    assert client.post("/login/second/", {"code": a_code(secret)}).status_code == 429


def test_a_recovery_code_opens_once(ada: User) -> None:
    with_app(ada)
    codes = factors.make_recovery_codes(ada, actor=Actor.of(ada))
    answers = []
    for _ in range(2):
        browser = Client()
        sign_in(browser)
        answers.append(browser.post("/login/second/", {"code": codes[0]}).status_code)

    assert (len(set(codes)), answers, factors.factors_of(ada).codes_left) == (10, [302, 422], 9)


def test_the_app_is_set_up_on_the_page_and_the_secret_is_kept_sealed(client: Client, ada: User) -> None:
    client.force_login(ada)
    page = client.get("/settings/account/app/")
    secret = page.context["secret"].replace(" ", "")

    wrong = client.post("/settings/account/app/", {"code": "000000"})
    none = Authenticator.objects.count()
    right = client.post("/settings/account/app/", {"code": a_code(secret)})

    app = Authenticator.objects.get(type="totp")
    assert (wrong.status_code, none, right.status_code) == (422, 0, 200)
    assert right.content.decode().count("<code>") == 10
    assert app.data["secret"].startswith("sealed:")
    assert secret not in str(list(BrowserSession.objects.values())) + str(app.data)


# Who has to have one


@pytest.fixture
def outside(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = True


def revops() -> User:
    user = a_user(name="Dana", role=Role.REVOPS, password=SECRET)
    user.is_staff = True
    user.save()
    return user


def test_revops_without_one_reaches_only_the_page_that_sets_it_up(client: Client, outside: None) -> None:
    user = revops()
    sign_in(client, email=user.email)

    closed = [client.get(url)["Location"] for url in ("/companies/", "/admin/", "/settings/people/")]
    api = client.get("/api/v1/companies/")
    piece = client.get("/companies/", headers={"HX-Request": "true"})
    page = client.get("/settings/account/app/")
    with pytest.raises(DomainError, match="second factor first"):
        issue_token(user, scopes=["read"], actor=Actor.of(user))

    assert closed == ["/settings/account/app/"] * 3
    assert (api.status_code, api.json()["code"]) == (403, "second_factor_needed")
    assert (piece.status_code, piece["HX-Redirect"]) == (204, "/settings/account/app/")
    assert (page.status_code, ApiToken.objects.count()) == (200, 0)
    client.post("/settings/account/app/", {"code": a_code(page.context["secret"].replace(" ", ""))})
    assert client.get("/companies/").status_code == 200


def test_the_last_one_stays_where_the_role_needs_it(client: Client, outside: None) -> None:
    user = revops()
    with_app(user)
    client.force_login(user)
    app = Authenticator.objects.get()

    answer = client.post(f"/settings/account/factors/{app.pk}/remove/")

    assert (answer.status_code, Authenticator.objects.count()) == (409, 1)


def test_in_the_sandbox_and_for_others_it_is_a_choice(client: Client, ada: User, settings: Any) -> None:
    client.force_login(revops())
    sandbox = client.get("/settings/account/")
    settings.SECOND_FACTOR_REQUIRED = True
    other = Client()
    other.force_login(ada)

    assert (sandbox.status_code, other.get("/companies/").status_code) == (200, 200)
    assert "This is a sandbox" in sandbox.content.decode()


def test_nobody_changes_the_factors_of_others(ada: User) -> None:
    boss = Actor.of(revops())
    secret = totp.generate_totp_secret()

    with pytest.raises(NotPermittedError):
        factors.add_app(ada, secret, a_code(secret), actor=boss)

    assert Authenticator.objects.count() == 0


# Sessions


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
