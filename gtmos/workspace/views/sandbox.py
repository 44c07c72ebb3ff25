"""The sandbox mailbox: what the readers got, answering as one of them, and the clock."""

from collections.abc import Callable
from functools import wraps
from uuid import UUID

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET, require_POST

from gtmos.kernel import clock
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError, NotFoundError
from gtmos.kernel.web import page, refusal, toast
from gtmos.sandbox.presets import PRESETS
from gtmos.workspace.selectors.sandbox import (
    SandboxMail,
    audience,
    campaigns_to_answer,
    clock_rate,
    safe_html,
    sandbox_mail,
    sandbox_mails,
)
from gtmos.workspace.services.sandbox import (
    RATES,
    STEPS,
    answer_as_reader,
    move_clock,
    start_audience,
    stop_audience,
)
from outreach.models import Campaign
from outreach.selectors.campaigns import get_campaign

View = Callable[..., HttpResponseBase]
TABS = ("mail", "plain", "raw")
# The mail's own frame: it may show text in its own styles, and nothing else.
FRAME = {
    "default-src": [NONE],
    "style-src": [UNSAFE_INLINE],
    "frame-ancestors": [SELF],
    "base-uri": [NONE],
    "form-action": [NONE],
}
WITH_PICTURES = {**FRAME, "img-src": ["http:", "https:"]}


def in_sandbox(view: View) -> View:
    """Where mail really leaves there is no such page."""

    @wraps(view)
    def only_there(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if not settings.SANDBOX:
            raise Http404
        return view(request, *args, **kwargs)

    return login_required(only_there)


@in_sandbox
@require_GET
def mails(request: HttpRequest) -> HttpResponse:
    actor = Actor.of(request.user)
    text, after = request.GET.get("q", ""), request.GET.get("after", "")
    found = sandbox_mails(actor=actor, text=text, after=after)
    context = {
        "rows": found.rows,
        "q": text,
        "next_cursor": found.next_cursor,
        "has_previous": bool(after),
        "audience": audience(),
        "presets": [(key, preset.title) for key, preset in PRESETS.items()],
        "campaigns": campaigns_to_answer(actor=actor),
    }
    return page(request, "workspace/sandbox/list.html", context)


@in_sandbox
@require_GET
def mail(request: HttpRequest, mail_id: str) -> HttpResponse:
    found = _mail_or_404(request, mail_id)
    tab = request.GET.get("tab", "")
    context = {
        "mail": found,
        "tab": tab if tab in TABS else ("mail" if found.html else "plain"),
        "with_pictures": request.GET.get("pictures") == "1",
    }
    return render(request, "workspace/sandbox/mail.html", context)


@in_sandbox
@require_GET
@xframe_options_sameorigin
@csp(FRAME)  # type: ignore[arg-type]  # its types know only views without arguments
def frame(request: HttpRequest, mail_id: str) -> HttpResponse:
    return _framed(_mail_or_404(request, mail_id), with_pictures=False)


@in_sandbox
@require_GET
@xframe_options_sameorigin
@csp(WITH_PICTURES)  # type: ignore[arg-type]
def frame_with_pictures(request: HttpRequest, mail_id: str) -> HttpResponse:
    """What the reader's program does when they ask for the pictures: the pixel counts then, as it would there."""
    return _framed(_mail_or_404(request, mail_id), with_pictures=True)


def _framed(found: SandboxMail, *, with_pictures: bool) -> HttpResponse:
    """White, whatever the theme is: that is what mails are written for."""
    body = safe_html(found.html, with_pictures=with_pictures)
    style = "body{margin:16px;font:15px/1.5 system-ui,sans-serif;color:#1a1a1a;background:#fff;overflow-wrap:anywhere}"
    answer = HttpResponse(
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Mail</title><style>{style}</style></head>'
        f"<body>{body}</body></html>"
    )
    answer["Referrer-Policy"] = "no-referrer"
    return answer


@in_sandbox
@require_POST
def answer(request: HttpRequest, mail_id: str) -> HttpResponse:
    _mail_or_404(request, mail_id)
    text, preset = request.POST.get("text", ""), request.POST.get("preset", "")
    try:
        answer_as_reader(mail_id, text=text, preset=preset, actor=Actor.of(request.user))
    except DomainError as error:
        return refusal(error)
    return toast(HttpResponse(status=204), "The answer is on its way. The campaign shows it in a moment.")


@in_sandbox
@require_POST
def people(request: HttpRequest) -> HttpResponse:
    """Let an audience answer, or send it home."""
    actor = Actor.of(request.user)
    try:
        if request.POST.get("do") == "stop":
            stop_audience(actor=actor)
            said = "Nobody answers by themselves any more."
        else:
            start_audience(
                request.POST.get("preset", ""),
                campaign=_campaign(request, actor),
                seed=_number(request.POST.get("seed", "")),
                actor=actor,
            )
            said = "The audience reads and answers from now on."
    except DomainError as error:
        return refusal(error)
    context = {
        "audience": audience(),
        "presets": [(key, preset.title) for key, preset in PRESETS.items()],
        "campaigns": campaigns_to_answer(actor=actor),
    }
    return toast(render(request, "workspace/sandbox/_people.html", context), said)


@in_sandbox
def business_clock(request: HttpRequest) -> HttpResponse:
    """The clock in the frame, the question how to move it, and moving it."""
    if request.method == "POST":
        try:
            said = move_clock(
                step=request.POST.get("step", ""),
                rate=request.POST.get("rate", ""),
                actor=Actor.of(request.user),
            )
        except DomainError as error:
            return refusal(error)
        return toast(HttpResponse(status=204), said)
    template = (
        "workspace/sandbox/clock_dialog.html" if request.GET.get("form") else "workspace/sandbox/clock.html"
    )
    context = {
        "now": clock.now(),
        "rate": f"{clock_rate():g}",
        "steps": [(key, words) for key, (_, words) in STEPS.items()],
        "rates": RATES.items(),
    }
    return render(request, template, context)


def _mail_or_404(request: HttpRequest, mail_id: str) -> SandboxMail:
    try:
        return sandbox_mail(mail_id, actor=Actor.of(request.user))
    except NotFoundError as error:
        raise Http404(error.message) from error


def _campaign(request: HttpRequest, actor: Actor) -> Campaign | None:
    key = request.POST.get("campaign", "")
    if not key:
        return None
    try:
        return get_campaign(UUID(key), actor=actor)
    except ValueError as error:
        raise NotFoundError("There is no such campaign.", code="campaign_not_found") from error


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else 1
