"""Whole lists as files, for programs."""

from typing import Any

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request

from crm.selectors.exports import KINDS
from crm.services.exporting import FORMATS, export_records
from gtmos.kernel.api import actor_of
from gtmos.kernel.api_door import Door

PARAMETERS = [
    OpenApiParameter("file_format", enum=list(FORMATS), description="csv where it is left out."),
    OpenApiParameter("q", description="Only what matches this text."),
    OpenApiParameter("where", description="A filter in the language of lists."),
    OpenApiParameter("choice", description="A customer state, or a view of tasks."),
]


class ExportView(Door):
    """Lists as CSV or Excel files; an import reads them back as they were."""

    read_scope = "export"
    queryset: Any = None
    pagination_class = None
    lookup_value_regex = "|".join(KINDS)

    @extend_schema(
        parameters=PARAMETERS, responses={(200, kind): OpenApiTypes.BINARY for kind in FORMATS.values()}
    )
    def retrieve(self, request: Request, pk: str) -> StreamingHttpResponse:
        """A whole list, streamed. The event `crm.records_exported` says who took it and how many rows."""
        given = request.query_params
        download = export_records(
            pk,
            actor=actor_of(request),
            text=given.get("q", ""),
            choice=given.get("choice", ""),
            where=given.get("where", ""),
            file_format=given.get("file_format", "csv"),
        )
        headers = {
            "Content-Disposition": f'attachment; filename="{download.name}"',
            "Cache-Control": "no-store",
        }
        return StreamingHttpResponse(download.pieces, content_type=download.content_type, headers=headers)
