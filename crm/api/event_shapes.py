"""The shapes in which product-usage and web events are posted and read."""

from typing import Any

from rest_framework import serializers

from crm.models import UsageEvent
from crm.services.usage import DUPLICATE, MOST_IN_A_BATCH, REJECTED, STORED
from gtmos.kernel.api_moments import MomentField


class UsageShape(serializers.ModelSerializer[UsageEvent]):
    company_id = serializers.UUIDField(read_only=True, allow_null=True)
    contact_id = serializers.UUIDField(read_only=True, allow_null=True)

    class Meta:
        model = UsageEvent
        fields = (
            "id",
            "source",
            "external_id",
            "name",
            "occurred_at",
            "received_at",
            "company_id",
            "contact_id",
            "company_domain",
            "contact_email",
            "properties",
        )
        read_only_fields = fields


class PostedEventShape(serializers.Serializer[Any]):
    """What a customer's system posts. The same source and id are stored once."""

    source = serializers.CharField(max_length=80)  # type: ignore[assignment]  # the name is the API's; nothing reads Field.source here
    id = serializers.CharField(max_length=160)
    name = serializers.CharField(max_length=120)
    occurred_at = MomentField()
    company_domain = serializers.CharField(required=False, allow_blank=True, max_length=253)
    contact_email = serializers.CharField(required=False, allow_blank=True, max_length=320)
    properties = serializers.DictField(required=False)


class EventBatch(serializers.Serializer[Any]):
    """Only for the schema: each event is read by itself, so that one that is wrong stops no other."""

    events = serializers.ListField(child=PostedEventShape(), max_length=MOST_IN_A_BATCH)


class EventSubject(serializers.Serializer[Any]):
    company_domain = serializers.CharField(required=False, allow_blank=True, max_length=253)
    contact_email = serializers.CharField(required=False, allow_blank=True, max_length=320)


class PostedEventSecondShape(serializers.Serializer[Any]):
    """The second version: what happened, when, to whom, and the rest as data."""

    version = serializers.ChoiceField(choices=[2])
    source = serializers.CharField(max_length=80)  # type: ignore[assignment]  # the name is the API's; nothing reads Field.source here
    id = serializers.CharField(max_length=160)
    type = serializers.CharField(max_length=120)
    time = MomentField()
    subject = EventSubject(required=False)
    data = serializers.DictField(required=False)  # type: ignore[assignment]  # only for the schema


class EventBatchSecond(serializers.Serializer[Any]):
    """Only for the schema."""

    events = serializers.ListField(child=PostedEventSecondShape(), max_length=MOST_IN_A_BATCH)


class EventOutcome(serializers.Serializer[Any]):
    id = serializers.CharField()
    result = serializers.ChoiceField(choices=[STORED, DUPLICATE, REJECTED])
    reason = serializers.CharField(allow_blank=True)


class EventOutcomes(serializers.Serializer[Any]):
    stored = serializers.IntegerField()
    duplicate = serializers.IntegerField()
    rejected = serializers.IntegerField()
    results = EventOutcome(many=True)
