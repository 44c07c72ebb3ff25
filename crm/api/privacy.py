"""What people may ask by law, for programs."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from crm.services.privacy import erase_person, export_person
from gtmos.kernel.api import actor_of
from gtmos.kernel.api_records import RecordView
from gtmos.kernel.privacy.models import PrivacyRequest


class ErasureShape(serializers.Serializer[Any]):
    """Why; kept with the certificate."""

    reason = serializers.CharField(max_length=300)


class CertificateShape(serializers.ModelSerializer[PrivacyRequest]):
    """What was erased by count; nothing of the person."""

    class Meta:
        model = PrivacyRequest
        fields = ("id", "kind", "subject_id", "reason", "counts", "made_by", "made_at")
        read_only_fields = fields


class WithPrivacy(RecordView):
    """Adds `/{id}/export/` and `/{id}/erase/`."""

    @extend_schema(responses=OpenApiTypes.OBJECT, filters=False)
    @action(detail=True, methods=["get"], filters={}, searches=False)
    def export(self, request: Request, pk: str) -> Response:
        """Everything that is known of this person, table by table. Needs the right `crm.export_person`."""
        del pk
        told = export_person(self.get_object(), actor=actor_of(request))
        return Response(told, headers={"Cache-Control": "no-store"})

    @extend_schema(request=ErasureShape, responses=CertificateShape, filters=False)
    @action(detail=True, methods=["post"], filters={}, searches=False)
    def erase(self, request: Request, pk: str) -> Response:
        """Forget this person everywhere and for good. Needs the right `crm.erase_person`."""
        del pk
        shape = ErasureShape(data=request.data)
        shape.is_valid(raise_exception=True)
        record = self.get_object()
        note = erase_person(record, reason=shape.validated_data["reason"], actor=actor_of(request))
        return Response(CertificateShape(note).data)
