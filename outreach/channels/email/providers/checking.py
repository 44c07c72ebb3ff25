"""Whether a post is the provider's own. Nothing is read from it before, and nothing is kept of one that is not."""

from anymail.exceptions import AnymailError
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest

from outreach.channels.email.providers.registry import Provider

# What parsers raise for what nobody would send; JSON that is nested without end among it.
UNREADABLE = (
    AnymailError,
    SuspiciousOperation,
    LookupError,
    TypeError,
    ValueError,
    AttributeError,
    RecursionError,
)


class RefusedPostError(Exception):
    """Nobody has proved that the provider sent it."""


def check(provider: Provider, kind: str, request: HttpRequest, *, signing_key: str, credentials: str) -> None:
    """Return when the post proves itself by the signature or the name and password that were agreed on."""
    if not (signing_key if provider.is_signed(kind) else credentials):
        raise RefusedPostError("Nothing is set up for such posts.")
    view = provider.view(kind, signing_key=signing_key, credentials=credentials)
    try:
        view.run_validators(request)
    except UNREADABLE as error:
        raise RefusedPostError(str(error)[:200]) from error
