"""How events flow, for programs: counts, deliveries, and delivering again."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.viewsets import GenericViewSet

from gtmos.kernel.actors import Actor
from gtmos.kernel.api import actor_of
from gtmos.kernel.api_paging import NewestKeysFirst
from gtmos.kernel.api_records import Filter, RecordView, by_key, one_of
from gtmos.kernel.events import dispatch, flow
from gtmos.kernel.events.models import Delivery, DeliveryState
from gtmos.kernel.exceptions import InvalidInputError


class ListenerShape(serializers.Serializer[Any]):
    subscriber = serializers.CharField()
    handled = serializers.IntegerField()
    waiting = serializers.IntegerField()
    retried = serializers.IntegerField(help_text="Deliveries that needed more than one try.")
    failed = serializers.IntegerField(help_text="Tries that failed.")
    dead = serializers.IntegerField()


class FlowShape(serializers.Serializer[Any]):
    name = serializers.CharField()
    emitted = serializers.IntegerField()
    listeners = ListenerShape(many=True)


@extend_schema_serializer(many=False)
class Flows(serializers.Serializer[Any]):
    hours = serializers.IntegerField()
    results = FlowShape(many=True)


class EventFlowView(GenericViewSet[Any]):
    """What was published in a stretch of time, and what became of it."""

    serializer_class = Flows
    pagination_class = None
    queryset = Delivery.objects.none()

    @extend_schema(
        responses=Flows,
        parameters=[
            OpenApiParameter("hours", int, enum=list(flow.RANGES), description="How far back; 24 by default.")
        ],
    )
    def list(self, request: Request) -> Response:
        """Counts for each event and each of its subscribers."""
        hours = request.query_params.get("hours", str(flow.SINCE_A_DAY))
        if hours not in map(str, flow.RANGES):
            raise InvalidInputError(f"hours is one of {', '.join(map(str, flow.RANGES))}.", code="bad_hours")
        found = flow.flow(flow.Asked(hours=int(hours)), actor=actor_of(request))
        return Response(Flows({"hours": int(hours), "results": found}).data)


class EventDeliveryShape(serializers.ModelSerializer[Delivery]):
    """One event for one subscriber inside."""

    event_id = serializers.UUIDField(read_only=True)
    event = serializers.CharField(source="event.name", read_only=True)

    class Meta:
        model = Delivery
        fields: tuple[str, ...] = (
            *("id", "event_id", "event", "subscriber", "priority", "state"),
            *("attempts", "next_at", "done_at", "error"),
        )
        read_only_fields: tuple[str, ...] = fields


class EventDeliveryView(RecordView):
    """Who was told inside, and how it went. Delivering again needs `admin`."""

    write_scope = "admin"
    serializer_class = EventDeliveryShape
    pagination_class = NewestKeysFirst
    lookup_value_regex = "[0-9]{1,18}"
    filters: ClassVar[dict[str, Filter]] = {
        "event_id": by_key("event_id"),
        "event": Filter("event__name"),
        "state": one_of("state", DeliveryState.values),
        "subscriber": Filter("subscriber"),
    }

    def records(self, text: str, *, actor: Actor) -> QuerySet[Delivery]:
        del text
        return flow.visible_deliveries(actor=actor)

    @extend_schema(request=None, responses=EventDeliveryShape)
    @action(detail=True, methods=["post"])
    def replay(self, request: Request, pk: str) -> Response:
        """Deliver again from the start; handlers have each effect once."""
        del pk
        return self.answer(dispatch.replay(self.get_object(), actor=actor_of(request)))


router = SimpleRouter()
router.register("event-flow", EventFlowView, basename="event-flow")
router.register("event-deliveries", EventDeliveryView, basename="event-delivery")
