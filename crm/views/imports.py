"""Pages of imports: upload, look, import, take back."""

from pathlib import Path
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect

from crm.models import ImportBatch
from crm.selectors.imports import get_import, visible_imports
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
    file = request.FILES.get("file")
    if file is None:
        return refusal(DomainError("Choose a file first.", code="no_file"))
    try:
        batch = upload_import(
            file_name=file.name or "list.csv",
            content=file,
            into=request.POST.get("into", "auto"),
            actor=actor_of(request),
        )
    except DomainError as error:
        return refusal(error)
    if getattr(request, "htmx", None):
        return HttpResponseClientRedirect(f"/imports/{batch.pk}/")
    return redirect("crm:import", batch.pk)


@login_required
def detail(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    batch = found(get_import, batch_id, actor=actor)
    return page(request, "crm/imports/detail.html", page_context(batch))


@login_required
@require_POST
def start(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    batch = found(get_import, batch_id, actor=actor)
    changed = {
        column["name"]: request.POST[f"target-{number}"]
        for number, column in enumerate(batch.mapping["columns"])
        if request.POST.get(f"target-{number}", column["target"]) != column["target"]
    }
    return _acted(request, batch, actor, lambda: start_import(batch, mapping=changed, actor=actor))


@login_required
@require_POST
def undo(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    batch = found(get_import, batch_id, actor=actor)
    response = _acted(request, batch, actor, lambda: undo_import(batch, actor=actor))
    return toast(response, f"Took back {batch}") if response.status_code == 200 else response


def _acted(request: HttpRequest, batch: ImportBatch, actor: Actor, act: object) -> HttpResponse:
    assert callable(act)
    try:
        act()
    except DomainError as error:
        return refusal(error)
    return page(request, "crm/imports/detail.html", page_context(found(get_import, batch.pk, actor=actor)))


@login_required
def rejected(request: HttpRequest, batch_id: UUID) -> FileResponse:
    batch = found(get_import, batch_id, actor=actor_of(request))
    if not batch.rejected_path or not Path(batch.rejected_path).exists():
        raise Http404("No row of this import was rejected.")
    name = f"{Path(batch.file_name).stem}-rejected.csv"
    return FileResponse(Path(batch.rejected_path).open("rb"), as_attachment=True, filename=name)
