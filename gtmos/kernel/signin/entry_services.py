"""Signing in: the password, then the second factor where there is one, then a session with a new key."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth import authenticate, login
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from gtmos.kernel import history
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import InvalidInputError
from gtmos.kernel.people.models import User
from gtmos.kernel.signin import limit_services as limits
from gtmos.kernel.signin.factor_services import has_factor
from gtmos.kernel.signin.session_services import confirm
from gtmos.kernel.signin.session_store import BROWSER, CONFIRMED, NETWORK, SECOND_FACTOR, SIGNED_IN

BACKEND = "gtmos.kernel.signin.backends.SessionBackend"
HALF_WAY, HALF_WAY_SINCE, HALF_WAY_TO = "half_way", "half_way_since", "half_way_to"
HALF_WAY_FOR = timedelta(minutes=10)
WRONG = "The address and the password do not belong together."
SYSTEMS = ("Windows", "Mac OS", "iPhone", "iPad", "Android", "Linux")
BROWSERS = {"Edg/": "Edge", "OPR/": "Opera", "Firefox/": "Firefox", "Chrome/": "Chrome", "Safari/": "Safari"}


def network_of(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))


def browser_of(request: HttpRequest) -> str:
    said = request.headers.get("User-Agent", "")
    browser = next((name for mark, name in BROWSERS.items() if mark in said), "")
    system = next((name for name in SYSTEMS if name in said), "")
    return " on ".join(filter(None, (browser, system))) or said[:100] or "Unknown browser"


def check_password(request: HttpRequest, email: str, password: str) -> User:
    """The person, or one refusal in the same words and the same time for every other case."""
    limits.refuse_after_too_many(limits.PASSWORD, email)
    limits.refuse_after_too_many(limits.NETWORK, network_of(request))
    user = authenticate(request, username=email.strip(), password=password)
    if not isinstance(user, User):
        raise InvalidInputError(WRONG, code="wrong_password")
    limits.forget_tries(limits.PASSWORD, email)
    limits.give_back(limits.NETWORK, network_of(request))
    return user


def begin(request: HttpRequest, user: User, *, next_url: str) -> bool:
    """After the password: true when that is all; else the second factor is asked for, in a session of its own."""
    if not has_factor(user):
        enter(request, user)
        return True
    request.session.flush()
    request.session[HALF_WAY] = str(user.pk)
    request.session[HALF_WAY_SINCE] = timezone.now().isoformat()
    request.session[HALF_WAY_TO] = next_url
    return False


def half_way(session: Any) -> User | None:
    """Who has given the password within the last ten minutes, and not yet the second factor."""
    since = parse_datetime(session.get(HALF_WAY_SINCE, ""))
    if since is None or timezone.now() - since > HALF_WAY_FOR:
        return None
    return User.objects.filter(pk=session.get(HALF_WAY), is_active=True).first()


@transaction.atomic
def enter(request: HttpRequest, user: User, *, factor: str = "") -> None:
    """Signed in, under a key that nobody knew before."""
    for name in (HALF_WAY, HALF_WAY_SINCE, HALF_WAY_TO):
        request.session.pop(name, None)
    login(request, user, backend=BACKEND)
    request.session.cycle_key()
    now = timezone.now().isoformat()
    browser, network = browser_of(request), network_of(request)
    request.session.update({SIGNED_IN: now, CONFIRMED: now, BROWSER: browser, NETWORK: network})
    if factor:
        request.session[SECOND_FACTOR] = factor
    history.record(
        user,
        before={},
        after={"signed_in": browser, "with": factor or "password"},
        actor=Actor.of(user),
        category="SIGN_IN",
        summary=f"Signed in with {factor or 'password'}, {browser}",
    )


def confirm_again(request: HttpRequest, *, factor: str = "") -> None:
    """Somebody who is signed in has said once more who they are."""
    confirm(request.session)
    if factor:
        request.session[SECOND_FACTOR] = factor
