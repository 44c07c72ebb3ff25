"""Documents beside records: put there, deleted, put back, and emptied when a person is erased."""

import hashlib
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import PurePosixPath
from typing import Any, Protocol
from uuid import UUID

from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from crm.events import DocumentChanged
from crm.intake.documents.kinds import RefusedFileError, kind_of, text_of
from crm.intake.documents.words import is_read_at_once, words_in
from crm.intake.text import fold
from crm.models import Document
from crm.selectors.documents import carrier_of, find_subject
from crm.services.changing import locked
from gtmos.kernel import events, history, jobs, live
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError, InvalidInputError
from gtmos.kernel.permissions import require
from gtmos.kernel.records import save_changes

LARGEST = 20 * 1024 * 1024
MOST_OF_ONE = 500
LINES = frozenset({"text/plain", "text/markdown", "text/csv"})


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


def attach_document(noun: str, key: UUID | str, *, name: str, content: Readable, actor: Actor) -> Document:
    """Keep a file beside a record. The same file under the same name is kept there once."""
    subject = find_subject(noun, key, actor=actor)
    require(actor, carrier_of(noun).right, subject)
    name = _plain_name(name)
    raw = _bounded(name, content)
    media_type = _kind(name, raw)
    digest = hashlib.sha256(raw).hexdigest()
    same = _same(noun, subject.pk, digest=digest, name=name)
    if (known := same.first()) is not None:
        return known
    if Document.objects.filter(subject_type=noun, subject_id=subject.pk).count() >= MOST_OF_ONE:
        raise DomainError(f"{subject} has {MOST_OF_ONE} documents already.", code="too_many_documents")
    document = Document(
        subject_type=noun,
        subject_id=subject.pk,
        name=name,
        media_type=media_type,
        size_bytes=len(raw),
        digest=digest,
        uploaded_by=actor.user,
    )
    if is_read_at_once(media_type):
        document.words, document.words_read_at = words_in(media_type, raw).words, timezone.now()
    try:
        return _kept(document, raw, actor)
    except IntegrityError:
        if (known := same.first()) is None:
            raise
        return known  # sent twice at the same moment


def _same(noun: str, key: UUID, *, digest: str, name: str) -> QuerySet[Document]:
    return Document.objects.filter(
        subject_type=noun, subject_id=key, digest=digest, name=name, deleted_at__isnull=True
    )


def _kept(document: Document, raw: bytes, actor: Actor) -> Document:
    """The file first, then the row: a row never points to nothing."""
    document.file.save(f"{document.pk}", ContentFile(raw), save=False)
    with ExitStack() as undo:
        undo.callback(document.file.delete, save=False)
        with transaction.atomic():
            document.save(force_insert=True)
            _note(document, {"document": None}, {"document": document.name}, actor)
            _tell(document, "attached", actor)
            if document.words_read_at is None:
                jobs.enqueue("crm.read_documents")
        undo.pop_all()
    return document


@transaction.atomic
def delete_document(document: Document, *, actor: Actor) -> Document:
    """Out of every list; the file stays for the way back."""
    document = _changeable(document, actor)
    if document.deleted_at is None:
        document.deleted_at = timezone.now()
        save_changes(document, "deleted_at")
        _note(document, {"document": document.name}, {"document": None}, actor)
        _tell(document, "deleted", actor)
    return document


@transaction.atomic
def restore_document(document: Document, *, actor: Actor) -> Document:
    document = _changeable(document, actor)
    if not document.file:
        raise DomainError("The file is no longer there.", code="gone")
    twin = _same(
        document.subject_type, document.subject_id, digest=document.digest, name=document.name
    ).first()
    if twin is not None:
        return twin
    document.deleted_at = None
    save_changes(document, "deleted_at")
    _note(document, {"document": None}, {"document": document.name}, actor)
    _tell(document, "restored", actor)
    return document


def _changeable(document: Document, actor: Actor) -> Document:
    subject = find_subject(document.subject_type, document.subject_id, actor=actor)
    require(actor, carrier_of(document.subject_type).right, subject)
    return locked(document)


def _note(document: Document, before: dict[str, Any], after: dict[str, Any], actor: Actor) -> None:
    history.record(document, before=before, after=after, actor=actor, category="DOCUMENT")


def _tell(document: Document, change: str, actor: Actor) -> None:
    changed = DocumentChanged(document.pk, document.subject_type, document.subject_id, change)
    events.publish(changed, subject=document, actor=actor)
    live.push(f"{document.subject_type}:{document.subject_id}")


def _plain_name(name: str) -> str:
    """Only the last part, without what a header or a screen would take for something else."""
    last = PurePosixPath(name.replace("\\", "/")).name
    plain = "".join(each if each.isprintable() else " " for each in last)
    plain = " ".join(plain.split()).strip(". ")
    if len(plain) > 200:
        stem, dot, ending = plain.rpartition(".")
        plain = f"{stem[: 199 - len(ending)]}{dot}{ending}" if dot and len(ending) < 20 else plain[:200]
    return plain or "Document"


def _bounded(name: str, content: Readable) -> bytes:
    raw = content.read(LARGEST + 1)
    if len(raw) > LARGEST:
        raise InvalidInputError(
            f"{name} is larger than {LARGEST // 1024 // 1024} MB. Send a link to it instead.",
            code="too_large",
        )
    return raw


def _kind(name: str, raw: bytes) -> str:
    try:
        return kind_of(name, raw)
    except RefusedFileError as error:
        raise InvalidInputError(str(error), code="refused_file") from error


def clear_files(documents: Iterable[Document]) -> int:
    """The files go for good; the rows say that there were some."""
    done = 0
    for document in documents:
        if document.file:
            document.file.delete(save=False)
        Document.objects.filter(pk=document.pk).update(
            file="",
            words="",
            words_fault="",
            words_read_at=timezone.now(),
            name="Erased",
            deleted_at=document.deleted_at or timezone.now(),
        )
        done += 1
    return done


def take_out_words(documents: Iterable[Document], words: Iterable[str]) -> int:
    """Out of a text file go the lines that name somebody; another file that names them goes as a whole."""
    wanted = [fold(word) for word in words if word]
    done = 0
    for document in documents:
        is_there = document.file and document.file.storage.exists(str(document.file.name))
        if is_there and document.media_type in LINES:
            _rewrite(document, wanted)
        else:
            clear_files([document])
        done += 1
    return done


def _rewrite(document: Document, wanted: list[str]) -> None:
    old = str(document.file.name)
    with document.file.open("rb") as opened:
        text = text_of(opened.read()) or ""
    kept = "\n".join(line for line in text.split("\n") if not _says(line, wanted))
    raw = kept.encode()
    digest = hashlib.sha256(raw).hexdigest()
    name = "Erased" if _says(document.name, wanted) else document.name
    twins = _same(document.subject_type, document.subject_id, digest=digest, name=name)
    if document.deleted_at is None and twins.exclude(pk=document.pk).exists():
        clear_files([document])  # what is left of it stands in another one
        return
    Document.objects.filter(pk=document.pk).update(
        name=name,
        file=document.file.storage.save(f"documents/{document.pk}", ContentFile(raw)),
        words=words_in(document.media_type, raw).words,
        size_bytes=len(raw),
        digest=digest,
    )
    document.file.storage.delete(old)


def _says(text: str, wanted: list[str]) -> bool:
    return any(each in fold(text) for each in wanted)
