"""Signing in as a test does it."""

from typing import Any

from allauth.mfa.totp.internal import auth as totp
from django.test import Client

from gtmos.kernel.actors import Actor
from gtmos.kernel.people.models import Role, User
from gtmos.kernel.signin import factor_services as factors
from gtmos.kernel.tests.builders import a_user

SECRET = "correct horse battery"


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


def revops() -> User:
    user = a_user(name="Dana", role=Role.REVOPS, password=SECRET)
    user.is_staff = True
    user.save()
    return user
