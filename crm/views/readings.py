"""What was read out of notes and mails: the queue of what waits, the log, and deciding on one."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from crm.enums import InteractionType, ProposalKind, ProposalState
from crm.models import Activity, Proposal, Reading
from crm.selectors.activities import get_activity
from crm.selectors.readings import get_proposal, get_reading, newest_reading, proposals_of, readings
from crm.services.notes import write_note
from crm.services.proposals import Outcome, accept_all, accept_proposal, reject_proposal
from crm.services.reading_undo import undo_all, undo_proposal
from crm.services.readings import read_activity, read_text
from gtmos.kernel import wording
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.paging import newest_first
from gtmos.kernel.permissions import allows
from gtmos.kernel.web import actor_of, found, page, refusal, toast

TABS = (("waiting", "Waiting"), ("conflicts", "Contradictions"), ("log", "Log"))
VERBS: dict[str, Callable[..., Proposal]] = {
    "accept": accept_proposal,
    "reject": reject_proposal,
    "undo": undo_proposal,
}
ALL: dict[str, Callable[..., Outcome]] = {"accept": accept_all, "undo": undo_all}
PAGES = {"company": "crm:company", "contact": "crm:contact", "deal": "crm:deal"}
TONES = {"conflict": "warn", "held_back": "warn", "accepted": "good"}
NAMES = {
    "deal_amount": "amount",
    "deal_expected_signing_date": "expected signing",
    "employee_size": "employees",
}


@login_required
def log(request: HttpRequest) -> HttpResponse:
    actor, given = actor_of(request), request.GET
    view = given.get("view", "waiting")
    interaction = given.get("type", "")
    rows = readings(actor=actor, view=view, interaction=interaction)
    context = {
        "page": newest_first(rows, after=given.get("after", "")),
        "view": view,
        "tabs": TABS,
        "types": [(value, str(label).capitalize()) for value, label in InteractionType.choices],
        "interaction": interaction,
        "may_read": allows(actor, "crm.read_texts"),
    }
    return page(request, "crm/readings/list.html", context)


@login_required
@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """A text that stands nowhere yet."""
    try:
        made = read_text(request.POST.get("text", ""), actor=actor_of(request))
    except DomainError as error:
        return refusal(error)
    return _to(request, made)


@login_required
def of_activity(request: HttpRequest, activity_id: UUID) -> HttpResponse:
    """What was found in a note or a mail; a click reads it."""
    actor = actor_of(request)
    activity = found(get_activity, activity_id, actor=actor)
    if request.method != "POST":
        known = newest_reading(activity)
        if known is None:
            raise Http404("This was not read yet.")
        return redirect("crm:reading", found(get_reading, known.pk, actor=actor).pk)
    try:
        return _to(request, read_activity(activity, actor=actor))
    except DomainError as error:
        return refusal(error)


def _to(request: HttpRequest, made: Reading) -> HttpResponse:
    url = reverse("crm:reading", args=[made.pk])
    if getattr(request, "htmx", False):
        return HttpResponse(headers={"HX-Redirect": url})
    return redirect(url)


@login_required
def reading(request: HttpRequest, reading_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    return _shown(request, found(get_reading, reading_id, actor=actor), actor)


@login_required
@require_POST
def all_of(request: HttpRequest, reading_id: UUID, verb: str) -> HttpResponse:
    """Accept everything that contradicts nothing, or take all of it back."""
    actor = actor_of(request)
    record = found(get_reading, reading_id, actor=actor)
    if verb not in ALL:
        raise Http404("This cannot be done with a text.")
    try:
        outcome = ALL[verb](record, actor=actor)
    except DomainError as error:
        return refusal(error)
    words = "accepted" if verb == "accept" else "taken back"
    text = " ".join([f"{wording.plural(len(outcome.done), 'change')} {words}.", *outcome.refused])
    shown = _shown(request, found(get_reading, reading_id, actor=actor), actor)
    return toast(shown, text, level="warn" if outcome.refused else "good")


@login_required
@require_POST
def decide(request: HttpRequest, proposal_id: UUID, verb: str) -> HttpResponse:
    actor = actor_of(request)
    proposal = found(get_proposal, proposal_id, actor=actor)
    if verb not in VERBS:
        raise Http404("This cannot be decided.")
    try:
        decided = VERBS[verb](proposal, actor=actor)
    except DomainError as error:
        return refusal(error)
    shown = _shown(request, found(get_reading, proposal.reading_id, actor=actor), actor)
    if verb == "accept" and decided.state == ProposalState.CONFLICT:
        return toast(shown, decided.reason, level="warn")
    return shown


def _shown(request: HttpRequest, record: Reading, actor: Actor) -> HttpResponse:
    lines = [_line(each) for each in proposals_of(record, actor=actor)]
    states = [line["proposal"].state for line in lines]
    context = {
        "reading": record,
        "lines": lines,
        "may_decide": allows(actor, "crm.decide_proposals", record),
        "open": states.count(ProposalState.OPEN),
        "accepted": states.count(ProposalState.ACCEPTED),
    }
    return page(request, "crm/readings/reading.html", context)


def _line(proposal: Proposal) -> dict[str, Any]:
    """A proposal in words. A new record is named in the title, so its name is no line of its own."""
    is_new = proposal.kind != ProposalKind.SET_FIELD
    name = proposal.after.get("name", "") if is_new else ""
    known = proposal.record_id is not None
    return {
        "proposal": proposal,
        "title": f"{proposal.get_kind_display().capitalize()}: {name}" if is_new else _title(proposal),
        "url": reverse(PAGES[proposal.record_type], args=[proposal.record_id]) if known else "",
        "changes": [
            {
                "name": NAMES.get(each, each.replace("_", " ")).capitalize(),
                "before": _words(each, proposal.before),
                "after": _words(each, proposal.after),
            }
            for each in proposal.after
            if each != "deal_amount_currency" and not (is_new and each == "name")
        ],
        "tone": TONES.get(proposal.state, ""),
    }


def _title(proposal: Proposal) -> str:
    label = NAMES.get(proposal.field, proposal.field.replace("_", " "))
    return f"{proposal.record_type.capitalize()}: {label}"


def _words(name: str, values: dict[str, Any]) -> str:
    value = values.get(name)
    if value in (None, ""):
        return ""
    if name == "deal_amount" and values.get("deal_amount_currency"):
        return wording.money(value, values["deal_amount_currency"])
    return str(value["name"] if isinstance(value, dict) else value)


def write_and_read(text: str, *, actor: Actor, **about: Any) -> Activity:
    """Keep a note, and look at once what it says."""
    note = write_note(text, actor=actor, **about)
    read_quietly(note, actor)
    return note


def read_quietly(note: Activity, actor: Actor) -> None:
    if allows(actor, "crm.read_texts", note):
        read_activity(note, actor=actor)
