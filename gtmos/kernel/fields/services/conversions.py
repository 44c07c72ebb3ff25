"""Values of many records written anew, in batches, each with its history; first looked at, and given back if need be."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.utils import timezone

from gtmos.kernel import history
from gtmos.kernel.actors import Actor
from gtmos.kernel.fields.models import FieldVersion
from gtmos.kernel.fields.objects import CustomObject, object_of
from gtmos.kernel.fields.schema import Definition
from gtmos.kernel.fields.types import BadValueError
from gtmos.kernel.fields.values import beside
from gtmos.kernel.history.models import Change

AT_ONCE = 500
EXAMPLES = 5
Rewrite = Callable[[Any, dict[str, Any]], dict[str, Any] | None]


@dataclass(slots=True)
class Outlook:
    """How many records hold a value, how many of those fit, and the first of those that do not."""

    count: int = 0
    fails: int = 0
    examples: list[str] = field(default_factory=list)

    @property
    def fits(self) -> int:
        return self.count - self.fails

    @property
    def sentence(self) -> str:
        if not self.count:
            return "No record holds a value."
        if not self.fails:
            return f"{self.count:,} records hold a value. All of them fit."
        named = " ".join(self.examples)
        return f"{self.count:,} records hold a value. {self.fails:,} of them do not fit. {named}"


def look(source: str, target: Definition) -> Outlook:
    """What would become of the values under `source`; nothing is changed."""
    outlook = Outlook()
    for record in _holding(object_of(target.object_type), [source]).only("pk", "custom").iterator(AT_ONCE):
        _judge(record, record.custom[source], target, outlook)
    return outlook


def _judge(record: Any, raw: Any, target: Definition, outlook: Outlook) -> None:
    outlook.count += 1
    try:
        target.type.read(raw, target.options)
    except BadValueError as error:
        outlook.fails += 1
        if len(outlook.examples) < EXAMPLES:
            outlook.examples.append(f"{record}: {error}")


def convert(source: str, target: Definition, *, actor: Actor, version: FieldVersion) -> None:
    """Values under `source` become values of the target; one that does not fit is kept beside it."""

    def rewrite(record: Any, custom: dict[str, Any]) -> dict[str, Any] | None:
        del record
        if source not in custom:
            return None
        return put(custom, source, custom[source], target, version)

    write_anew(object_of(target.object_type), [source], rewrite, actor=actor, cause_id=version.pk)


def put(
    custom: dict[str, Any], source: str, raw: Any, target: Definition, version: FieldVersion
) -> dict[str, Any]:
    after = {key: value for key, value in custom.items() if key != source}
    try:
        value = target.type.read(raw, target.options)
    except BadValueError:
        version.not_converted += 1
        return {**after, beside(target.key): raw}
    version.converted += 1
    return after if value is None else {**after, target.key: value}


def give_back(
    present: Definition, target: Definition, *, since: list[UUID], actor: Actor, version: FieldVersion
) -> None:
    """As it was before the versions `since`: the old value where nobody changed the new one, else what can be read."""
    about = object_of(target.object_type)

    def rewrite(record: Any, custom: dict[str, Any]) -> dict[str, Any] | None:
        changes = list(
            Change.objects.filter(cause_id__in=since, subject_id=record.pk).order_by("timestamp", "id")
        )
        old = _untouched(changes, custom, present.key)
        if old is None or target.key not in old:
            raw = custom.get(present.key)
            return None if raw is None else put(custom, present.key, raw, target, version)
        without = {
            key: value for key, value in custom.items() if key not in {present.key, beside(present.key)}
        }
        return put({**without, target.key: old[target.key]}, target.key, old[target.key], target, version)

    names = [present.key, beside(present.key), target.key]
    write_anew(about, names, rewrite, actor=actor, cause_id=version.pk)


def _untouched(changes: list[Change], custom: dict[str, Any], key: str) -> dict[str, Any] | None:
    """What the record held before, if it still holds what the conversion wrote."""
    if not changes:
        return None
    old: dict[str, Any] = changes[0].previous_values["custom"]
    new: dict[str, Any] = changes[-1].new_values["custom"]
    return old if new.get(key) == custom.get(key) else None


def write_anew(
    about: CustomObject, names: list[str], rewrite: Rewrite, *, actor: Actor, cause_id: UUID
) -> int:
    """Each batch is locked, rewritten and noted in a few statements."""
    written = 0
    for batch in _batches(about, names):
        changed = [each for each in batch if _rewritten(about, each, rewrite)]
        if not changed:
            continue
        Change.objects.bulk_create(
            change for each in changed if (change := _noted(each, actor=actor, cause_id=cause_id)) is not None
        )
        derived = sorted({name for each in changed for name in each.derived_columns})
        about.model._default_manager.bulk_update(changed, ["custom", "version", "updated_at", *derived])
        written += len(changed)
    return written


def _rewritten(about: CustomObject, record: Any, rewrite: Rewrite) -> bool:
    after = rewrite(record, record.custom)
    if after is None or after == record.custom:
        return False
    record.custom_before = record.custom
    record.custom = after
    record.derived_columns = [name for name in about.derive(record) if name == "search_text"]
    record.version += 1
    record.updated_at = timezone.now()
    return True


def _noted(record: Any, *, actor: Actor, cause_id: UUID) -> Change | None:
    return history.change_of(
        record,
        before={"custom": record.custom_before},
        after={"custom": record.custom},
        actor=actor,
        category="CUSTOM_FIELDS",
        cause_id=cause_id,
    )


def _batches(about: CustomObject, names: list[str]) -> Iterator[list[Any]]:
    last: UUID | None = None
    while True:
        rows = _holding(about, names).order_by("pk").select_for_update(of=("self",))
        if last is not None:
            rows = rows.filter(pk__gt=last)
        batch = list(rows[:AT_ONCE])
        if not batch:
            return
        yield batch
        last = batch[-1].pk


def _holding(about: CustomObject, names: list[str]) -> Any:
    return about.model._default_manager.filter(custom__has_any_keys=names)
