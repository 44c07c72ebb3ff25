"""Bells of outreach: each finds its work in the database and is safe to ring twice."""

from celery import shared_task

from outreach.engine.drain import drain
from outreach.engine.reaper import reap
from outreach.engine.reconciler import reconcile
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
