"""The words of documents that were put there: read by a job, each file by a process of its own."""

import time

from django.db import transaction
from django.utils import timezone

from crm.intake.documents.words import Words, words_in
from crm.models import Document
from gtmos.kernel import live
from gtmos.kernel.records import save_changes

SECONDS = 40.0
GONE = "The file is not there."


def read_documents(*, seconds: float = SECONDS) -> int:
    """The oldest first, until the time is over; the next bell goes on."""
    done, stop_at = 0, time.monotonic() + seconds
    while time.monotonic() < stop_at and _read_next(waits=False):
        done += 1
    return done


def read_all_documents() -> None:
    """Before somebody is looked for in them: what is not read yet, or just being read, might name them."""
    while _read_next(waits=True):
        pass


@transaction.atomic
def _read_next(*, waits: bool) -> bool:
    """Nobody erases or changes it meanwhile; whoever is ended in the middle leaves it to the next."""
    waiting = Document.objects.filter(words_read_at__isnull=True).order_by("created_at", "pk")
    document = waiting.select_for_update(skip_locked=not waits).first()
    if document is None:
        return False
    document.words, document.words_fault = _words_of(document)
    document.words_read_at = timezone.now()
    save_changes(document, "words", "words_fault", "words_read_at")
    live.push(f"{document.subject_type}:{document.subject_id}")
    return True


def _words_of(document: Document) -> Words:
    if not document.file or not document.file.storage.exists(str(document.file.name)):
        return Words("", GONE)
    with document.file.open("rb") as opened:
        return words_in(document.media_type, opened.read())
