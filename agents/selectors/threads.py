"""Reading conversations: who sees which, and the line of turns that is open."""

from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from agents.models import Message, Run, Thread
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import NotFoundError
from gtmos.kernel.records import visible_to

MOST_SHOWN = 60
BACK = """
    WITH RECURSIVE line (id, parent_id, place) AS (
        SELECT id, parent_id, 1 FROM agents_message WHERE id = %(head)s AND thread_id = %(thread)s
        UNION ALL
        SELECT m.id, m.parent_id, line.place + 1 FROM agents_message m JOIN line ON m.id = line.parent_id
        WHERE m.thread_id = %(thread)s AND line.place < %(most)s
    )
    SELECT id FROM line ORDER BY place
"""


def visible_threads(*, actor: Actor) -> QuerySet[Thread]:
    """A person's own threads, and those that somebody shared."""
    threads = Thread.objects.select_related("owner")
    if actor.user is None:
        return threads.none()
    return threads.filter(owner=actor.user) | visible_to(actor, threads).filter(is_shared=True)


def get_thread(key: UUID | str, *, actor: Actor) -> Thread:
    thread = visible_threads(actor=actor).filter(pk=key).first()
    if thread is None:
        raise NotFoundError("There is no such thread, or you may not see it.", code="not_found")
    return thread


def latest_thread(*, actor: Actor) -> Thread | None:
    """Where this person went on last; it opens again on the next day."""
    return Thread.objects.filter(owner=actor.user).first() if actor.user else None


def visible_runs(*, actor: Actor) -> QuerySet[Run]:
    """A person's own: nobody reads what another asked."""
    return Run.objects.filter(owner=actor.user) if actor.user else Run.objects.none()


def get_run(key: UUID | str, *, actor: Actor) -> Run:
    run = visible_runs(actor=actor).filter(pk=key).first()
    if run is None:
        raise NotFoundError("There is no such run, or you may not see it.", code="not_found")
    return run


def open_line(thread: Thread) -> list[Message]:
    """The newest turns of the branch that is open, oldest first; the cost does not grow with the thread."""
    keys = _back_from(head_of(thread), thread)
    rows = Message.objects.filter(pk__in=keys).select_related("author", "run")
    found = {row.pk: row for row in rows.prefetch_related("run__steps")}
    return [found[key] for key in reversed(keys)]


def _back_from(head: UUID | None, thread: Thread) -> list[UUID]:
    """The turn and those before it, newest first."""
    if head is None:
        return []
    with connection.cursor() as cursor:
        cursor.execute(BACK, {"head": head, "thread": thread.pk, "most": MOST_SHOWN})
        return [key for (key,) in cursor.fetchall()]


def head_of(thread: Thread) -> UUID | None:
    """The newest turn of the open branch."""
    key = thread.context.get("head")
    return UUID(key) if key else None


def siblings(message: Message) -> list[Message]:
    """The other versions of one command: it was edited, and both lines are kept."""
    rows = Message.objects.filter(thread=message.thread_id, parent=message.parent_id, trust=message.trust)
    return list(rows.order_by("created_at"))
