"""Bells of outreach: each finds its work in the database and is safe to ring twice."""

from celery import shared_task

from outreach.engine.drain import drain
from outreach.engine.reaper import reap
from outreach.engine.reconciler import reconcile
from outreach.services import research, watching
from outreach.services.domain_checks import check_due_domains
from outreach.services.enrollments import resume_due
from outreach.services.experiments import look_at_all
from outreach.services.finishing import finish_due
from outreach.services.inbound import process_waiting
from outreach.services.notices import send_waiting_notices
from outreach.services.notifying import send_waiting_notifications
from outreach.services.provider_events import apply_parked
from outreach.services.provider_posts import apply_waiting
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


@shared_task(name="outreach.process_inbound")
def process_inbound() -> int:
    return process_waiting()


@shared_task(name="outreach.apply_provider_posts")
def apply_provider_posts() -> int:
    """What providers posted, and what waited for its mail."""
    return apply_waiting() + apply_parked()


@shared_task(name="outreach.resume_enrollments")
def resume_enrollments() -> int:
    return resume_due()


@shared_task(name="outreach.check_domains")
def check_domains() -> int:
    return check_due_domains()


@shared_task(name="outreach.watch_mailboxes")
def watch_mailboxes() -> int:
    return watching.watch_mailboxes()


@shared_task(name="outreach.run_research")
def run_research(job_id: str) -> str:
    return str(research.run_research(job_id).state)


@shared_task(name="outreach.send_notices")
def send_notices() -> int:
    """Invitations and new passwords."""
    return send_waiting_notices() + send_waiting_notifications()
