"""Who an API request is from, and what its token may do.

Apart from `api.py`, because the framework reads these while it is itself being imported.
"""

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from gtmos.kernel.notifications.services import zone_of
from gtmos.kernel.people.models import ApiToken, User
from gtmos.kernel.people.services import token_for_key
from gtmos.kernel.signin.session_services import is_confirmed


def needs_no_confirming(view: object) -> bool:
    """From a browser, whole lists are given only to who said within 15 minutes who they are."""
    return getattr(view, "read_scope", "read") != "export"


SAFE = ("GET", "HEAD", "OPTIONS")


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer gtm_…`."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        scheme, _, key = get_authorization_header(request).decode("latin-1").partition(" ")
        if scheme.lower() != "bearer":
            return None
        token = token_for_key(key.strip())
        if token is None:
            raise AuthenticationFailed("This token is unknown, expired or revoked.", code="bad_token")
        timezone.activate(zone_of(token.user.time_zone))  # until the request ends: `person_context`
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        del request
        return "Bearer"


class HasScope(BasePermission):
    """A token needs `read` to read and `write` to change; files ask for `export`, sending verbs for `send`."""

    def has_permission(self, request: Request, view: object) -> bool:
        if not request.user.is_authenticated:
            return False
        if not isinstance(request.auth, ApiToken):
            return needs_no_confirming(view) or is_confirmed(request.session)
        is_safe = request.method in SAFE
        needed = getattr(view, "read_scope", "read") if is_safe else getattr(view, "write_scope", "write")
        return needed in request.auth.scopes
