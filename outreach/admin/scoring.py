"""Scoring weights at the desk: a number for each criterion, a trial on what was found last, and the switch."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from gtmos.kernel.actors import Actor
from gtmos.kernel.desk import Desk, DeskForm, actor_of
from gtmos.kernel.exceptions import InvalidInputError
from outreach.enums import WeightsState
from outreach.models import ScoringWeights
from outreach.scoring.judging import WEIGHTS
from outreach.selectors.scoring_weights import active_weights, tried, weighing_of
from outreach.services.scoring_weights import MOST, activate_weights, create_weights, update_weights

LABELS = {
    "titles": "Job title",
    "industries": "Industry",
    "locations": "Place",
    "funding_stages": "Funding stage",
    "signals": "Signals asked for",
    "similar_to": "Likeness to a company",
    "signal_detail": "Words of a signal",
    "headcount": "Number of people",
    "revenue": "Revenue",
    "technologies": "Technologies",
    "segment": "Segment",
    "reach": "A good address",
    "role": "Role in the purchase",
}


class WeightsForm(DeskForm):
    """A new version starts from the weights that count today."""

    class Meta:
        model = ScoringWeights
        fields = ("name", "fit_share")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        is_new = self.instance.created_at is None
        shown = weighing_of(active_weights() if is_new else self.instance)
        if is_new:
            self.initial.setdefault("fit_share", shown.fit_share)
        for name, usual in WEIGHTS.items():
            self.initial.setdefault(name, shown.weights[name])
            self.fields[name].help_text = f"Built in: {usual:g}. 0 leaves it out."


BOXES: dict[str, forms.Field] = {
    name: forms.FloatField(label=label, min_value=0, max_value=MOST) for name, label in LABELS.items()
}
WeightsForm.declared_fields.update(BOXES)
WeightsForm.base_fields.update(BOXES)


@admin.register(ScoringWeights)
class ScoringWeightsAdmin(Desk):
    says = "How much each criterion counts when research judges who fits. Write a version, test it on what was found last, then make it active."
    told_apart_by = ("name",)
    file_order = ("state", "name")  # those that count first: the others have stopped to count by then
    columns = ("name", "fit_share", "weights", "is_active")
    form = WeightsForm
    list_display = ("name", "state", "fit_share", "activated_at", "trial")
    list_filter = ("state",)
    search_fields = ("name",)
    fields = ("name", "fit_share", *WEIGHTS)
    actions = ("make_active",)

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        is_open = not isinstance(obj, ScoringWeights) or obj.state == WeightsState.DRAFT
        return is_open and super().has_change_permission(request, obj)

    def get_fields(self, request: HttpRequest, obj: ScoringWeights | None = None) -> Any:
        """What was active once is only shown."""
        if obj is not None and obj.state != WeightsState.DRAFT:
            return ("name", "fit_share", "weights", "state", "activated_at")
        return super().get_fields(request, obj)

    def create(self, values: dict[str, Any], *, actor: Actor) -> ScoringWeights:
        start = weighing_of(active_weights())
        version = create_weights(
            values.get("name", ""),
            weights=values.get("weights")
            or {name: values.get(name, start.weights[name]) for name in WEIGHTS},
            fit_share=values.get("fit_share", start.fit_share),
            actor=actor,
        )
        return activate_weights(version, actor=actor) if values.get("is_active") else version

    def change(self, record: ScoringWeights, changes: dict[str, Any], *, actor: Actor) -> ScoringWeights:
        boxes = {name: changes[name] for name in WEIGHTS if name in changes}
        plain: dict[str, Any] = {
            name: changes[name] for name in ("name", "fit_share", "weights") if name in changes
        }
        if boxes:
            plain["weights"] = {**record.weights, **boxes}
        if plain:
            record = update_weights(record, changes=plain, actor=actor)
        if changes.get("is_active") is False:
            raise InvalidInputError(
                f"{record} count here. They stop when others are made active.", code="active"
            )
        return activate_weights(record, actor=actor) if changes.get("is_active") else record

    def taken_out(self, record: ScoringWeights, row: dict[str, Any]) -> dict[str, Any]:
        return {**row, "is_active": record.state == WeightsState.ACTIVE}

    def ways_on(self, record: ScoringWeights) -> list[tuple[str, str]]:
        return [
            ("Test on the last research", reverse("admin:outreach_scoringweights_trial", args=[record.pk]))
        ]

    @admin.display(description="test")
    def trial(self, version: ScoringWeights) -> SafeString:
        return format_html('<a href="{}/trial/">Test on the last research</a>', version.pk)

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.trial_view)
        one = path("<uuid:object_id>/trial/", page, name="outreach_scoringweights_trial")
        return [one, *super().get_urls()]

    def trial_view(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        version = self.get_object(request, str(object_id)) if self.has_view_permission(request) else None
        if version is None:
            raise Http404("There are no such weights.")
        frame = {
            **self.admin_site.each_context(request),
            "title": f"Test: {version}",
            "opts": self.model._meta,
        }
        trial = tried(version, actor=actor_of(request))
        return TemplateResponse(
            request, "desk/scoring_trial.html", {**frame, "record": version, "trial": trial}
        )

    @admin.action(description="Make the chosen version active")
    def make_active(self, request: HttpRequest, queryset: QuerySet[ScoringWeights]) -> None:
        self.for_each(request, queryset[:1], activate_weights, done="Active from the next research on")
