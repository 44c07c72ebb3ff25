"""How campaigns, their messages, mails and tests look in the API."""

from typing import Any

from rest_framework import serializers

from outreach.enums import CampaignKind, Metric
from outreach.models import Campaign, Experiment, Step, Touch, Variant
from outreach.rendering.drafting import MOST_TOUCHES
from outreach.services.experiments import ELEMENTS

EDITABLE = ("name", "theme", "answer_days", "mailbox", "product")


class CampaignShape(serializers.ModelSerializer[Campaign]):
    class Meta:
        model = Campaign
        fields = (
            *("id", "name", "kind", "theme", "state", "product", "mailbox", "research", "owner"),
            *("starts_at", "approved_by", "approved_at", "approved_hash", "completed_at", "pause_reason"),
            *("answer_days", "skipped", "created_at", "updated_at", "version"),
        )
        read_only_fields = tuple(name for name in fields if name not in EDITABLE)


class CampaignDraft(serializers.Serializer[Any]):
    """Everything but the audience can be left out."""

    kind = serializers.ChoiceField(choices=CampaignKind.choices, default=CampaignKind.OUTREACH)
    name = serializers.CharField(required=False, allow_blank=True, max_length=200, default="")
    theme = serializers.CharField(required=False, allow_blank=True, max_length=80, default="")
    touches = serializers.IntegerField(min_value=1, max_value=MOST_TOUCHES, default=3)
    interval_days = serializers.IntegerField(required=False, min_value=2, max_value=60)
    research = serializers.UUIDField(required=False)
    contacts = serializers.ListField(child=serializers.UUIDField(), required=False, max_length=10_000)
    only_selected = serializers.BooleanField(required=False, allow_null=True, default=None)
    product = serializers.UUIDField(required=False)
    ab_element = serializers.ChoiceField(choices=ELEMENTS, required=False, allow_blank=True, default="")
    ab_variants = serializers.ListField(
        child=serializers.CharField(max_length=300), required=False, default=list
    )
    ab_metric = serializers.ChoiceField(choices=Metric.choices, default=Metric.REPLY)
    ab_split = serializers.ListField(child=serializers.FloatField(), required=False, default=list)


class FindingShape(serializers.Serializer[Any]):
    code = serializers.CharField()
    severity = serializers.CharField()
    sentence = serializers.CharField()
    what_to_do = serializers.CharField()
    people = serializers.ListField(child=serializers.UUIDField())


class ReasonShape(serializers.Serializer[Any]):
    reason = serializers.CharField(required=False, allow_blank=True, max_length=300, default="")


class StepShape(serializers.ModelSerializer[Step]):
    class Meta:
        model = Step
        fields = (
            *("id", "campaign", "number", "offset_days", "minimum_gap_hours", "channel"),
            *("subject", "body", "sources", "created_at", "updated_at", "version"),
        )
        read_only_fields = (
            "id",
            "campaign",
            "number",
            "channel",
            "sources",
            "created_at",
            "updated_at",
            "version",
        )


class TouchShape(serializers.ModelSerializer[Touch]):
    class Meta:
        model = Touch
        fields = (
            *("id", "campaign", "contact", "enrollment", "step_no", "variant", "channel", "recipient"),
            *("subject", "state", "due_at", "sent_at", "delivered_at", "opened_at", "clicked_at"),
            *("replied_at", "reply_category", "bounced_at", "unsubscribed_at", "complained_at", "meeting_at"),
            *("machine_opens", "machine_clicks", "attempts", "message_id", "last_error", "created_at"),
        )
        read_only_fields = fields


class ResolutionShape(serializers.Serializer[Any]):
    was_sent = serializers.BooleanField()


class VariantShape(serializers.ModelSerializer[Variant]):
    class Meta:
        model = Variant
        fields = ("id", "letter", "text", "weight", "added_at")
        read_only_fields = ("id", "weight", "added_at")
        extra_kwargs = {"letter": {"required": False}}


class ExperimentShape(serializers.ModelSerializer[Experiment]):
    variants = VariantShape(many=True, read_only=True)

    class Meta:
        model = Experiment
        fields = (
            *("id", "campaign", "element", "metric", "state", "alpha", "minimum_per_arm", "baseline_rate"),
            *("target_rate", "planned_per_arm", "promotes_itself", "promoted", "decided_at", "decided_by"),
            *("decision", "looks", "looked_at", "evaluation", "variants", "created_at", "version"),
        )
        read_only_fields = fields


class LetterShape(serializers.Serializer[Any]):
    letter = serializers.CharField(max_length=1)
