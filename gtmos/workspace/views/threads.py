"""The thread panel: what was asked and answered, continued, branched, shared."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from agents.models import Message, Thread
from agents.selectors.threads import get_thread, latest_thread
from agents.services.runs import submit
from agents.services.threads import branch_at, open_thread, share_thread, show_branch, start_thread
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.web import actor_of, found, refusal, toast
from gtmos.workspace.selectors.panel import panel_for

OPEN_THREAD = "open_thread"


@login_required
def thread_panel(request: HttpRequest) -> HttpResponse:
    """The thread that was open last, on whatever page."""
    actor = actor_of(request)
    return panel(request, current_thread(request, actor) or open_thread(actor=actor))


@login_required
def thread(request: HttpRequest, thread_id: UUID) -> HttpResponse:
    """Open another thread in the panel."""
    chosen = found(get_thread, thread_id, actor=actor_of(request))
    request.session[OPEN_THREAD] = str(chosen.pk)
    return panel(request, chosen)


@login_required
@require_POST
def thread_new(request: HttpRequest) -> HttpResponse:
    chosen = start_thread(actor=actor_of(request))
    request.session[OPEN_THREAD] = str(chosen.pk)
    return panel(request, chosen)


@login_required
@require_POST
def thread_say(request: HttpRequest, thread_id: UUID) -> HttpResponse:
    """A sentence typed below the thread."""
    actor = actor_of(request)
    chosen = found(get_thread, thread_id, actor=actor)
    return _said(request, chosen, actor)


@login_required
@require_POST
def thread_branch(request: HttpRequest, thread_id: UUID, message_id: UUID) -> HttpResponse:
    """Say an earlier command differently; the first line is kept."""
    actor = actor_of(request)
    chosen = found(get_thread, thread_id, actor=actor)
    try:
        chosen = branch_at(get_object_or_404(Message, pk=message_id, thread=chosen), actor=actor)
    except DomainError as error:
        return refusal(error)
    return _said(request, chosen, actor)


@login_required
@require_POST
def thread_branch_show(request: HttpRequest, thread_id: UUID, message_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    chosen = found(get_thread, thread_id, actor=actor)
    try:
        chosen = show_branch(get_object_or_404(Message, pk=message_id, thread=chosen), actor=actor)
    except DomainError as error:
        return refusal(error)
    return panel(request, chosen)


@login_required
@require_POST
def thread_share(request: HttpRequest, thread_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    chosen = found(get_thread, thread_id, actor=actor)
    try:
        chosen = share_thread(chosen, is_shared=not chosen.is_shared, actor=actor)
    except DomainError as error:
        return refusal(error)
    words = "Your team can read this thread" if chosen.is_shared else "Only you can read this thread"
    return toast(panel(request, chosen), words)


def panel(request: HttpRequest, chosen: Thread | None) -> HttpResponse:
    if chosen is None:
        raise Http404
    chosen.refresh_from_db()
    return render(request, "workspace/threads/panel.html", panel_for(chosen, actor=actor_of(request)))


def _said(request: HttpRequest, chosen: Thread, actor: Actor) -> HttpResponse:
    text = request.POST.get("text", "").strip()
    if not text:
        return HttpResponse(status=204)
    try:
        submit(text, thread=chosen, actor=actor)
    except DomainError as error:
        return refusal(error)
    return panel(request, chosen)


def current_thread(request: HttpRequest, actor: Actor) -> Thread | None:
    """The thread that was opened by hand, else the one this person went on with last."""
    key = request.session.get(OPEN_THREAD)
    if key:
        try:
            return get_thread(key, actor=actor)
        except DomainError:
            # It is gone, or no longer shared with this person.
            del request.session[OPEN_THREAD]
    return latest_thread(actor=actor)


def own_thread(request: HttpRequest, actor: Actor) -> Thread | None:
    """Where a command goes on: a thread that another shares is read, not continued."""
    thread = current_thread(request, actor)
    return thread if thread and actor.user and thread.owner_id == actor.user.pk else None
