"""Bells of outreach: each finds its work in the database and is safe to ring twice."""

from celery import shared_task

from outreach.engine.drain import drain
from outreach.engine.reaper import reap
from outreach.engine.reconciler import reconcile
from outreach.services.experiments import look_at_all
from outreach.services.finishing import finish_due
from outreach.services.touches import plan_touches


@shared_task(name="outreach.drain_touches")
def drain_touches() -> int:
    return drain().sent


@shared_task(name="outreach.plan_touches")
def plan_due_touches() -> int:
    return plan_touches()


@shared_task(name="outreach.reap_touches")
def reap_touches() -> int:
    return reap().total()


@shared_task(name="outreach.reconcile_touches")
def reconcile_touches() -> int:
    return reconcile().total()


@shared_task(name="outreach.look_at_experiments")
def look_at_experiments() -> int:
    return look_at_all()


@shared_task(name="outreach.finish_campaigns")
def finish_campaigns() -> int:
    return finish_due()
