"""What the kernel itself holds of people: history, facts, vectors, answers of the API."""

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from gtmos.kernel import models as kernel
from gtmos.kernel.actors import Actor
from gtmos.kernel.history.erasing import redact
from gtmos.kernel.history.models import Change
from gtmos.kernel.history.unlocking import forgetting, rewriting
from gtmos.kernel.privacy import retention
from gtmos.kernel.privacy.holdings import Holding, Person, impersonal, register
from gtmos.kernel.privacy.words import wiped, without

SEEN_ONCE = ("summary", "vector_searchable_text", "previous_values", "new_values")


def _changes(person: Person) -> Q:
    wanted = Q(subject_id__in=person.keys)
    for word in person.words:
        for column in SEEN_ONCE:
            wanted |= Q(**{f"{column}__icontains": word})
    return wanted


def _redact(keys: list[Any], person: Person, *, reason: str, actor: Actor) -> int:
    del person
    return redact(Change.objects.filter(pk__in=keys), reason=reason, actor=actor)


def _facts(keys: list[Any], person: Person, *, reason: str, actor: Actor) -> int:
    """What still waits to hear of an emptied fact is not told: its words are gone."""
    del reason, actor
    words = {*person.words, str(person.key)}
    changed = []
    for fact in kernel.EventRecord.objects.filter(pk__in=keys):
        is_theirs = fact.subject_id in person.keys
        new = wiped(fact.payload) if is_theirs else without(fact.payload, words)
        if new != fact.payload:
            fact.payload = new
            changed.append(fact)
    with rewriting():
        kernel.EventRecord.objects.bulk_update(changed, ["payload"], batch_size=200)
    waiting = kernel.Delivery.objects.filter(event__in=changed, state="waiting")
    waiting.update(state="done")
    kernel.WebhookDelivery.objects.filter(event__in=changed, state="waiting").update(state="done")
    return len(changed)


def _delete(model: Any) -> Any:
    def erase(keys: list[Any], person: Person, *, reason: str, actor: Actor) -> int:
        del person, reason, actor
        model.objects.filter(pk__in=keys).delete()
        return len(keys)

    return erase


def _forget_answers(keys: list[Any], person: Person, *, reason: str, actor: Actor) -> int:
    del person, reason, actor
    return kernel.StoredAnswer.objects.filter(pk__in=keys).update(body=b"{}", headers={})


def _about(person: Person) -> Q:
    return Q(subject_id__in=person.keys)


