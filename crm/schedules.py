"""What the customer record does again and again."""

from crm.services import importing
from gtmos.kernel import jobs
from gtmos.kernel.schedule import every


@every(15, "crm.resume_imports")
def resume_imports() -> None:
    importing.resume_imports()


@every(60, "crm.find_duplicates")
def find_duplicates() -> None:
    jobs.enqueue("crm.find_duplicates")
