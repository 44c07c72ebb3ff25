"""Webhooks for programs: who is told what, what became of it, and sending again."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import (
    OpenApiParameter,
    extend_schema,
    extend_schema_field,
    extend_schema_serializer,
)
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.viewsets import GenericViewSet

from gtmos.kernel.actors import Actor
from gtmos.kernel.api import actor_of
from gtmos.kernel.api_paging import NewestKeysFirst
from gtmos.kernel.api_records import Changes, Deletes, Filter, RecordSerializer, RecordView, by_key, one_of
from gtmos.kernel.events import catalogue as event_catalogue
from gtmos.kernel.events.models import DeliveryState
from gtmos.kernel.exceptions import NotFoundError
from gtmos.kernel.webhooks import catalogue, selectors, services
from gtmos.kernel.webhooks.models import Webhook, WebhookAttempt, WebhookDelivery, WebhookState

LOG = 20


class WebhookShape(RecordSerializer):
    event_names = serializers.ListField(
        child=serializers.CharField(max_length=100), max_length=services.MOST_NAMES
    )

    class Meta:
        model = Webhook
        fields: tuple[str, ...] = (
            *("id", "created_at", "updated_at", "version"),
            *("name", "url", "event_names", "state", "reason", "old_secret_until", "held_until"),
        )
        read_only_fields = ("state", "reason", "old_secret_until", "held_until")


class WebhookWithSecret(WebhookShape):
    """Answered once: the secret cannot be read again."""

    signing_secret = serializers.CharField(read_only=True)

    class Meta(WebhookShape.Meta):
        fields = (*WebhookShape.Meta.fields, "signing_secret")


class AttemptShape(serializers.ModelSerializer[WebhookAttempt]):
    class Meta:
        model = WebhookAttempt
        fields = ("attempted_at", "milliseconds", "status", "response", "error")
        read_only_fields = fields


class DeliveryShape(serializers.ModelSerializer[WebhookDelivery]):
    """One fact for one webhook."""

    webhook_id = serializers.UUIDField(read_only=True)
    event = serializers.CharField(source="event.name", read_only=True)
    message_id = serializers.CharField(read_only=True)

    class Meta:
        model = WebhookDelivery
        fields: tuple[str, ...] = (
            *("id", "webhook_id", "event", "message_id"),
            *("state", "attempts", "next_at", "done_at"),
        )
        read_only_fields: tuple[str, ...] = fields


class DeliveryDetail(DeliveryShape):
    """With the newest attempts and the message as it is posted."""

    log = serializers.SerializerMethodField()
    payload = serializers.SerializerMethodField()

    class Meta(DeliveryShape.Meta):
        fields = (*DeliveryShape.Meta.fields, "payload", "log")
        read_only_fields = fields

    @extend_schema_field(AttemptShape(many=True))
    def get_log(self, delivery: WebhookDelivery) -> Any:
        return AttemptShape(selectors.attempts_of(delivery)[:LOG], many=True).data

    @extend_schema_field({"type": "object", "additionalProperties": True})
    def get_payload(self, delivery: WebhookDelivery) -> dict[str, Any]:
        return catalogue.payload_of(delivery.event, message_id=delivery.message_id)


class EventTypeShape(serializers.Serializer[Any]):
    name = serializers.CharField()
    category = serializers.CharField()
    version = serializers.IntegerField()
    priority = serializers.SerializerMethodField()
    description = serializers.CharField()
    values = serializers.DictField(child=serializers.CharField())
    schema = serializers.DictField(help_text="JSON Schema of `data` in what is posted.")

    @extend_schema_field({"type": "string", "enum": ["high", "normal", "low"]})
    def get_priority(self, entry: event_catalogue.Entry) -> str:
        return str(entry.priority.label)


@extend_schema_serializer(many=False)
class EventTypes(serializers.Serializer[Any]):
    results = EventTypeShape(many=True)


class WebhookView(Changes, Deletes):
    """Addresses that are told what happens here, signed as Standard Webhooks. Changing them needs `admin`."""

    write_scope = "admin"

    serializer_class = WebhookShape
    filters: ClassVar[dict[str, Filter]] = {"state": one_of("state", WebhookState.values)}

    def records(self, text: str, *, actor: Actor) -> QuerySet[Webhook]:
        del text
        return selectors.visible_webhooks(actor=actor)

    @extend_schema(request=WebhookShape, responses={201: WebhookWithSecret})
    def create(self, request: Request) -> Response:
        """The answer holds the secret; it is shown this once."""
        values = self.given()
        webhook, secret = services.create_webhook(values.pop("name"), actor=actor_of(request), **values)
        return self._with_secret(webhook, secret, status_code=status.HTTP_201_CREATED)

    def update_record(self, record: Webhook, values: dict[str, Any], *, actor: Actor) -> Webhook:
        return services.update_webhook(record, changes=values, actor=actor)

    def delete_record(self, record: Webhook, *, actor: Actor) -> None:
        services.delete_webhook(record, actor=actor)

    @extend_schema(request=None, responses=WebhookShape)
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, pk: str) -> Response:
        """Facts wait until it is resumed."""
        del pk
        return self.answer(services.pause_webhook(self.get_object(), actor=actor_of(request)))

    @extend_schema(request=None, responses=WebhookShape)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: str) -> Response:
        """What waited is sent, in its order."""
        del pk
        return self.answer(services.resume_webhook(self.get_object(), actor=actor_of(request)))

    @extend_schema(request=None, responses=WebhookWithSecret)
    @action(detail=True, methods=["post"], url_path="rotate-secret")
    def rotate_secret(self, request: Request, pk: str) -> Response:
        """A new secret. For a day both sign."""
        del pk
        webhook, secret = services.rotate_webhook_secret(self.get_object(), actor=actor_of(request))
        return self._with_secret(webhook, secret)

    def _with_secret(
        self, webhook: Webhook, secret: str, *, status_code: int = status.HTTP_200_OK
    ) -> Response:
        answer = self.answer(webhook, status_code=status_code)
        answer.data = {**answer.data, "signing_secret": secret}
        answer["Cache-Control"] = "no-store"
        return answer


class WebhookDeliveryView(RecordView):
    """What was sent to whom, and how it went. Sending again needs `admin`."""

    write_scope = "admin"
    serializer_class = DeliveryDetail
    list_serializer_class = DeliveryShape
    pagination_class = NewestKeysFirst
    lookup_value_regex = "[0-9]{1,18}"
    filters: ClassVar[dict[str, Filter]] = {
        "webhook_id": by_key("webhook_id"),
        "state": one_of("state", DeliveryState.values),
        "event": Filter("event__name"),
    }

    def records(self, text: str, *, actor: Actor) -> QuerySet[WebhookDelivery]:
        del text
        return selectors.visible_deliveries(actor=actor)

    @extend_schema(request=None, responses=DeliveryDetail)
    @action(detail=True, methods=["post"])
    def replay(self, request: Request, pk: str) -> Response:
        """Send again with the same message id."""
        del pk
        replayed = services.replay_webhook_delivery(self.get_object(), actor=actor_of(request))
        return self.answer(self.again(replayed))


class EventTypeView(GenericViewSet[Any]):
    """The catalogue of facts: what can be told, in which shape."""

    serializer_class = EventTypes
    pagination_class = None
    queryset = Webhook.objects.none()
    lookup_value_regex = r"[a-z]{1,30}\.[a-z_]{1,70}"

    @extend_schema(responses=EventTypes)
    def list(self, request: Request) -> Response:
        """Each with its version and the schema of its values."""
        del request
        return Response({"results": EventTypeShape(event_catalogue.entries(), many=True).data})

    @extend_schema(
        responses=EventTypeShape,
        parameters=[OpenApiParameter("id", str, OpenApiParameter.PATH, description="The name of the event.")],
    )
    def retrieve(self, request: Request, pk: str) -> Response:
        """One of them by its name."""
        del request
        entry = event_catalogue.find(pk)
        if entry is None:
            raise NotFoundError("There is no such event.", code="not_found")
        return Response(EventTypeShape(entry).data)


router = SimpleRouter()
router.register("webhooks", WebhookView, basename="webhook")
router.register("webhook-deliveries", WebhookDeliveryView, basename="webhook-delivery")
router.register("event-types", EventTypeView, basename="event-type")
