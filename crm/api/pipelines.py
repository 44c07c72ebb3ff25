"""How deals move, for programs: pipelines with their stages and what each stage asks for."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from crm.enums import CriterionKind, CriterionMoment
from crm.models import Pipeline, Stage, StageCriterion
from crm.selectors.deals import pipelines
from gtmos.kernel.actors import Actor
from gtmos.kernel.api_records import RecordSerializer, RecordView


class CriterionShape(serializers.ModelSerializer[StageCriterion]):
    """What is asked of a deal; `field`, `activity_type` or `role` says what is looked at, by its kind."""

    class Meta:
        model = StageCriterion
        fields = ("id", "moment", "kind", "field", "activity_type", "role", "least", "label")
        read_only_fields = fields


class StageShape(serializers.ModelSerializer[Stage]):
    entry_criteria = serializers.SerializerMethodField()
    exit_criteria = serializers.SerializerMethodField()
    required_activities = serializers.SerializerMethodField(
        help_text="Those of the criteria that ask for an activity."
    )

    class Meta:
        model = Stage
        fields = (
            "id",
            "key",
            "name",
            "position",
            "kind",
            "probability",
            "rot_days",
            "required_fields",
            "entry_criteria",
            "exit_criteria",
            "required_activities",
        )
        read_only_fields = fields

    @extend_schema_field(CriterionShape(many=True))
    def get_entry_criteria(self, stage: Stage) -> Any:
        return _shown(stage, moment=CriterionMoment.ENTRY)

    @extend_schema_field(CriterionShape(many=True))
    def get_exit_criteria(self, stage: Stage) -> Any:
        return _shown(stage, moment=CriterionMoment.EXIT)

    @extend_schema_field(CriterionShape(many=True))
    def get_required_activities(self, stage: Stage) -> Any:
        return _shown(stage, kind=CriterionKind.ACTIVITY)


def _shown(stage: Stage, **wanted: str) -> Any:
    rows = [
        each
        for each in stage.criteria.all()
        if all(getattr(each, name) == value for name, value in wanted.items())
    ]
    return CriterionShape(rows, many=True).data


class PipelineShape(RecordSerializer):
    stages = StageShape(many=True, read_only=True)

    class Meta:
        model = Pipeline
        fields = ("id", "created_at", "updated_at", "version", "name", "is_default", "stages")
        read_only_fields = fields


class PipelineView(RecordView):
    """Pipelines and their stages, in order. RevOps changes them at the desk."""

    serializer_class = PipelineShape

    def records(self, text: str, *, actor: Actor) -> QuerySet[Pipeline]:
        del text, actor
        return pipelines()
