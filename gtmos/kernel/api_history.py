"""The change history of a record, as the API shows it."""

from typing import Any

from django.db.models import Model
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from gtmos.kernel import history
from gtmos.kernel.api_paging import NewestKeysFirst
from gtmos.kernel.api_records import RecordView
from gtmos.kernel.history.models import Change

NEWEST = 20


class ChangeShape(serializers.ModelSerializer[Change]):
    """One change: what, from which value to which, by whom and by which door."""

    class Meta:
        model = Change
        fields = (
            "id",
            "timestamp",
            "change_type",
            "change_category",
            "changed_fields",
            "summary",
            "vector_searchable_text",
            "source",
            "user_id",
            "user_name",
            "previous_values",
            "new_values",
        )
        read_only_fields = fields


class HistoryMixin(serializers.Serializer[Any]):
    """Adds `change_history`: the newest changes; `/{id}/history/` has them all."""

    change_history = serializers.SerializerMethodField()

    @extend_schema_field(ChangeShape(many=True))
    def get_change_history(self, record: Model) -> Any:
        return ChangeShape(history.of_record(record)[:NEWEST], many=True).data


class WithHistory(RecordView):
    """Adds `/{id}/history/`."""

    @extend_schema(responses=ChangeShape(many=True), filters=False)
    @action(detail=True, methods=["get"], pagination_class=NewestKeysFirst, filters={}, searches=False)
    def history(self, request: Request, pk: str) -> Response:
        """Every change of the record, the newest first."""
        del request, pk
        page = self.paginate_queryset(history.of_record(self.get_object()))
        return self.get_paginated_response(ChangeShape(page, many=True).data)
