"""Going back to an earlier version, for programs."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from crm.services.restoring_versions import restore_fields, restore_version
from gtmos.kernel import history
from gtmos.kernel.api import actor_of
from gtmos.kernel.api_records import RecordView


class RestoreOrder(serializers.Serializer[Any]):
    """`fields`: as they were before the change. `whole`: the record as it stood right after the change."""

    change_id = serializers.IntegerField()
    fields_to_restore = serializers.ListField(child=serializers.CharField(max_length=80), required=False)
    whole = serializers.BooleanField(default=False)


class WithRestore(RecordView):
    """Adds `/{id}/restore/`."""

    @extend_schema(request=RestoreOrder)
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: str) -> Response:
        """A new version with the values of an earlier one; nothing of the history is deleted."""
        del pk
        record, actor = self.get_object(), actor_of(request)
        given = RestoreOrder(data=request.data)
        given.is_valid(raise_exception=True)
        change = history.of_record(record).filter(pk=given.validated_data["change_id"]).first()
        if change is None:
            raise NotFound("There is no such change of this record.")
        if given.validated_data["whole"]:
            done = restore_version(record, change, actor=actor)
        else:
            names = given.validated_data.get("fields_to_restore", ())
            done = restore_fields(record, change, fields=names, actor=actor)
        return self.answer(self.again(done))
