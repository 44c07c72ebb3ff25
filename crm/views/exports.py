"""Lists as files to take away."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.views.decorators.http import require_safe

from crm.services.exporting import Download, export_records
from crm.views.custom_lists import filters_given
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.signin.doors import confirmed
from gtmos.kernel.web import actor_of


@login_required
@require_safe
@confirmed
def export(request: HttpRequest, kind: str, file_format: str) -> HttpResponseBase:
    try:
        download = export_records(
            kind,
            actor=actor_of(request),
            text=request.GET.get("q", ""),
            choice=request.GET.get("choice", ""),
            custom=filters_given(request),
            where=request.GET.get("where", ""),
            shown=tuple(filter(None, request.GET.get("columns", "").split(","))),
            file_format=file_format,
        )
    except DomainError as error:
        return HttpResponse(error.message, status=error.status_code, content_type="text/plain; charset=utf-8")
    return sent(download)


def sent(download: Download) -> StreamingHttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{download.name}"', "Cache-Control": "no-store"}
    return StreamingHttpResponse(download.pieces, content_type=download.content_type, headers=headers)
