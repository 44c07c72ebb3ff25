"""The command bar: what a sentence means while it is typed, and doing it."""

import json
import time
from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from agents.enums import RunState
from agents.models import Run
from agents.selectors.runs import run_report
from agents.selectors.threads import get_run
from agents.services.runs import ask_to_undo, confirm, reject, submit
from agents.services.understanding import Said, understand
from agents.services.undoing import asks_first, steps_to_undo, undo_run
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.web import actor_of, found, refusal, toast
from gtmos.workspace.selectors.bar import bar
from gtmos.workspace.selectors.links import url_of
from gtmos.workspace.views.threads import current_thread, own_thread, panel
from outreach.selectors.research import get_research

# After these the page that shows the work is opened; everything else answers in the thread.
OPENS_A_PAGE = frozenset({"research.search", "research.refine", "campaign.create"})


@login_required
@require_POST
def command(request: HttpRequest) -> HttpResponse:
    """What was understood; nothing is changed."""
    actor = actor_of(request)
    said = said_in(request)
    thread = current_thread(request, actor)
    started = time.perf_counter()
    try:
        meaning = understand(said, thread_context=thread.context if thread else {}, actor=actor)
    except DomainError as error:
        return render(request, "components/command_plan.html", {"plan": {"nothing": error.message}})
    seconds = time.perf_counter() - started
    shown = bar(meaning, said, seconds=seconds, key=uuid4().hex, actor=actor)
    return render(request, "components/command_plan.html", {"plan": shown})


@login_required
@require_POST
def command_run(request: HttpRequest) -> HttpResponse:
    """Do it, once; the answer stands in the thread or on the page of what was made."""
    actor = actor_of(request)
    said = said_in(request)
    if not said.text.strip():
        return HttpResponse(status=204)
    try:
        run = submit(
            said.text,
            thread=own_thread(request, actor),
            context=said.page,
            overrides=said.overrides,
            choice=said.choice,
            key=_value(request, "key")[:64],
            actor=actor,
        )
    except DomainError as error:
        return refusal(error)
    return answered(request, run)


def answered(request: HttpRequest, run: Run) -> HttpResponse:
    run.refresh_from_db()
    report = run_report(run)
    opened = [step for step in report["steps"] if step["tool"] in OPENS_A_PAGE and step["state"] == "done"]
    url = url_of(opened[-1]["subject"]) if opened else ""
    if url:
        messages.success(request, report["answer"])
        return _opening(request, report["answer"], opened[-1]["subject"], url)
    response = panel(request, run.thread)
    if run.state != RunState.DONE:
        return response
    can_undo = any(step["can_undo"] for step in report["steps"])
    undo_url = reverse("workspace:run-undo", args=[run.pk]) if can_undo else ""
    return toast(response, _short(report["answer"]), undo_url=undo_url)


def _opening(request: HttpRequest, sentence: str, subject: dict[str, Any], url: str) -> HttpResponse:
    """How far it is already, in the bar, while the browser gets the page."""
    actor = actor_of(request)
    job = get_research(subject["id"], actor=actor) if subject.get("type") == "research" else None
    response = render(request, "components/opening.html", {"sentence": sentence, "job": job})
    for name, value in (("HX-Retarget", "#command-plan"), ("HX-Reswap", "innerHTML"), ("X-Opens", url)):
        response[name] = value
    return response


@login_required
@require_POST
def run_confirm(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Approve exactly what the card showed."""
    actor = actor_of(request)
    run = found(get_run, run_id, actor=actor)
    try:
        run = confirm(run, fingerprint=request.GET.get("fingerprint", ""), actor=actor)
    except DomainError as error:
        return refusal(error)
    return _decided(request, run)


@login_required
@require_POST
def run_reject(request: HttpRequest, run_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    run = reject(found(get_run, run_id, actor=actor), actor=actor)
    return _decided(request, run)


@login_required
@require_POST
def run_undo(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Take a run back; what changes sending waits for a word in the thread."""
    actor = actor_of(request)
    run = found(get_run, run_id, actor=actor)
    try:
        if asks_first(steps_to_undo(actor=actor, target=str(run.pk))):
            asked = ask_to_undo(run, actor=actor)
            question = run_report(asked)["answer"]
            return toast(panel(request, asked.thread), _short(question), level="warn")
        sentence = undo_run(run, actor=actor)
    except DomainError as error:
        return refusal(error)
    return toast(panel(request, run.thread), _short(sentence))


def _decided(request: HttpRequest, run: Run) -> HttpResponse:
    """What replaces the card, wherever it stood."""
    report = run_report(run)
    done = run.state == RunState.DONE
    context = {"report": report, "url": url_of((report["card"] or {}).get("subject") or {}), "is_done": done}
    response = render(request, "workspace/threads/decided.html", context)
    can_undo = done and any(step["can_undo"] for step in report["steps"])
    undo_url = reverse("workspace:run-undo", args=[run.pk]) if can_undo else ""
    level = "good" if done or run.error == "" else "bad"
    return toast(response, _short(report["answer"]), level=level, undo_url=undo_url)


def said_in(request: HttpRequest) -> Said:
    """The sentence and what surrounds it; anything malformed counts as not said."""
    overrides = _mapping(_value(request, "overrides"))
    return Said(
        text=_value(request, "text"),
        page=_mapping(_value(request, "context")),
        overrides={str(key): None if value is None else str(value) for key, value in overrides.items()},
        choice=_value(request, "choice"),
    )


def _value(request: HttpRequest, name: str) -> str:
    return str(request.POST.get(name) or request.GET.get(name) or "")


def _mapping(text: str) -> Mapping[str, Any]:
    try:
        value = json.loads(text or "{}")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _short(text: str) -> str:
    return text if len(text) <= 160 else text[:159] + "…"
