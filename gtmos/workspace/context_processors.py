"""What every page's frame shows."""

from typing import Any

from django.http import HttpRequest

from gtmos.workspace.selectors.shell import frame_for


def shell(request: HttpRequest) -> dict[str, Any]:
    """Only full pages have a frame; fragments and signed-out pages cost nothing."""
    user = getattr(request, "user", None)
    htmx = getattr(request, "htmx", None)
    if user is None or not user.is_authenticated or htmx or request.path.startswith(("/admin/", "/api/")):
        return {}
    return {"shell": frame_for(user)}
