"""Two people changed one thing: the page shows both values and asks which one stays."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.web import refusal


def clash_shown(request: HttpRequest, error: DomainError, context: dict[str, Any]) -> HttpResponse:
    """A dialog for a page; who asks without one is told that nothing was saved."""
    if not request.headers.get("HX-Request"):
        return refusal(error)
    answer = render(request, "crm/_clash.html", context)
    answer["HX-Retarget"], answer["HX-Reswap"] = "#dialogs", "innerHTML"
    return answer
