"""Bells of the kernel: each finds its work in the database and is safe to ring twice."""

from celery import shared_task

from gtmos.kernel.events import dispatch
from gtmos.kernel.history import sealing
from gtmos.kernel.schedule import running
from gtmos.kernel.search import services as texts
from gtmos.kernel.webhooks import sending
from gtmos.kernel.workflows import running as workflows
from gtmos.runtime import embedding


@shared_task(name="kernel.dispatch_events")
def dispatch_events() -> int:
    return dispatch.dispatch_pending()


@shared_task(name="kernel.run_occurrences")
def run_occurrences() -> int:
    running.beat("worker")
    return running.run_open()


@shared_task(name="kernel.start_embedder")
def start_embedder() -> bool:
    """A search waits for a vector."""
    return embedding.ensure_started()


@shared_task(name="kernel.read_texts")
def read_texts() -> int:
    return texts.read_waiting()


@shared_task(name="kernel.send_webhooks")
def send_webhooks() -> int:
    return sending.send_waiting()


@shared_task(name="kernel.seal_changes")
def seal_changes() -> int:
    return sealing.seal_changes()


@shared_task(name="kernel.run_workflows")
def run_workflows() -> int:
    return workflows.run_due()
