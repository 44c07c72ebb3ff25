"""Changing many records at once, for programs: tried first, then done, then taken back if need be."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from crm.models import BulkEdit
from crm.selectors.bulk_edits import visible_bulk_edits
from crm.services.bulk_edits import MOST_RECORDS, run_bulk_edit, start_bulk_edit, undo_bulk_edit
from crm.services.cell_values import OPERATIONS
from gtmos.kernel.actors import Actor
from gtmos.kernel.api import actor_of
from gtmos.kernel.api_records import Creates, Filter, RecordSerializer, one_of
from gtmos.kernel.lists.conditions import condition_of
from gtmos.kernel.lists.fields import kind_of
from gtmos.kernel.lists.filters import FilterError, parse_filter


class BulkEditShape(RecordSerializer):
    """Name the records by `ids` or by `where`, a filter in the language of lists. Nothing is changed before `run`."""

    noun = serializers.CharField(max_length=30)
    operation = serializers.ChoiceField(OPERATIONS, default="set")
    ids = serializers.ListField(
        child=serializers.UUIDField(), required=False, write_only=True, max_length=MOST_RECORDS
    )
    where = serializers.CharField(required=False, write_only=True)
    total = serializers.IntegerField(read_only=True)
    refusals = serializers.DictField(read_only=True)

    class Meta:
        model = BulkEdit
        fields = (
            *(
                "id",
                "created_at",
                "updated_at",
                "version",
                "noun",
                "field",
                "operation",
                "value",
                "ids",
                "where",
            ),
            *("state", "total", "done", "changed", "unchanged", "refused", "refusals", "finished_at"),
        )
        read_only_fields = ("state", "done", "changed", "unchanged", "refused", "finished_at")


class BulkEditView(Creates):
    """One's own changes to many records."""

    serializer_class = BulkEditShape
    filters: ClassVar[dict[str, Filter]] = {
        "state": one_of("state", ("previewing", "previewed", "running", "done", "undoing", "undone"))
    }

    def records(self, text: str, *, actor: Actor) -> QuerySet[BulkEdit]:
        del text
        return visible_bulk_edits(actor=actor)

    def create_record(self, values: dict[str, Any], *, actor: Actor) -> BulkEdit:
        noun, ids, where = values.pop("noun"), values.pop("ids", None), values.pop("where", None)
        if (ids is None) == (where is None):
            raise FilterError("Name the records either by ids or by where.")
        records = kind_of(noun).visible(actor=actor)
        if ids is None:
            records = records.filter(condition_of(parse_filter(where), noun, actor=actor))
        else:
            records = records.filter(pk__in=ids)
        return start_bulk_edit(
            noun,
            records,
            field=values["field"],
            value=values.get("value", ""),
            operation=values["operation"],
            actor=actor,
        )

    @extend_schema(request=None, responses=BulkEditShape)
    @action(detail=True, methods=["post"])
    def run(self, request: Request, pk: str) -> Response:
        """Do what was tried."""
        del pk
        return self.answer(run_bulk_edit(self.get_object(), actor=actor_of(request)))

    @extend_schema(request=None, responses=BulkEditShape)
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: str) -> Response:
        """Take back what was done, where nobody changed it since."""
        del pk
        return self.answer(undo_bulk_edit(self.get_object(), actor=actor_of(request)))
