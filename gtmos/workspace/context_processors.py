"""What every page's frame shows."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from gtmos.kernel.people.models import User
from gtmos.workspace.selectors.layouts import Layout, layout_of
from gtmos.workspace.selectors.shell import frame_for

RECORDS = ("company", "contact", "deal")


def shell(request: HttpRequest) -> dict[str, Any]:
    """Only full pages have a frame; fragments and signed-out pages cost nothing."""
    user = getattr(request, "user", None)
    htmx = getattr(request, "htmx", None)
    if user is None or not user.is_authenticated or htmx or request.path.startswith(("/admin/", "/api/")):
        return {}
    return {"shell": frame_for(user)}


def layout(request: HttpRequest) -> dict[str, Any]:
    """How this person left the page of the record; read only where a template asks for it."""
    return {"layout": SimpleLazyObject(lambda: _layout(request))}


def _layout(request: HttpRequest) -> Layout:
    given = request.resolver_match.kwargs if request.resolver_match else {}
    for kind in RECORDS:
        key = given.get(f"{kind}_id")
        if key is not None and isinstance(request.user, User):
            return layout_of(request.user, kind, key, asked=request.GET.get("tab", ""))
    return Layout()
