"""What was said to the product about people, and what it did."""

from datetime import datetime

from django.db.models import Q, QuerySet

from agents.models import Input, Message, Run, Step, Suggestion, Thread
from gtmos.kernel.privacy import retention
from gtmos.kernel.privacy.holdings import Holding, register

register(Holding(Thread, "Threads"))
register(Holding(Message, "Messages of threads"))
register(
    Holding(
        Input,
        "Inputs",
        keeps=frozenset({"source", "channel", "message_id", "kind", "handler", "format_version"}),
    )
)
register(Holding(Run, "Runs", keeps=frozenset({"planner", "key", "permission_snapshot"})))
register(Holding(Step, "Steps of runs", keeps=frozenset({"tool"})))
register(
    Holding(
        Suggestion,
        "Suggestions",
        of=lambda person: Q(subject_id__in=person.keys),
        follows=True,
        keeps=frozenset({"kind", "subject_type"}),
    )
)


def _old_threads(before: datetime) -> QuerySet[Thread]:
    return Thread.objects.filter(last_message_at__lt=before)


retention.register(retention.Kept("agents.threads", "Threads", _old_threads, {"delete": retention.delete}))
