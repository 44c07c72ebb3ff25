"""Documents beside records, for programs."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from crm.enums import DocumentSubject
from crm.models import Document
from crm.selectors.documents import documents_matching, get_document
from crm.services.documents import attach_document, delete_document, restore_document
from gtmos.kernel.actors import Actor
from gtmos.kernel.api import actor_of
from gtmos.kernel.api_records import Creates, Deletes, Filter, RecordSerializer, by_key, one_of
from gtmos.kernel.web import kept_file


class DocumentShape(RecordSerializer):
    class Meta:
        model = Document
        fields = (
            "id",
            "created_at",
            "version",
            "subject_type",
            "subject_id",
            "name",
            "media_type",
            "size_bytes",
            "digest",
            "uploaded_by_id",
            "words_read_at",
            "words_fault",
        )
        read_only_fields = fields


class NewDocumentShape(serializers.Serializer[Any]):
    """Sent as `multipart/form-data`."""

    subject_type = serializers.ChoiceField(choices=DocumentSubject.choices)
    subject_id = serializers.UUIDField()
    file = serializers.FileField(allow_empty_file=True)


@extend_schema_view(
    create=extend_schema(request={"multipart/form-data": NewDocumentShape}, responses={201: DocumentShape})
)
class DocumentView(Creates, Deletes):
    """Files beside companies, contacts, deals, products and campaigns. `q` looks into names and words."""

    serializer_class = DocumentShape
    parser_classes = (MultiPartParser,)
    takes_files = True
    searches = True
    filters: ClassVar[dict[str, Filter]] = {
        "subject_type": one_of("subject_type", DocumentSubject.values),
        "subject_id": by_key("subject_id"),
    }

    def records(self, text: str, *, actor: Actor) -> QuerySet[Document]:
        return documents_matching(text, actor=actor)

    def create(self, request: Request) -> Response:
        given = NewDocumentShape(data=request.data)
        given.is_valid(raise_exception=True)
        file = given.validated_data["file"]
        record = attach_document(
            given.validated_data["subject_type"],
            given.validated_data["subject_id"],
            name=file.name,
            content=file,
            actor=actor_of(request),
        )
        return self.answer(self.again(record), status_code=status.HTTP_201_CREATED)

    def delete_record(self, record: Document, *, actor: Actor) -> None:
        delete_document(record, actor=actor)

    @extend_schema(request=None, responses=DocumentShape)
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: str) -> Response:
        """Back from where it was deleted."""
        actor = actor_of(request)
        record = restore_document(get_document(pk, actor=actor, with_deleted=True), actor=actor)
        return self.answer(self.again(record))

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"])
    def content(self, request: Request, pk: str) -> HttpResponse:
        """The file itself, always as an attachment."""
        record = get_document(pk, actor=actor_of(request))
        return kept_file(record.file, record.name)
