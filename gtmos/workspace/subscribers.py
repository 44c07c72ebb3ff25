"""What the pages' own files do when others tell of something."""

from crm.events import PersonErased
from gtmos.kernel import events
from gtmos.kernel.events.models import EventRecord
from gtmos.workspace.services.sandbox_erasure import forget_erased


@events.subscribe(PersonErased)
def empty_the_sandbox(record: EventRecord) -> None:
    """The event names nobody any more: the sandbox is asked for every address that was erased."""
    del record
    forget_erased()
