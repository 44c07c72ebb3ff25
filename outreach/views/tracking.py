"""What mails point to: the pixel, the links, and the way out. Nobody is signed in here and no cookie is set."""

import base64

from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from outreach.channels.email.links import TRAP
from outreach.selectors.engagement import touch_by_token
from outreach.services.engagement import record_click, record_open, unsubscribe_by_token

PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
# Addresses that a reader's own browser may be sent to; what a mail holds is text of ours, but never a script.
FOLLOWED = ("https://", "http://")


@require_safe
@never_cache
def opened(request: HttpRequest, token: str) -> HttpResponse:
    """The same picture for every token, so that nothing can be found out by guessing."""
    record_open(token, **_visit(request))
    return HttpResponse(PIXEL, content_type="image/gif")


@require_safe
@never_cache
def clicked(request: HttpRequest, token: str) -> HttpResponse:
    url = record_click(token, request.GET.get("u", "")[:4000], **_visit(request))
    if url is None or not url.startswith(FOLLOWED):
        is_trap = url == TRAP
        return HttpResponse(status=204) if is_trap else HttpResponseNotFound("This link is not one of ours.")
    return HttpResponseRedirect(url)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Looking changes nothing: mail gateways look at every link. The button, and mail programs, post (RFC 8058)."""
    if request.method != "POST":
        touch = touch_by_token(token)
        address = touch.recipient if touch else ""
        is_done = bool(touch and touch.unsubscribed_at)
        return _answer(request, address=address, is_done=is_done, is_known=touch is not None)
    one_click = request.POST.get("List-Unsubscribe") == "One-Click"
    is_known = unsubscribe_by_token(token, how="one click" if one_click else "the page")
    return _answer(request, address="", is_done=is_known, is_known=is_known)


def _answer(request: HttpRequest, *, address: str, is_done: bool, is_known: bool) -> HttpResponse:
    context = {"address": address, "is_done": is_done, "is_known": is_known}
    return render(request, "outreach/unsubscribe.html", context, status=200 if is_known else 404)


def _visit(request: HttpRequest) -> dict[str, str]:
    headers = request.headers
    purpose = headers.get("Sec-Purpose") or headers.get("Purpose") or headers.get("X-Purpose") or ""
    return {
        "user_agent": headers.get("User-Agent", "")[:1000],
        "method": request.method or "GET",
        "purpose": purpose[:100],
    }
