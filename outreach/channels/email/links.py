"""Addresses in mails that lead back to us. Only what we signed for this very mail is followed."""

from urllib.parse import quote

from django.core import signing

from gtmos.env import env

TRAP = "trap:"


def open_url(token: str) -> str:
    return f"{env.public_url}/t/o/{token}.gif"


def click_url(token: str, url: str) -> str:
    return f"{env.public_url}/t/c/{token}/?u={quote(_signer(token).sign(url), safe='')}"


def unsubscribe_url(token: str) -> str:
    return f"{env.public_url}/u/{token}/"


def clicked_url(token: str, signed: str) -> str | None:
    """The address behind a tracked link; None when we did not sign it for this mail."""
    try:
        return _signer(token).unsign(signed)
    except signing.BadSignature:
        return None


def _signer(token: str) -> signing.Signer:
    return signing.Signer(salt=f"outreach.click.{token}")


def trap_url(token: str) -> str:
    """A link that no person can see; who follows it tries every link of a mail."""
    return f"{env.public_url}/t/c/{token}/?u={quote(_signer(token).sign(TRAP), safe='')}"
