"""Signing in: guesses are counted, nobody learns who has an account, sessions turn and end."""

import re
import threading
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.contrib.auth import SESSION_KEY
from django.db import connections
from django.test import Client
from django.utils import timezone

from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError, NotPermittedError
from gtmos.kernel.people.models import ApiToken, User
from gtmos.kernel.people.services import issue_token
from gtmos.kernel.signin import factor_services as factors
from gtmos.kernel.signin.limit_services import PASSWORD, count_try
from gtmos.kernel.signin.models import BrowserSession, FailedTry, SignInLink
from gtmos.kernel.tests.builders import a_user
from gtmos.workspace.tests.signing_in import SECRET, a_code, revops, sign_in, with_app

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> User:
    return a_user(name="Ada", password=SECRET)


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
