"""What the kernel does again and again."""

from gtmos.kernel import api_idempotency, jobs
from gtmos.kernel.schedule import every, running


@every(5, "kernel.sweep_events")
def sweep_events() -> None:
    """Find the deliveries whose bell was lost."""
    jobs.enqueue("kernel.dispatch_events")


@every(3600, "kernel.forget_occurrences")
def forget_occurrences() -> None:
    running.forget_old()


@every(600, "kernel.forget_requests")
def forget_requests() -> None:
    api_idempotency.forget_requests()
