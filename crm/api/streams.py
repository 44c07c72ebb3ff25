"""What other systems post by the batch: dated signals, and product-usage and web events."""

from collections import Counter
from dataclasses import asdict
from typing import ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from crm.api import event_shapes as told
from crm.api import serializers as shapes
from crm.enums import SignalType
from crm.models import Signal, UsageEvent
from crm.selectors.usage import visible_usage
from crm.selectors.visibility import visible_signals
from crm.services.signals import NewSignal, record_signals
from crm.services.usage import DUPLICATE, REJECTED, STORED, store_events
from gtmos.kernel.actors import Actor
from gtmos.kernel.api import actor_of
from gtmos.kernel.api_paging import NewestKeysFirst
from gtmos.kernel.api_records import Filter, RecordView, a_moment, by_key, one_of

POSTED = PolymorphicProxySerializer(
    component_name="PostedEvents",
    serializers=[told.EventBatch, told.EventBatchSecond],
    resource_type_field_name=None,
)


class SignalView(RecordView):
    """Dated things that happened at companies, each with its source."""

    serializer_class = shapes.SignalShape
    filters: ClassVar[dict[str, Filter]] = {
        "company_id": by_key("company_id"),
        "type": one_of("type", SignalType.values),
    }

    def records(self, text: str, *, actor: Actor) -> QuerySet[Signal]:
        del text
        return visible_signals(actor=actor)

    @extend_schema(request=shapes.SignalBatch, responses={201: shapes.Recorded})
    def create(self, request: Request) -> Response:
        """Record up to 1,000 signals, all or none; the same one from the same source is recorded once."""
        given = shapes.SignalBatch(data=request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        signals = [NewSignal(**values) for values in given.validated_data["signals"]]
        recorded = record_signals(signals, actor=actor_of(request))
        body = {"recorded": recorded, "known": len(signals) - recorded}
        return Response(body, status=status.HTTP_201_CREATED)


class EventView(RecordView):
    """Product-usage and web events."""

    serializer_class = told.UsageShape
    pagination_class = NewestKeysFirst
    lookup_value_regex = "[0-9]{1,18}"
    filters: ClassVar[dict[str, Filter]] = {
        "company_id": by_key("company_id"),
        "contact_id": by_key("contact_id"),
        "source": Filter("source"),
        "name": Filter("name"),
        "occurred_since": Filter("occurred_at__gte", a_moment, "A moment with its time zone."),
    }

    @property
    def limit_scope(self) -> str:
        return "events" if self.request.method == "POST" else ""

    def records(self, text: str, *, actor: Actor) -> QuerySet[UsageEvent]:
        del text
        return visible_usage(actor=actor)

    @extend_schema(request=POSTED, responses={200: told.EventOutcomes})
    def create(self, request: Request) -> Response:
        """Store up to 1,000 events. Each has its own result, in the order they were sent."""
        given = request.data.get("events") if isinstance(request.data, dict) else None
        if not isinstance(given, list) or not given:
            raise ValidationError({"events": ["Send a list of events."]})
        results = [asdict(each) for each in store_events(given, actor=actor_of(request))]
        counts = Counter(each["result"] for each in results)
        return Response(
            {**{name: counts[name] for name in (STORED, DUPLICATE, REJECTED)}, "results": results}
        )
