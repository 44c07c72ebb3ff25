"""Taking the content out of changes, as the law may ask. The chain stays verifiable: a signed note stands in."""

from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.utils import timezone

from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import InvalidInputError
from gtmos.kernel.history import digests
from gtmos.kernel.history.models import Change, Redaction
from gtmos.kernel.history.unlocking import rewriting
from gtmos.kernel.history.verifying import note_code
from gtmos.kernel.permissions import require

GONE = "Erased"
AT_A_TIME = 500


@transaction.atomic
def redact(changes: Any, *, reason: str, actor: Actor, fields: frozenset[str] | None = None) -> int:
    """Empty the content of the given changes (a queryset), or only what they say of `fields`. Cannot be undone.

    Who, when, which record and which fields changed stays; the values, the words and the text for search go.
    """
    require(actor, "kernel.redact_history")
    if not reason.strip():
        raise InvalidInputError("Say why the content is erased.", code="reason_missing")
    done = 0
    with rewriting():
        for start in iter(_batches(changes)):
            done += sum(_redact_one(change, fields, reason.strip()[:300], actor) for change in start)
    return done


def _batches(changes: Any) -> Iterator[list[Change]]:
    keys = list(changes.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(keys), AT_A_TIME):
        rows = Change.objects.select_for_update().filter(pk__in=keys[start : start + AT_A_TIME])
        yield list(rows.order_by("pk"))


def _redact_one(change: Change, fields: frozenset[str] | None, reason: str, actor: Actor) -> int:
    if fields is not None and not fields.intersection(change.changed_fields):
        return 0
    before = _digest(change.pk)
    change.previous_values = _emptied(change.previous_values, fields)
    change.new_values = _emptied(change.new_values, fields)
    change.summary = f"{GONE}: {reason}"[:500]
    change.vector_searchable_text = ""
    change.save(update_fields=["previous_values", "new_values", "summary", "vector_searchable_text"])
    after = _digest(change.pk)
    if after == before:
        return 0
    note = Redaction(
        change_id=change.pk,
        digest_before=before,
        digest_after=after,
        reason=reason,
        user_name=actor.label[:150],
        redacted_at=timezone.now(),
        key_name=digests.newest_key(),
    )
    note.code = note_code(note)
    note.save(force_insert=True)
    return 1


def _emptied(values: dict[str, Any], fields: frozenset[str] | None) -> dict[str, Any]:
    return {name: GONE if fields is None or name in fields else value for name, value in values.items()}


def _digest(key: int) -> str:
    return digests.digest(Change.objects.values_list(*digests.COLUMNS).get(pk=key)).hex()
