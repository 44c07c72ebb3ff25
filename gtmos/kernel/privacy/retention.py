"""How long things are kept: rules as rows, a look at what would go, and the work in small batches."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from gtmos.kernel import clock, history
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.exceptions import InvalidInputError
from gtmos.kernel.permissions import require
from gtmos.kernel.privacy.models import RetentionRule

AT_A_TIME = 200
SHORTEST_DAYS = 1


@dataclass(frozen=True, slots=True)
class Kept:
    """A kind of data that grows old. `older` finds it; `actions` are what may become of it."""

    name: str
    title: str
    older: Callable[[Any], QuerySet[Any]]
    actions: dict[str, Callable[[QuerySet[Any]], object]]


_kept: dict[str, Kept] = {}


def register(kept: Kept) -> None:
    if kept.name in _kept:
        raise ValueError(f"{kept.name!r} is registered twice")
    _kept[kept.name] = kept


def kinds() -> dict[str, Kept]:
    return dict(sorted(_kept.items()))


def delete(rows: QuerySet[Any]) -> object:
    return rows.delete()


@transaction.atomic
def set_rule(kind: str, *, days: int, action: str, is_active: bool, actor: Actor) -> RetentionRule:
    require(actor, "kernel.configure_retention")
    if kind not in _kept or action not in _kept[kind].actions:
        raise InvalidInputError("There is no such kind of data or action.", code="unknown_kind")
    if days < SHORTEST_DAYS:
        raise InvalidInputError("Keep it for one day at least.", code="too_short")
    rule = RetentionRule.objects.select_for_update().filter(kind=kind).first() or RetentionRule(kind=kind)
    values = {"days": days, "action": action, "is_active": is_active}
    before = {name: getattr(rule, name) for name in values}
    for name, value in values.items():
        setattr(rule, name, value)
    rule.save()
    history.record(rule, before=before, after=values, actor=actor, category="RETENTION")
    return rule


def preview(kind: str, days: int) -> int:
    """How many would go now."""
    if kind not in _kept:
        raise InvalidInputError(
            f"{kind} is no kind of data any more. The rule does nothing.", code="unknown_kind"
        )
    return _kept[kind].older(clock.now() - timedelta(days=days)).count()


def apply_rules() -> int:
    """One batch of each active rule; what is left waits for the next time."""
    return sum(_apply(rule.pk) for rule in RetentionRule.objects.filter(is_active=True))


@transaction.atomic
def _apply(key: Any) -> int:
    rule = RetentionRule.objects.select_for_update(skip_locked=True).filter(pk=key, is_active=True).first()
    if rule is None or rule.kind not in _kept:
        return 0
    kept = _kept[rule.kind]
    old = kept.older(clock.now() - timedelta(days=rule.days)).order_by("pk")
    keys = list(old.values_list("pk", flat=True)[:AT_A_TIME])
    if keys:
        kept.actions[rule.action](old.model._default_manager.filter(pk__in=keys).order_by("pk"))
    rule.last_run_at, rule.last_count = timezone.now(), len(keys)
    rule.save(update_fields=["last_run_at", "last_count"])
    if keys:
        after = {"removed": len(keys)}
        history.record(rule, before={"removed": 0}, after=after, actor=SYSTEM, category="RETENTION")
    return len(keys)
