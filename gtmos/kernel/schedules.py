"""What the kernel does again and again."""

from gtmos.kernel import api_idempotency, jobs
from gtmos.kernel.approvals.services import overdue
from gtmos.kernel.privacy import retention
from gtmos.kernel.schedule import every, running
from gtmos.kernel.search import services as texts
from gtmos.kernel.signin import limit_services, link_services, session_services
from gtmos.kernel.undo.services import forget_deeds
from gtmos.kernel.webhooks import sending
from gtmos.kernel.workflows import running as workflows


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


@every(10, "kernel.note_texts")
def note_texts() -> None:
    """Find the texts that changed, and let them be read for their meaning."""
    texts.note_changes()
    if texts.is_waiting():
        jobs.enqueue("kernel.read_texts")


@every(3600, "kernel.forget_texts")
def forget_texts() -> None:
    texts.forget_deleted()


@every(5, "kernel.sweep_webhooks")
def sweep_webhooks() -> None:
    """Find what is to be sent again, and what a worker that died has left."""
    if sending.is_anything_due():
        jobs.enqueue("kernel.send_webhooks")


@every(5, "kernel.sweep_workflows")
def sweep_workflows() -> None:
    """Find the steps whose wait is over, and those whose bell was lost."""
    if workflows.is_anything_due():
        jobs.enqueue("kernel.run_workflows")


@every(3600, "kernel.forget_webhook_deliveries")
def forget_webhook_deliveries() -> None:
    sending.forget_old()


@every(20, "kernel.see_to_approvals")
def see_to_approvals() -> None:
    """Late steps go to somebody else, and what nobody decides expires."""
    overdue.see_to_due()


@every(60, "kernel.seal_changes")
def seal_changes() -> None:
    """In a job of its own: a long catching-up does not hold up what else is due."""
    jobs.enqueue("kernel.seal_changes")


@every(900, "kernel.apply_retention", says="Anonymise and delete what retention rules say.")
def apply_retention() -> None:
    retention.apply_rules()


@every(3600, "kernel.forget_sign_ins")
def forget_sign_ins() -> None:
    """Sessions that have ended, tries that count no more, links that are long over."""
    session_services.forget_sessions()
    limit_services.forget_old_tries()
    link_services.forget_links()


@every(3600, "kernel.forget_deeds")
def forget_what_was_done() -> None:
    forget_deeds()
