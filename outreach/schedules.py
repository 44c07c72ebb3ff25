"""What outreach does again and again. The work is done by jobs; here only their bells are rung."""

from gtmos.kernel import clock, jobs
from gtmos.kernel.schedule import every
from outreach.selectors.touches import has_due, has_startable


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
