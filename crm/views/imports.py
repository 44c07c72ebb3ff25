"""Pages of imports: upload, look, import, take back."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Model
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect

from crm.models import ImportBatch, ImportMove
from crm.selectors.imports import get_import, visible_imports
from crm.selectors.moves import get_move
from crm.services.import_kinds import read_as
from crm.services.import_moves import join_move, open_move, repeat_import
from crm.services.import_rehearsing import ask_rehearsal
from crm.services.import_undo import undo_import
from crm.services.importing import start_import, upload_import
from crm.views.import_page import page_context
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.paging import newest_first
from gtmos.kernel.web import actor_of, found, page, refusal, toast


@login_required
def imports(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    shown = newest_first(visible_imports(actor=actor), after=request.GET.get("after", ""))
    return page(request, "crm/imports/list.html", {"page": shown})


@login_required
@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    files, actor = request.FILES.getlist("file"), actor_of(request)
    if not files:
        return refusal(DomainError("Choose a file first.", code="no_file"))
    move = found(get_move, request.POST["move"], actor=actor) if request.POST.get("move") else None
    try:
        kept = _kept(files, move, request.POST.get("into", "auto"), actor)
    except DomainError as error:
        return refusal(error)
    return _sent_to(request, kept)


@transaction.atomic
def _kept(files: list[UploadedFile[Any]], move: ImportMove | None, into: str, actor: Actor) -> Model:
    """One file is an import; several are a move, all of them or none."""
    if len(files) > 1:
        move = move or open_move(actor=actor)
    batches = [
        upload_import(file_name=file.name or "list.csv", content=file, into=into, actor=actor, move=move)
        for file in files
    ]
    return move or batches[0]


def _sent_to(request: HttpRequest, record: Model) -> HttpResponse:
    place = "crm:move" if isinstance(record, ImportMove) else "crm:import"
    if getattr(request, "htmx", None):
        return HttpResponseClientRedirect(reverse(place, args=[record.pk]))
    return redirect(place, record.pk)


@login_required
def detail(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    batch = found(get_import, batch_id, actor=actor)
    return page(request, "crm/imports/detail.html", page_context(batch, actor=actor))


@login_required
@require_POST
def start(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    batch = found(get_import, batch_id, actor=actor)
    changed = _changed_columns(request, batch)
    return _acted(request, batch, actor, lambda: start_import(batch, mapping=changed, actor=actor))


@login_required
@require_POST
def kind(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """A person says what the rows are; the columns are understood anew."""
    actor = actor_of(request)
    batch = found(get_import, batch_id, actor=actor)
    return _acted(request, batch, actor, lambda: read_as(batch, request.POST.get("into", ""), actor=actor))


@login_required
@require_POST
def rehearse(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """What the file would do, with the columns as they are chosen now."""
    actor = actor_of(request)
    batch = found(get_import, batch_id, actor=actor)
    changed = _changed_columns(request, batch)
    return _acted(request, batch, actor, lambda: ask_rehearsal(batch, mapping=changed, actor=actor))


def _changed_columns(request: HttpRequest, batch: ImportBatch) -> dict[str, str]:
    return {
        column["name"]: request.POST[f"target-{number}"]
        for number, column in enumerate(batch.mapping["columns"])
        if request.POST.get(f"target-{number}", column["target"]) != column["target"]
    }


@login_required
@require_POST
def undo(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    batch = found(get_import, batch_id, actor=actor)
    response = _acted(request, batch, actor, lambda: undo_import(batch, actor=actor))
    return toast(response, f"Took back {batch}") if response.status_code == 200 else response


@login_required
@require_POST
def repeat(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    return _led(request, batch_id, repeat_import)


@login_required
@require_POST
def join(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """A move that begins with this file, to which others can be added."""
    return _led(request, batch_id, join_move)


def _led(request: HttpRequest, batch_id: UUID, act: Callable[..., Model]) -> HttpResponse:
    actor = actor_of(request)
    try:
        record = act(found(get_import, batch_id, actor=actor), actor=actor)
    except DomainError as error:
        return refusal(error)
    return _sent_to(request, record)


def _acted(request: HttpRequest, batch: ImportBatch, actor: Actor, act: object) -> HttpResponse:
    assert callable(act)
    try:
        act()
    except DomainError as error:
        return refusal(error)
    return page(
        request,
        "crm/imports/detail.html",
        page_context(found(get_import, batch.pk, actor=actor), actor=actor),
    )


@login_required
def rejected(request: HttpRequest, batch_id: UUID) -> FileResponse:
    batch = found(get_import, batch_id, actor=actor_of(request))
    if not batch.rejected_path or not Path(batch.rejected_path).exists():
        raise Http404("No row of this import was rejected.")
    name = f"{Path(batch.file_name).stem}-rejected.csv"
    return FileResponse(Path(batch.rejected_path).open("rb"), as_attachment=True, filename=name)
