"""Conversations: opened, continued, branched, shared."""

from typing import Any

from django.db import transaction

from agents.enums import Trust
from agents.models import Message, Run, Thread
from agents.selectors.threads import head_of, latest_thread
from gtmos.kernel import clock, live
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import InvalidInputError
from gtmos.kernel.permissions import require


@transaction.atomic
def open_thread(*, actor: Actor) -> Thread:
    """The thread this person left last, or a first one."""
    return latest_thread(actor=actor) or start_thread(actor=actor)


@transaction.atomic
def start_thread(*, actor: Actor, title: str = "") -> Thread:
    require(actor, "agents.ask")
    return Thread.objects.create(
        owner=actor.user, title=title.strip()[:200] or "New thread", last_message_at=clock.now()
    )


@transaction.atomic
def say(
    thread: Thread,
    text: str,
    *,
    actor: Actor,
    trust: Trust = Trust.SYSTEM,
    card: dict[str, Any] | None = None,
    run: Run | None = None,
    parent: Message | None = None,
) -> Message:
    """Add one turn at the end of the open branch, or after `parent`; open pages read the thread again."""
    thread = Thread.objects.select_for_update().get(pk=thread.pk)
    message = Message.objects.create(
        thread=thread,
        parent_id=parent.pk if parent else head_of(thread),
        trust=trust,
        author=actor.user if trust == Trust.USER else None,
        text=text,
        card=card or {},
        run=run,
    )
    thread.context = {**thread.context, "head": str(message.pk)}
    thread.last_message_at = clock.now()
    if trust == Trust.USER and thread.title == "New thread":
        thread.title = text[:80]
    thread.save(update_fields=["context", "last_message_at", "title", "updated_at"])
    tell(thread)
    return message


@transaction.atomic
def remember(thread: Thread, values: dict[str, Any]) -> None:
    """What "it" and "them" mean from now on."""
    if not values:
        return
    thread = Thread.objects.select_for_update().get(pk=thread.pk)
    thread.context = {**thread.context, **values}
    thread.save(update_fields=["context", "updated_at"])


@transaction.atomic
def branch_at(message: Message, *, actor: Actor) -> Thread:
    """Go back to before an earlier command, to say it differently. What was answered then is kept."""
    thread = Thread.objects.select_for_update().get(pk=message.thread_id)
    require(actor, "agents.continue_thread", thread)
    if message.trust != Trust.USER:
        raise InvalidInputError("Only a command can be changed, not an answer.", code="not_a_command")
    before = message.card.get("context") or {}
    thread.context = {**before, "head": str(message.parent_id or "")}
    thread.save(update_fields=["context", "updated_at"])
    return thread


@transaction.atomic
def show_branch(message: Message, *, actor: Actor) -> Thread:
    """Open the branch that a message belongs to, down to its newest turn."""
    thread = Thread.objects.select_for_update().get(pk=message.thread_id)
    require(actor, "agents.continue_thread", thread)
    newest = message
    while (answer := newest.answers.order_by("-created_at").first()) is not None:
        newest = answer
    thread.context = {**thread.context, "head": str(newest.pk)}
    thread.save(update_fields=["context", "updated_at"])
    tell(thread)
    return thread


@transaction.atomic
def share_thread(thread: Thread, *, is_shared: bool, actor: Actor) -> Thread:
    """Let the team read along; only the owner writes."""
    require(actor, "agents.continue_thread", thread)
    thread.is_shared = is_shared
    thread.team_id = next(iter(actor.user.team_ids), None) if is_shared and actor.user else None
    thread.save(update_fields=["is_shared", "team", "updated_at"])
    tell(thread)
    return thread


def tell(thread: Thread) -> None:
    live.push(f"thread:{thread.pk}")
    if thread.owner_id:
        live.push(f"user:{thread.owner_id}", "thread")
