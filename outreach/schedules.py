"""What outreach does again and again. The work is done by jobs; here only their bells are rung."""

from django.utils import timezone

from gtmos.kernel import clock, jobs
from gtmos.kernel.schedule import every
from outreach.selectors.domains import due_domains
from outreach.selectors.inbound import waiting_mails
from outreach.selectors.providers import parked_events, waiting_posts
from outreach.selectors.touches import has_due, has_startable, resumable
from outreach.services import notices, notifying, research


@every(5, "outreach.plan_touches")
def plan() -> None:
    jobs.enqueue("outreach.plan_touches")


@every(2, "outreach.drain_touches")
def drain() -> None:
    now = clock.now()
    if has_due(now) or has_startable(now):
        jobs.enqueue("outreach.drain_touches")


@every(10, "outreach.reap_touches")
def reap() -> None:
    jobs.enqueue("outreach.reap_touches")


@every(30, "outreach.reconcile_touches")
def reconcile() -> None:
    jobs.enqueue("outreach.reconcile_touches")


@every(10, "outreach.look_at_experiments")
def look_at_experiments() -> None:
    """Each test is looked at every fifteen minutes of business time, which a moved clock makes shorter."""
    jobs.enqueue("outreach.look_at_experiments")


@every(15, "outreach.finish_campaigns")
def finish_campaigns() -> None:
    jobs.enqueue("outreach.finish_campaigns")


@every(5, "outreach.process_inbound")
def process_inbound() -> None:
    """The listener rings for each mail; this finds the mails whose bell was lost."""
    if waiting_mails().exists():
        jobs.enqueue("outreach.process_inbound")


@every(5, "outreach.apply_provider_posts")
def apply_provider_posts() -> None:
    """The door rings for each post; this finds the posts whose bell was lost, and looks again for parked facts."""
    if waiting_posts().exists() or parked_events(timezone.now()).exists():
        jobs.enqueue("outreach.apply_provider_posts")


@every(5, "outreach.resume_enrollments")
def resume() -> None:
    if resumable(clock.now()).exists():
        jobs.enqueue("outreach.resume_enrollments")


@every(5, "outreach.resume_research")
def resume_research() -> None:
    research.resume_research()


@every(30, "outreach.check_domains")
def check_domains() -> None:
    """Each domain once a day, and when somebody asked."""
    if due_domains(clock.now()).exists():
        jobs.enqueue("outreach.check_domains")


@every(60, "outreach.watch_mailboxes")
def watch_mailboxes() -> None:
    """Those whose mails come back too often stop by themselves."""
    jobs.enqueue("outreach.watch_mailboxes")


@every(10, "outreach.send_notices")
def send_notices() -> None:
    """Find the invitations and notifications whose bell was lost, or whose time has come."""
    if notices.is_anything_due() or notifying.is_anything_due():
        jobs.enqueue("outreach.send_notices")
