"""Documents: all of them, those of one record, one with its history, and the file itself."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from crm.intake.documents.kinds import TITLES
from crm.models import Document
from crm.selectors.documents import (
    carrier_of,
    carriers,
    documents_matching,
    documents_of,
    find_subject,
    get_document,
    subject_names,
)
from crm.services.documents import LARGEST, attach_document, delete_document, restore_document
from gtmos.kernel import history
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.paging import newest_first
from gtmos.kernel.permissions import allows
from gtmos.kernel.web import actor_of, found, kept_file, page, refusal, toast

SHOWN = 50


@login_required
def documents(request: HttpRequest) -> HttpResponse:
    actor, given = actor_of(request), request.GET
    text, noun = given.get("q", ""), given.get("kind", "")
    rows = documents_matching(text, actor=actor, noun=noun if noun in carriers() else "")
    shown = newest_first(rows, after=given.get("after", ""))
    names = subject_names(shown.rows, actor=actor)
    choices = [(each.noun, each.title) for each in carriers().values()]
    context = {
        "page": shown,
        "lines": [_line(each, names.get(each.subject_id, "")) for each in shown.rows],
        "q": text,
        "filters": [{"name": "kind", "label": "Beside", "value": noun, "choices": choices}],
        "products": list(carrier_of("product").visible(actor=actor)[:SHOWN]),
    }
    return page(request, "crm/documents/list.html", context)


@login_required
def of_record(request: HttpRequest, noun: str, **keys: UUID) -> HttpResponse:
    """The documents of one record; a POST puts another one there."""
    actor, (subject_id,) = actor_of(request), keys.values()
    subject = _subject(noun, subject_id, actor)
    if request.method != "POST":
        return _panel(request, noun, subject, actor)
    files = request.FILES.getlist("file")
    if not files:
        return refusal(DomainError("Choose a file first.", code="no_file"))
    kept, refused = list[str](), list[DomainError]()
    for file in files:
        try:
            kept.append(
                str(attach_document(noun, subject.pk, name=file.name or "", content=file, actor=actor))
            )
        except DomainError as error:
            refused.append(error)
    if not kept:
        return refusal(refused[0])
    words = " ".join([f"Kept: {', '.join(kept)}.", *map(str, refused)])
    return toast(_panel(request, noun, subject, actor), words[:300])


def _subject(noun: str, key: UUID, actor: Actor) -> Any:
    return found(lambda given, *, actor: find_subject(noun, given, actor=actor), key, actor=actor)


def _panel(request: HttpRequest, noun: str, subject: Any, actor: Actor) -> HttpResponse:
    rows = list(documents_of(noun, subject.pk, actor=actor)[: SHOWN + 1])
    context = {
        "noun": noun,
        "subject": subject,
        "panel_url": _panel_url(noun, subject.pk),
        "lines": [_line(each) for each in rows[:SHOWN]],
        "has_more": len(rows) > SHOWN,
        "may_edit": allows(actor, carrier_of(noun).right, subject),
        "largest": LARGEST // 1024 // 1024,
    }
    return page(request, "crm/documents/of.html", context)


def _line(document: Document, subject: str = "") -> dict[str, Any]:
    return {
        "document": document,
        "kind": TITLES.get(document.media_type, "File"),
        "reading": document.words_fault or ("" if document.words_read_at else "Its words are being read."),
        "subject": subject,
        "subject_url": _page_of(document.subject_type, document.subject_id),
    }


def _page_of(noun: str, key: UUID) -> str:
    address = carrier_of(noun).page
    return reverse(address, args=[key]) if address else _panel_url(noun, key)


def _panel_url(noun: str, key: UUID) -> str:
    return reverse(f"crm:documents-of-{noun}", args=[key])


@login_required
def document(request: HttpRequest, document_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    record = found(get_document, document_id, actor=actor)
    subject = _subject(record.subject_type, record.subject_id, actor)
    context = {
        **_line(record, str(subject)),
        "may_edit": allows(actor, carrier_of(record.subject_type).right, subject),
        "words": record.words[:2000],
        "changes": history.of_record(record)[:SHOWN],
    }
    return page(request, "crm/documents/document.html", context)


@login_required
@require_safe
def download(request: HttpRequest, document_id: UUID) -> HttpResponse:
    record = found(get_document, document_id, actor=actor_of(request))
    return kept_file(record.file, record.name)


@login_required
@require_POST
def delete(request: HttpRequest, document_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    record = found(get_document, document_id, actor=actor)
    try:
        record = delete_document(record, actor=actor)
    except DomainError as error:
        return refusal(error)
    if not getattr(request, "htmx", None):
        return redirect(_page_of(record.subject_type, record.subject_id))
    shown = _panel_of(request, record, actor)
    return toast(shown, f"Deleted: {record}", undo_url=reverse("crm:document-restore", args=[record.pk]))


@login_required
@require_POST
def restore(request: HttpRequest, document_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    record = found(
        lambda key, *, actor: get_document(key, actor=actor, with_deleted=True), document_id, actor=actor
    )
    try:
        record = restore_document(record, actor=actor)
    except DomainError as error:
        return refusal(error)
    return toast(_panel_of(request, record, actor), f"Back again: {record}")


def _panel_of(request: HttpRequest, record: Document, actor: Actor) -> HttpResponse:
    subject = _subject(record.subject_type, record.subject_id, actor)
    return _panel(request, record.subject_type, subject, actor)
