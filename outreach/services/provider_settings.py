"""Which providers may tell us of our mails. Their secrets are sealed and never shown again."""

import secrets

from django.db import transaction

from gtmos.kernel import history
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import InvalidInputError
from gtmos.kernel.permissions import require
from gtmos.kernel.records import save_changes
from gtmos.kernel.secrets import seal
from outreach.channels.email.providers import PROVIDERS, Provider
from outreach.channels.email.providers.registry import INBOUND, TRACKING
from outreach.models import EmailProvider

LONGEST_KEY = 1000
USER = "gtmos"


@transaction.atomic
def connect_provider(key: str, *, signing_key: str = "", actor: Actor) -> tuple[EmailProvider, str]:
    """Take a provider's posts from now on, or with a new key. The password, where one is needed, is returned once."""
    require(actor, "outreach.configure_providers")
    provider = _known(key)
    signing_key = "".join(signing_key.split())
    if provider.key_name:
        _must_be_a_key(provider, signing_key)
    password = secrets.token_urlsafe(24) if needs_password(provider) else ""
    row = _row(key)
    row.signing_key = seal(signing_key if provider.key_name else "")
    row.credentials = seal(f"{USER}:{password}" if password else "")
    save_changes(row, "signing_key", "credentials")
    _note(row, f"Connected {provider.title}", "connected", actor)
    return row, password


@transaction.atomic
def disconnect_provider(row: EmailProvider, *, actor: Actor) -> EmailProvider:
    """From now on its posts are refused; what it told before stays."""
    require(actor, "outreach.configure_providers", row)
    row = _row(row.key)
    row.signing_key = row.credentials = ""
    save_changes(row, "signing_key", "credentials")
    _note(row, f"Disconnected {PROVIDERS[row.key].title}", "disconnected", actor)
    return row


def needs_password(provider: Provider) -> bool:
    """Whether anything it posts is not signed."""
    return any(provider.takes(kind) and not provider.is_signed(kind) for kind in (TRACKING, INBOUND))


def _known(key: str) -> Provider:
    if key not in PROVIDERS:
        raise InvalidInputError("There is no such provider.", code="unknown_provider")
    return PROVIDERS[key]


def _must_be_a_key(provider: Provider, signing_key: str) -> None:
    if not signing_key or len(signing_key) > LONGEST_KEY or not signing_key.isascii():
        raise InvalidInputError(f"{provider.key_name} is missing.", code="key_missing")
    try:
        provider.check_key(signing_key)
    except ValueError as error:
        raise InvalidInputError(
            f"This is not the {provider.key_name[0].lower()}{provider.key_name[1:]} of {provider.title}. "
            "Copy it whole.",
            code="key_unreadable",
        ) from error


def _row(key: str) -> EmailProvider:
    EmailProvider.objects.bulk_create([EmailProvider(key=key)], ignore_conflicts=True)
    return EmailProvider.objects.select_for_update().get(key=key)


def _note(row: EmailProvider, summary: str, after: str, actor: Actor) -> None:
    history.record(
        row, before={"state": ""}, after={"state": after}, actor=actor, category="PROVIDER", summary=summary
    )
