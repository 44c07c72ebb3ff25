"""What to do next, proposed once and decided by a person."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from agents.enums import SuggestionState
from agents.events import ActionRecommended, SuggestionMade
from agents.models import Run, Suggestion, Thread
from agents.services.runs import submit
from agents.services.threads import say
from crm.models import Company
from gtmos.kernel import clock, events, live
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.people.models import User
from gtmos.kernel.permissions import require


@transaction.atomic
def suggest(  # noqa: PLR0913 -- a proposal has as many sides as it has; half of them are optional
    *,
    key: str,
    owner: User | None,
    kind: str,
    title: str,
    command: str,
    actor: Actor,
    reason: str = "",
    subject: Mapping[str, str] | None = None,
    about: Company | None = None,
) -> Suggestion:
    """Propose one sentence; the same key proposes it once, however often its event is delivered.

    `about` is the company whose open pages are told.
    """
    subject = subject or {}
    suggestion, is_new = Suggestion.objects.get_or_create(
        key=key[:160],
        defaults={
            "owner": owner,
            "kind": kind,
            "title": title[:200],
            "reason": reason[:300],
            "command": command[:500],
            "context": {"focus": dict(subject)} if subject else {},
            "subject_type": subject.get("type", ""),
            "subject_id": UUID(subject["id"]) if subject.get("id") else None,
        },
    )
    if is_new:
        made = SuggestionMade(suggestion_id=suggestion.pk, kind=kind)
        events.publish(made, subject=suggestion, actor=actor)
        _tell(suggestion, about, actor)
    return suggestion


def _tell(suggestion: Suggestion, about: Company | None, actor: Actor) -> None:
    """To its owner and to whoever has the company open."""
    told = ActionRecommended(
        suggestion_id=suggestion.pk,
        user_id=suggestion.owner_id,
        kind=suggestion.kind,
        entity_type=suggestion.subject_type,
        entity_id=suggestion.subject_id,
    )
    events.publish(told, subject=suggestion, actor=actor)
    if suggestion.owner_id:
        live.push(f"user:{suggestion.owner_id}", "suggestions")
    for key in {suggestion.subject_id, about.pk if about else None} - {None}:
        live.push(f"advice:{key}", "action_recommended")


def accept_suggestion(suggestion: Suggestion, *, actor: Actor) -> Run:
    """Run its sentence, once; what acts outside still asks."""
    require(actor, "agents.decide_suggestion", suggestion)
    run = submit(
        suggestion.command, context=suggestion.context, key=f"suggestion:{suggestion.pk}", actor=actor
    )
    _decide(suggestion, SuggestionState.ACCEPTED)
    return run


def dismiss_suggestion(suggestion: Suggestion, *, actor: Actor) -> Suggestion:
    require(actor, "agents.decide_suggestion", suggestion)
    return _decide(suggestion, SuggestionState.DISMISSED)


@transaction.atomic
def reopen_suggestion(suggestion: Suggestion, *, actor: Actor) -> Suggestion:
    """Take a dismissal back."""
    require(actor, "agents.decide_suggestion", suggestion)
    suggestion = Suggestion.objects.select_for_update().get(pk=suggestion.pk)
    if suggestion.state != SuggestionState.DISMISSED:
        raise DomainError("This suggestion was not dismissed.", code="wrong_state")
    suggestion.state, suggestion.decided_at = SuggestionState.OPEN, None
    suggestion.save(update_fields=["state", "decided_at", "updated_at"])
    return suggestion


@transaction.atomic
def _decide(suggestion: Suggestion, state: SuggestionState) -> Suggestion:
    suggestion = Suggestion.objects.select_for_update().get(pk=suggestion.pk)
    if suggestion.state == SuggestionState.OPEN:
        suggestion.state, suggestion.decided_at = state, clock.now()
        suggestion.save(update_fields=["state", "decided_at", "updated_at"])
        if suggestion.owner_id:
            live.push(f"user:{suggestion.owner_id}", "suggestions")
    return suggestion


@transaction.atomic
def report(thread: Thread | None, text: str, *, card: dict[str, Any], actor: Actor) -> None:
    """Say in the thread that asked what came of it."""
    if thread is not None:
        say(thread, text, actor=actor, card=card)
