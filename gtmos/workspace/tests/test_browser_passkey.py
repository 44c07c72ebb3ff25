"""A passkey in a real browser: added on the page, asked for after the password, and good alone."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.db import connections

from gtmos.kernel.signin.models import BrowserSession
from gtmos.kernel.tests.builders import a_user
from tests.browser import CHROMIUM, QUIET

playwright = pytest.importorskip("playwright.sync_api")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.enable_socket,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason=f"{CHROMIUM} is not installed"),
]
SECRET = "correct horse battery"
KEY = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def page(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv(
        "DJANGO_ALLOW_ASYNC_UNSAFE", "1"
    )  # the browser's loop runs in this thread, unused by us
    # The live server's threads would keep their connections past the end of the test.
    monkeypatch.setitem(connections.settings["default"], "CONN_MAX_AGE", 0)
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = browser.new_page()
        session = page.context.new_cdp_session(page)
        session.send("WebAuthn.enable")
        session.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})
        yield page
        browser.close()
    # A request that the browser broke off leaves its connection open, and the database could not be dropped.
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def sign_in(page: Any, address: str) -> None:
    page.goto(f"{address}/login/")
    page.fill("input[name=username]", "ada@gtmos.example")
    page.fill("input[name=password]", SECRET)
    page.click("form button:not([type=button])")


def test_a_passkey_is_added_asked_for_and_good_alone(page: Any, live_server: Any) -> None:
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    address = live_server.url.replace("127.0.0.1", "localhost")
    ada = a_user(name="Ada", password=SECRET)
    sign_in(page, address)
    page.wait_for_url(f"{address}/")

    page.goto(f"{address}/settings/account/passkeys/")
    page.click("[data-passkey=create]")
    page.wait_for_selector("text=Recovery codes")
    added = Authenticator.objects.filter(user=ada, type="webauthn").count()
    page.context.clear_cookies()
    sign_in(page, address)
    page.wait_for_url(f"{address}/login/second/")
    page.click("[data-passkey=get]")
    page.wait_for_url(f"{address}/")
    page.context.clear_cookies()
    page.goto(f"{address}/login/")
    page.click("[data-passkey=get]")
    page.wait_for_url(f"{address}/")

    assert (added, BrowserSession.objects.filter(user=ada).count(), faults) == (1, 3, [])
