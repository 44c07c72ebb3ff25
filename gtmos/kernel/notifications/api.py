"""What the caller was told, and how they want to be told, for programs."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.helpers import forced_singular_serializer
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.viewsets import GenericViewSet

from gtmos.kernel.actors import Actor
from gtmos.kernel.api import actor_of
from gtmos.kernel.api_records import Filter, RecordView, a_flag
from gtmos.kernel.notifications import kinds, services
from gtmos.kernel.notifications.models import Notification, Rhythm
from gtmos.kernel.notifications.selectors import Choice, choices_of, own_notifications
from gtmos.kernel.people.models import User


class NotificationShape(serializers.ModelSerializer[Notification]):
    class Meta:
        model = Notification
        fields = ("id", "created_at", "kind", "title", "text", "url", "caused_by", "read_at")
        read_only_fields = fields


class MarkedShape(serializers.Serializer[Any]):
    marked = serializers.IntegerField(help_text="How many were unread.")


class NotificationView(RecordView):
    """What the caller was told, newest first. Nobody reads another's."""

    serializer_class = NotificationShape
    filters: ClassVar[dict[str, Filter]] = {
        "kind": Filter("kind"),
        "is_unread": Filter("read_at__isnull", a_flag, "true or false."),
    }

    def records(self, text: str, *, actor: Actor) -> QuerySet[Notification]:
        del text
        return own_notifications(actor=actor)

    @extend_schema(request=None, responses=NotificationShape)
    @action(detail=True, methods=["post"])
    def read(self, request: Request, pk: str) -> Response:
        del pk
        return self.answer(services.mark_read(self.get_object(), actor=actor_of(request)))

    @extend_schema(request=None, responses=NotificationShape)
    @action(detail=True, methods=["post"])
    def unread(self, request: Request, pk: str) -> Response:
        """To be looked at again."""
        del pk
        return self.answer(services.mark_read(self.get_object(), is_read=False, actor=actor_of(request)))

    @extend_schema(request=None, responses=MarkedShape)
    @action(detail=False, methods=["post"], url_path="read-all")
    def read_all(self, request: Request) -> Response:
        """Everything that was told until now."""
        return Response({"marked": services.mark_all_read(actor=actor_of(request))})


class PreferenceShape(serializers.Serializer[Any]):
    """How the caller is told of one kind of thing; their own words, or the default of the kind."""

    kind = serializers.CharField(source="kind.name", max_length=60)
    name = serializers.CharField(source="kind.label", read_only=True)
    in_app = serializers.BooleanField()
    by_mail = serializers.ChoiceField(choices=Rhythm.choices)


class PreferencesShape(serializers.Serializer[Any]):
    kinds = PreferenceShape(many=True)


class PreferenceView(GenericViewSet[Any]):
    """Of what the caller is told, where and how."""

    queryset: Any = None
    serializer_class = PreferenceShape
    pagination_class = None

    @extend_schema(responses=forced_singular_serializer(PreferencesShape))  # type: ignore[no-untyped-call]  # the library's
    def list(self, request: Request) -> Response:
        """Every kind there is."""
        return Response({"kinds": PreferenceShape(choices_of(_person(request)), many=True).data})

    @extend_schema(request=PreferenceShape, responses=PreferenceShape)
    def create(self, request: Request) -> Response:
        """How the caller is told of this kind from now on."""
        given = PreferenceShape(data=request.data)
        given.is_valid(raise_exception=True)
        values = dict(given.validated_data)
        kind, person = values.pop("kind")["name"], _person(request)
        services.set_preference(person, kind, **values, actor=actor_of(request))
        return Response(PreferenceShape(Choice(kinds.find(kind), **values)).data)


def _person(request: Request) -> User:
    assert isinstance(request.user, User)
    return request.user


router = SimpleRouter()
router.register("notifications", NotificationView, basename="notification")
router.register("notification-preferences", PreferenceView, basename="notification-preference")
