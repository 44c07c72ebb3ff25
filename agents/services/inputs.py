"""One queue of what comes in: taken once, in order for each source, refused when too much waits."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from agents.enums import InputState
from agents.events import InputReceived
from agents.intake import Incoming
from agents.models import Input, Run, Suggestion
from agents.selectors.suggestions import get_suggestion
from agents.services.runs import submit
from agents.services.suggestions import accept_suggestion
from crm.enums import ActivityType
from crm.models import Contact
from crm.selectors.contacts import visible_contacts
from crm.services.activities import log_activity
from crm.services.usage import store_events
from gtmos.kernel import events, jobs
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError, InvalidInputError
from gtmos.kernel.permissions import require

MOST_WAITING = 100
RETRY_AFTER_SECONDS = 5
LEASE = timedelta(minutes=2)
MOST_ATTEMPTS = 3
AT_ONCE = 20
OPEN = (InputState.WAITING, InputState.RUNNING)


class TooManyWaitingError(DomainError):
    """The source has to wait until some of its inputs are done."""

    status_code = 429


def take(incoming: Incoming, *, channel: str, actor: Actor, suggestion: Suggestion | None = None) -> Input:
    """Put one input at the end of its source's queue. The same message id is taken once."""
    require(actor, "agents.ask")
    source = f"{channel}:{actor.user.pk if actor.user else 'system'}"
    known = _known(source, incoming.message_id)
    if known is not None:
        return known
    if Input.objects.filter(source=source, state__in=OPEN).count() >= MOST_WAITING:
        raise TooManyWaitingError(
            f"{MOST_WAITING} inputs of this source wait already. Send this again in a moment.",
            code="too_many_waiting",
        )
    try:
        return _note(incoming, source=source, channel=channel, suggestion=suggestion, actor=actor)
    except IntegrityError:
        # The same message came twice at the same moment; the other one is in the queue.
        return Input.objects.get(source=source, message_id=incoming.message_id)


def receive(incoming: Incoming, *, channel: str, actor: Actor) -> Input:
    """Take one input and do what is at the head of its queue, in order; what is left is the worker's."""
    if incoming.kind == "suggestion" and incoming.data.get("suggestion_id"):
        taken = queue_suggestion(_own_suggestion(incoming, actor), actor=actor)
    else:
        taken = take(incoming, channel=channel, actor=actor)
    work_off(taken.source)
    taken.refresh_from_db()
    return taken


def _own_suggestion(incoming: Incoming, actor: Actor) -> Suggestion:
    try:
        return get_suggestion(UUID(str(incoming.data["suggestion_id"])), actor=actor)
    except ValueError as error:
        raise InvalidInputError("suggestion_id is the id of a suggestion.", code="bad_input") from error


def queue_suggestion(suggestion: Suggestion, *, actor: Actor) -> Input:
    """Put a proposal of our own into the queue, once; the input remembers where it came from."""
    require(actor, "agents.decide_suggestion", suggestion)
    incoming = Incoming("suggestion", text=suggestion.command, message_id=f"suggestion:{suggestion.pk}")
    return take(incoming, channel="suggestion", suggestion=suggestion, actor=actor)


def work_off(source: str, *, most: int = AT_ONCE) -> int:
    """Do what waits of one source, the oldest first; stops where another worker is at it. Returns how many."""
    done = 0
    while done < most and (claimed := _claim(source)) is not None:
        _do(claimed)
        done += 1
    if done == most:
        jobs.enqueue("agents.take_inputs")
    return done


def work_off_all() -> int:
    waiting = Input.objects.filter(state__in=OPEN).order_by("source").values_list("source", flat=True)
    return sum(work_off(source) for source in waiting.distinct())


@transaction.atomic
def _note(
    incoming: Incoming, *, source: str, channel: str, suggestion: Suggestion | None, actor: Actor
) -> Input:
    taken = Input.objects.create(
        owner=actor.user,
        source=source,
        channel=channel,
        message_id=incoming.message_id,
        kind=incoming.kind,
        handler=incoming.handler,
        format_version=incoming.version,
        text=incoming.text,
        data=dict(incoming.data),
        suggestion=suggestion,
    )
    received = InputReceived(
        input_id=taken.pk, source=source, channel=channel, kind=taken.kind, handler=taken.handler
    )
    events.publish(received, subject=taken, actor=actor)
    jobs.enqueue("agents.take_inputs")
    return taken


def _known(source: str, message_id: str) -> Input | None:
    return Input.objects.filter(source=source, message_id=message_id).first() if message_id else None


@transaction.atomic
def _claim(source: str) -> Input | None:
    """The first in the queue, unless somebody is at it; then nothing, so that the order holds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 7))", [source])
    first = Input.objects.filter(source=source, state__in=OPEN).order_by("created_at", "id").first()
    if first is None or (first.lease_until and first.lease_until > timezone.now()):
        return None
    first.state, first.lease_until = InputState.RUNNING, timezone.now() + LEASE
    first.attempts += 1
    first.save(update_fields=["state", "lease_until", "attempts", "updated_at"])
    return first


def _do(claimed: Input) -> None:
    if claimed.attempts > MOST_ATTEMPTS or claimed.owner is None:
        _close(claimed, InputState.FAILED, error="It was tried several times and could not be finished.")
        return
    actor = Actor.of(claimed.owner, source="api")
    try:
        run = DOERS[claimed.handler](claimed, actor)
    except DomainError as error:
        _close(claimed, InputState.FAILED, error=error.message)
        return
    _close(claimed, InputState.DONE, run=run)


@transaction.atomic
def _close(claimed: Input, state: InputState, *, run: Run | None = None, error: str = "") -> None:
    claimed.state, claimed.run, claimed.error = state, run, error[:500]
    claimed.finished_at, claimed.lease_until = timezone.now(), None
    claimed.save(update_fields=["state", "run", "error", "finished_at", "lease_until", "updated_at"])


def _command(taken: Input, actor: Actor) -> Run | None:
    if taken.suggestion is not None:
        return accept_suggestion(taken.suggestion, actor=actor)
    return submit(taken.text, key=f"input {taken.pk}", run_id=taken.pk, actor=actor)


def _usage(taken: Input, actor: Actor) -> None:
    given = taken.data.get("events", [taken.data])
    if not isinstance(given, list):
        raise InvalidInputError("events is a list.", code="bad_input")
    outcomes = store_events(given, actor=actor)
    wrong = next((each.reason for each in outcomes if each.reason), "")
    if wrong:
        raise InvalidInputError(wrong, code="bad_input")


def _activity(taken: Input, actor: Actor) -> None:
    """Something a customer did, told by another system."""
    email = str(taken.data.get("contact_email") or "")
    contact: Contact | None = visible_contacts(actor=actor).filter(email__iexact=email).first()
    if not email or contact is None:
        raise InvalidInputError("contact_email names nobody you can see.", code="unknown_contact")
    log_activity(
        type=taken.kind if taken.kind in ActivityType.values else ActivityType.NOTE,
        subject=str(taken.data.get("subject") or "")[:300],
        body=taken.text,
        contact=contact,
        direction="in",
        is_untrusted=True,
        source_type="agents.input",
        source_id=taken.pk,
        actor=actor,
    )


DOERS: dict[str, Callable[[Input, Actor], Run | None]] = {
    "command": _command,
    "usage": _usage,
    "activity": _activity,
}
