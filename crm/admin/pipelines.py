"""How deals move: RevOps sets it up here."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from crm.models import Pipeline, Stage, StageCriterion
from crm.services import pipelines
from gtmos.kernel.actors import Actor
from gtmos.kernel.desk import Desk, ReadOnlyInline


class StageInline(ReadOnlyInline):
    model = Stage
    fields = ("position", "name", "key", "kind", "probability", "rot_days")
    show_change_link = True


@admin.register(Pipeline)
class PipelineAdmin(Desk):
    told_apart_by = ("name",)
    list_display = ("name", "is_default", "updated_at")
    search_fields = ("name",)
    fields = ("name", "is_default")
    inlines = (StageInline,)

    def create(self, values: dict[str, Any], *, actor: Actor) -> Pipeline:
        return pipelines.create_pipeline(actor=actor, **values)

    def change(self, record: Pipeline, changes: dict[str, Any], *, actor: Actor) -> Pipeline:
        return pipelines.update_pipeline(record, changes=changes, actor=actor)


class CriterionInline(ReadOnlyInline):
    model = StageCriterion
    fields = ("moment", "kind", "field", "activity_type", "role", "least", "label")
    show_change_link = True


@admin.register(Stage)
class StageAdmin(Desk):
    told_apart_by = ("pipeline", "key")
    list_display = ("name", "pipeline", "position", "kind", "probability", "rot_days")
    list_filter = ("pipeline", "kind")
    list_select_related = ("pipeline",)
    search_fields = ("name", "key")
    autocomplete_fields = ("pipeline",)
    fields = (
        "pipeline",
        "name",
        "key",
        "position",
        "kind",
        "probability",
        "forecast_category",
        "required_fields",
        "rot_days",
    )
    inlines = (CriterionInline,)
    actions = ("take_away",)

    def get_readonly_fields(self, request: HttpRequest, obj: Stage | None = None) -> tuple[str, ...]:
        """A stage stays in its pipeline, because its deals do."""
        del request
        return ("pipeline",) if obj else ()

    def create(self, values: dict[str, Any], *, actor: Actor) -> Stage:
        return pipelines.create_stage(values.pop("pipeline"), actor=actor, **values)

    def change(self, record: Stage, changes: dict[str, Any], *, actor: Actor) -> Stage:
        return pipelines.update_stage(record, changes=changes, actor=actor)

    @admin.action(description="Take away the chosen stages that no deal stands in")
    def take_away(self, request: HttpRequest, queryset: QuerySet[Stage]) -> None:
        self.for_each(request, queryset, pipelines.delete_stage, done="Stages taken away")


@admin.register(StageCriterion)
class StageCriterionAdmin(Desk):
    """What a deal needs to enter a stage, or to go on from it."""

    told_apart_by = ("stage", "moment", "kind", "field", "activity_type", "role", "label")
    list_display = ("stage", "moment", "kind", "field", "activity_type", "role", "least", "label")
    list_filter = ("moment", "kind", "stage__pipeline")
    list_select_related = ("stage",)
    search_fields = ("label", "field", "stage__name")
    autocomplete_fields = ("stage",)
    fields = ("stage", "moment", "kind", "field", "activity_type", "role", "least", "label")
    actions = ("take_away",)

    def get_readonly_fields(self, request: HttpRequest, obj: StageCriterion | None = None) -> tuple[str, ...]:
        del request
        return ("stage",) if obj else ()

    def create(self, values: dict[str, Any], *, actor: Actor) -> StageCriterion:
        return pipelines.add_criterion(values.pop("stage"), actor=actor, **values)

    def change(self, record: StageCriterion, changes: dict[str, Any], *, actor: Actor) -> StageCriterion:
        return pipelines.update_criterion(record, changes=changes, actor=actor)

    @admin.action(description="Take away the chosen criteria")
    def take_away(self, request: HttpRequest, queryset: QuerySet[StageCriterion]) -> None:
        self.for_each(request, queryset, pipelines.delete_criterion, done="Criteria taken away")
