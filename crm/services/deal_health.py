"""Keeping the health of open deals true, also while nobody touches them."""

from django.db import transaction

from crm.enums import DealState
from crm.events import DealHealthChanged
from crm.models import Deal
from crm.selectors.deal_health import judgement_of, with_facts
from gtmos.kernel import clock, events, history
from gtmos.kernel.actors import Actor
from gtmos.kernel.permissions import require

BATCH = 1000


def judge_deals(*, actor: Actor) -> int:
    """Judge every open deal in batches; returns how many changed their health."""
    require(actor, "crm.judge_deals")
    last, changed = None, 0
    while True:
        last, found = _judge_batch(last, actor=actor)
        changed += found
        if last is None:
            return changed


@transaction.atomic
def _judge_batch(after: object, *, actor: Actor) -> tuple[object, int]:
    """The set form: read, compare, save those that differ with history and a fact for each."""
    deals = Deal.objects.filter(deal_state=DealState.OPEN).order_by("pk")
    if after is not None:
        deals = deals.filter(pk__gt=after)
    rows = list(with_facts(deals.select_related("stage"))[:BATCH])
    now = clock.now()
    found = {row.pk: str(judgement_of(row, now).health) for row in rows}
    differing = [row.pk for row in rows if row.deal_health != found[row.pk]]
    locked = list(Deal.objects.select_for_update(skip_locked=True).filter(pk__in=differing).order_by("pk"))
    noted = []
    for deal in locked:
        before, deal.deal_health = deal.deal_health, found[deal.pk]
        deal.version += 1
        noted.append(
            (deal.pk, str(deal), deal.version, {"deal_health": before}, {"deal_health": found[deal.pk]})
        )
        events.publish(
            DealHealthChanged(deal_id=deal.pk, before=before, after=found[deal.pk]), subject=deal, actor=actor
        )
    Deal.objects.bulk_update(locked, ["deal_health", "version"])
    history.record_many(Deal, noted, actor=actor, category="DEAL_HEALTH")
    return (rows[-1].pk if len(rows) == BATCH else None), len(locked)
