"""Keeping each Monday's forecast."""

from datetime import timedelta

from django.db import transaction

from crm.events import ForecastKept
from crm.models import ForecastSnapshot, Pipeline
from crm.scoring.forecast import forecast
from crm.selectors.currencies import organisation_currency
from crm.selectors.forecast import after, month_of, parts_by_owner, quarter_of
from gtmos.kernel import clock, events
from gtmos.kernel.actors import Actor
from gtmos.kernel.permissions import require


@transaction.atomic
def keep_forecast(*, actor: Actor) -> int:
    """Keep this week's forecast of this and the next month and quarter, once; returns how many rows are new."""
    require(actor, "crm.keep_forecast")
    monday = clock.today() - timedelta(days=clock.today().weekday())
    month, quarter = month_of(clock.today()), quarter_of(clock.today())
    rows = [
        ForecastSnapshot(
            pipeline=pipeline,
            owner_id=owner,
            team_id=team,
            taken_on=monday,
            starts_on=period.starts_on,
            ends_on=period.ends_on,
            won=figures.won,
            commit=figures.commit,
            best_case=figures.best_case,
            upside=figures.upside,
            weighted=figures.weighted,
            deals=figures.deals,
            currency=organisation_currency(),
        )
        for pipeline in Pipeline.objects.all()
        if not ForecastSnapshot.objects.filter(pipeline=pipeline, taken_on=monday).exists()
        for period in (month, after(month), quarter, after(quarter))
        for (owner, team), parts in parts_by_owner(period, pipeline, actor=actor).items()
        for figures in (forecast(parts),)
    ]
    ForecastSnapshot.objects.bulk_create(rows, batch_size=1000, ignore_conflicts=True)
    if rows:
        events.publish(ForecastKept(taken_on=monday.isoformat(), rows=len(rows)), actor=actor)
    return len(rows)
