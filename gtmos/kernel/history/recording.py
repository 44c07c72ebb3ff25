"""Writing and reading the history of a record."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.apps import apps
from django.db import models

from gtmos.kernel import clock, tracing
from gtmos.kernel.events.publishing import plain
from gtmos.kernel.history.redacting import without
from gtmos.kernel.masking import hidden_on
from gtmos.kernel.undo import collecting

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from gtmos.kernel.actors import Actor
    from gtmos.kernel.history.models import Change

MAJOR_CATEGORIES = frozenset({"CREATED", "COMPANY_CLASSIFICATION", "DEAL_STAGE", "CUSTOMER_STATE", "STATE"})
LONGEST_VALUE_IN_WORDS = 60


def record(
    subject: models.Model,
    *,
    before: dict[str, Any],
    after: dict[str, Any],
    actor: Actor,
    category: str,
    summary: str = "",
    cause_id: UUID | None = None,
) -> Change | None:
    """Note the fields that really differ; nothing is written when none does."""
    change = change_of(
        subject,
        before=before,
        after=after,
        actor=actor,
        category=category,
        summary=summary,
        cause_id=cause_id,
    )
    if change is not None:
        change.save(force_insert=True)
        if actor.kind == "user":
            collecting.note(change.pk)
    return change


def change_of(
    subject: models.Model,
    *,
    before: dict[str, Any],
    after: dict[str, Any],
    actor: Actor,
    category: str,
    summary: str = "",
    cause_id: UUID | None = None,
    at: datetime | None = None,
) -> Change | None:
    """The row that `record` writes, for those who write many at once, all at one moment."""
    changed = [name for name in after if plain(before.get(name)) != plain(after[name])]
    if not changed:
        return None
    words = summary or "; ".join(in_words(name, before.get(name), after[name]) for name in changed)
    change: Change = apps.get_model("kernel", "Change")(
        subject_type=subject._meta.label_lower,
        subject_id=subject.pk,
        timestamp=at or clock.now(),
        change_type="MAJOR" if category in MAJOR_CATEGORIES else "MINOR",
        change_category=category,
        changed_fields=changed,
        summary=words[:500],
        vector_searchable_text=f"{subject}: {words}",
        source=actor.source,
        user_id=actor.user.pk if actor.user else None,
        user_name=actor.label[:150],
        previous_values=plain({name: before.get(name) for name in changed}),
        new_values=plain({name: after[name] for name in changed}),
        version=getattr(subject, "version", 1),
        cause_id=cause_id,
        actor_kind=actor.kind,
        run_id=actor.run_id,
        request_id=tracing.request_id(),
    )
    return change


Changed = tuple[UUID, str, int, dict[str, Any], dict[str, Any]]


def record_many(
    model: type[models.Model],
    rows: Iterable[Changed],
    *,
    actor: Actor,
    category: str,
    cause_id: UUID | None = None,
) -> None:
    """The set form of `record`: key, name, new version, values before and after; those that differ are noted."""
    table = apps.get_model("kernel", "Change")
    now = clock.now()
    changes = []
    for key, name, version, before, after in rows:
        changed = [each for each in after if plain(before.get(each)) != plain(after[each])]
        words = "; ".join(in_words(each, before.get(each), after[each]) for each in changed)
        changes.append(
            table(
                subject_type=model._meta.label_lower,
                subject_id=key,
                timestamp=now,
                change_type="MAJOR" if category in MAJOR_CATEGORIES else "MINOR",
                change_category=category,
                changed_fields=changed,
                summary=words[:500],
                vector_searchable_text=f"{name}: {words}",
                source=actor.source,
                user_id=actor.user.pk if actor.user else None,
                user_name=actor.label[:150],
                previous_values=plain({each: before.get(each) for each in changed}),
                new_values=plain({each: after[each] for each in changed}),
                version=version,
                cause_id=cause_id,
                actor_kind=actor.kind,
                run_id=actor.run_id,
                request_id=tracing.request_id(),
            )
        )
    table.objects.bulk_create([each for each in changes if each.changed_fields], batch_size=2000)


def record_creation(
    subject: models.Model, *, actor: Actor, values: dict[str, Any] | None = None, cause_id: UUID | None = None
) -> Change | None:
    created = {"created": str(subject), **(values or {})}
    return record(
        subject,
        before={},
        after=created,
        actor=actor,
        category="CREATED",
        summary=f"Created {subject._meta.verbose_name} {subject}",
        cause_id=cause_id,
    )


def creations_of(subjects: Iterable[models.Model], *, actor: Actor, cause_id: UUID) -> list[Change]:
    """The rows that `record_creation` writes, for those who write many at once, all at one moment."""
    at = clock.now()
    made = [
        change_of(
            subject,
            before={},
            after={"created": str(subject)},
            actor=actor,
            category="CREATED",
            summary=f"Created {subject._meta.verbose_name} {subject}",
            cause_id=cause_id,
            at=at,
        )
        for subject in subjects
    ]
    return [change for change in made if change is not None]


def changed_values(subject: models.Model, values: dict[str, Any]) -> dict[str, Any]:
    """The present values of the named columns, to compare with after the change."""
    return {name: getattr(subject, name) for name in values}


def of_record(subject: models.Model) -> QuerySet[Change]:
    """All its changes; of a record that was read for somebody, only what they may see of them."""
    changes: QuerySet[Change] = apps.get_model("kernel", "Change").objects.filter(
        subject_type=subject._meta.label_lower, subject_id=subject.pk
    )
    return without(changes, hidden_on(subject))


def in_words(name: str, before: Any, after: Any) -> str:
    if isinstance(before, dict) and isinstance(after, dict):
        keys = [key for key in {**before, **after} if plain(before.get(key)) != plain(after.get(key))]
        return "; ".join(in_words(key, before.get(key), after.get(key)) for key in keys)
    label = name.removesuffix("_id").replace("_", " ")
    return f"{label} from {_short(before)} to {_short(after)}"


def _short(value: Any) -> str:
    if value in (None, "", []):
        return "nothing"
    text = str(value)
    return text if len(text) <= LONGEST_VALUE_IN_WORDS else text[: LONGEST_VALUE_IN_WORDS - 1] + "…"