register(
    Holding(
        kernel.Change,
        "Changes",
        of=_changes,
        follows=True,
        keeps=frozenset(
            {"subject_type", "change_category", "changed_fields", "source", "user_name", "request_id"}
        ),
        erase=_redact,
        spoken=False,
    )
)
register(
    Holding(
        kernel.EventRecord,
        "Events",
        of=_about,
        follows=True,
        keeps=frozenset({"name", "subject_type", "actor_kind", "actor_label"}),
        erase=_facts,
    )
)
register(
    Holding(
        kernel.Delivery,
        "Deliveries of events",
        of=lambda person: Q(event__subject_id__in=person.keys) & ~Q(error=""),
        follows=True,
        keeps=frozenset({"subscriber"}),
    )
)
register(
    Holding(
        kernel.WebhookAttempt,
        "Answers to webhooks",
        of=lambda person: Q(delivery__event__subject_id__in=person.keys),
        follows=True,
    )
)
register(
    Holding(
        kernel.WorkflowRun,
        "Runs of workflows",
        of=_about,
        follows=True,
        keeps=frozenset({"subject_type", "chain"}),
    )
)
register(
    Holding(
        kernel.WorkflowStepRun,
        "Steps of workflows",
        of=lambda person: Q(run__subject_id__in=person.keys) | Q(made_id__in=person.keys),
        follows=True,
        keeps=frozenset({"path", "action", "made_type"}),
    )
)
register(
    Holding(
        kernel.Embedding,
        "Passages read for their meaning",
        of=_about,
        follows=True,
        keeps=frozenset({"subject_type", "model"}),
        erase=_delete(kernel.Embedding),
    )
)
register(
    Holding(
        kernel.StoredAnswer,
        "Answers of the API",
        keeps=frozenset({"caller", "key", "method", "path", "body_digest"}),
        erase=_forget_answers,
    )
)
register(
    Holding(
        kernel.Approval,
        "Approvals",
        of=_about,
        follows=True,
        keeps=frozenset({"action", "branch", "subject_type", "key", "requested_label"}),
        puts={"subject_name": "Erased"},
    )
)
register(
    Holding(
        kernel.ApprovalDecision,
        "Decisions",
        of=lambda person: Q(step__approval__subject_id__in=person.keys) & ~Q(reason=""),
        follows=True,
    )
)
register(
    Holding(kernel.Deed, "Done lately", keeps=frozenset({"undo_url", "changes"})),
)
register(
    Holding(
        kernel.Notification,
        "Notifications",
        keeps=frozenset({"kind", "key", "url", "caused_by"}),
    )
)
register(
    Holding(kernel.FieldSuggestion, "Samples of unknown columns", keeps=frozenset({"object_type", "name"}))
)
impersonal(
    "No text of people.", kernel.RelationLink, kernel.EmbeddingJob, kernel.WebhookDelivery, kernel.SealMark
)
impersonal("Digests and codes.", kernel.Seal, kernel.Redaction, kernel.RequestCount)
impersonal(
    "People of the house and what they may do.",
    kernel.User,
    kernel.BrowserSession,
    kernel.FailedTry,
    kernel.SignInLink,
    kernel.Team,
    kernel.Membership,
    kernel.ApiToken,
    kernel.AccessRole,
    kernel.Territory,
    kernel.TerritoryMember,
    kernel.ApprovalAsked,
    kernel.Delegation,
    kernel.NotificationMail,
    kernel.NotificationPreference,
)
impersonal(
    "Configuration.",
    kernel.BusinessClock,
    kernel.SchemaState,
    kernel.CustomField,
    kernel.FieldVersion,
    kernel.Relation,
    kernel.FieldLock,
    kernel.ValidationRule,
    kernel.Webhook,
    kernel.RetentionRule,
    kernel.ApprovalPolicy,
    kernel.PolicyVersion,
    kernel.ApprovalStep,
    kernel.FeatureFlag,
    kernel.ScheduleSetting,
    kernel.SavedView,
    kernel.ListPreference,
    kernel.Workflow,
    kernel.WorkflowVersion,
)
impersonal("Work of the machine.", kernel.Occurrence, kernel.Heartbeat, kernel.ReadingPlace)
impersonal("Certificates hold counts.", kernel.PrivacyRequest)


def _old_facts(before: datetime) -> QuerySet[Any]:
    """What nobody waits for any more: no listener, and no run of a workflow."""
    told = kernel.EventRecord.objects.filter(happened_at__lt=before).exclude(deliveries__state="waiting")
    return told.exclude(workflow_runs__state="running")


def _old_runs(before: datetime) -> QuerySet[Any]:
    """Only of facts that are forgotten: while there is a fact, its run is what keeps it from running again."""
    return kernel.WorkflowRun.objects.filter(finished_at__lt=before, event=None)


def _forget(rows: QuerySet[Any]) -> object:
    with forgetting():
        return rows.delete()


retention.register(
    retention.Kept(
        "kernel.notifications",
        "Notifications",
        lambda before: kernel.Notification.objects.filter(created_at__lt=before),
        {"delete": retention.delete},
    )
)
retention.register(retention.Kept("kernel.events", "Events", _old_facts, {"delete": _forget}))
retention.register(
    retention.Kept("kernel.workflow_runs", "Runs of workflows", _old_runs, {"delete": retention.delete})
)
