"""How deals move: RevOps sets it up here."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse

from crm.models import Deal, Pipeline, Stage, StageCriterion
from crm.selectors.criteria_trials import tried
from crm.services import pipelines
from crm.services.deals import EDITABLE
from gtmos.kernel.actors import Actor
from gtmos.kernel.desk import Desk, DeskForm, ReadOnlyInline, actor_of


def deal_fields() -> list[tuple[str, str]]:
    """Columns that somebody can fill, by their words."""
    columns = {each.name: str(each.verbose_name) for each in Deal._meta.fields if each.name in EDITABLE}
    return sorted(
        ((name, words[:1].upper() + words[1:]) for name, words in columns.items()), key=lambda each: each[1]
    )


class StageForm(DeskForm):
    required_fields = forms.MultipleChoiceField(
        required=False,
        choices=deal_fields,
        label="Must be filled to enter",
        help_text="Without these a deal is not let into the stage. Hold Ctrl or ⌘ to choose several.",
    )


class CriterionForm(DeskForm):
    field = forms.ChoiceField(
        required=False,
        choices=lambda: [("", "None"), *deal_fields()],
        help_text="For 'a field of the deal is filled': which one.",
    )


class StageInline(ReadOnlyInline):
    model = Stage
    fields = ("position", "name", "key", "kind", "probability", "rot_days")
    show_change_link = True


@admin.register(Pipeline)
class PipelineAdmin(Desk):
    says = "How deals move from first talk to signature. Make the pipeline, then its stages, then what a deal needs in each."
    helps: ClassVar = {
        "name": "As people choose it when they make a deal.",
        "is_default": "New deals stand in it where nothing else is said. There is one; another stops being it.",
    }
    told_apart_by = ("name",)
    list_display = ("name", "is_default", "updated_at")
    search_fields = ("name",)
    fields = ("name", "is_default")
    inlines = (StageInline,)

    def ways_on(self, record: Pipeline) -> list[tuple[str, str]]:
        return [("Add a stage", f"{reverse('admin:crm_stage_add')}?pipeline={record.pk}")]

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
    says = "The columns of the board, in order. What a deal needs to enter or leave one is a criterion."
    form = StageForm
    helps: ClassVar = {
        "pipeline": "It stays there, because its deals do.",
        "name": "As it stands over the column of the board.",
        "position": "The smaller stands further left.",
        "kind": "Open while the deal is worked on; won and lost end it; hold lets it rest.",
        "probability": "From 0 to 1: how many of a hundred deals that stand here are won. The forecast multiplies by it.",
        "rot_days": "After so many days without a move the card is marked as standing too long.",
    }
    told_apart_by = ("pipeline", "key")
    set_once = ("pipeline",)  # a stage stays in its pipeline, because its deals do
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

    def ways_on(self, record: Stage) -> list[tuple[str, str]]:
        return [
            ("Add a criterion", f"{reverse('admin:crm_stagecriterion_add')}?stage={record.pk}"),
            (f"To {record.pipeline}", reverse("admin:crm_pipeline_change", args=[record.pipeline_id])),
        ]

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

    says = "A deal that lacks one of these goes back on the board, with the words of the criterion."
    form = CriterionForm
    helps: ClassVar = {
        "stage": "The stage it guards.",
        "moment": "Asked when a deal comes in, or before it goes on from here.",
        "kind": "What is looked at. The boxes below that do not belong to it stay empty.",
        "activity_type": "For 'an activity took place': which kind.",
        "role": "For 'the company's people include a role': which role.",
    }
    told_apart_by = ("stage", "moment", "kind", "field", "activity_type", "role", "label")
    set_once = ("stage",)
    list_display = ("stage", "moment", "kind", "field", "activity_type", "role", "least", "label")
    list_filter = ("moment", "kind", "stage__pipeline")
    list_select_related = ("stage",)
    search_fields = ("label", "field", "stage__name")
    autocomplete_fields = ("stage",)
    fields = ("stage", "moment", "kind", "field", "activity_type", "role", "least", "label")
    actions = ("try_on_deals", "take_away")

    def ways_on(self, record: StageCriterion) -> list[tuple[str, str]]:
        return [(f"To {record.stage}", reverse("admin:crm_stage_change", args=[record.stage_id]))]

    def create(self, values: dict[str, Any], *, actor: Actor) -> StageCriterion:
        return pipelines.add_criterion(values.pop("stage"), actor=actor, **values)

    def change(self, record: StageCriterion, changes: dict[str, Any], *, actor: Actor) -> StageCriterion:
        return pipelines.update_criterion(record, changes=changes, actor=actor)

    @admin.action(description="Test on the open deals")
    def try_on_deals(self, request: HttpRequest, queryset: QuerySet[StageCriterion]) -> None:
        for criterion in queryset.select_related("stage"):
            trial = tried(criterion, actor=actor_of(request))
            level = messages.WARNING if trial.lacking else messages.SUCCESS
            self.message_user(request, f"{criterion}: {trial.sentence}", level)

    @admin.action(description="Take away the chosen criteria")
    def take_away(self, request: HttpRequest, queryset: QuerySet[StageCriterion]) -> None:
        self.for_each(request, queryset, pipelines.delete_criterion, done="Criteria taken away")
