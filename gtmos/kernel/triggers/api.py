"""Workflows for programs."""

from typing import Any

from django.db.models import Model, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from gtmos.kernel.actors import Actor
from gtmos.kernel.api import actor_of
from gtmos.kernel.api_records import Changes, Creates, Deletes, RecordSerializer, VisibleField
from gtmos.kernel.people.models import User
from gtmos.kernel.rules.conditions import UNRANKED
from gtmos.kernel.triggers import selectors
from gtmos.kernel.triggers.models import EventTrigger
from gtmos.kernel.triggers.services import triggers


def people(*, actor: Actor) -> QuerySet[User]:
    del actor  # whoever may configure may give a task to anybody
    return User.objects.filter(is_active=True)


class ConditionShape(serializers.Serializer[Any]):
    field = serializers.CharField(max_length=60)
    operator = serializers.ChoiceField(choices=[*UNRANKED])
    value = serializers.CharField(max_length=200, required=False, allow_blank=True)


class WorkflowShape(RecordSerializer):
    conditions = ConditionShape(many=True, required=False)
    assignee_id = VisibleField(source="assignee", records=people, required=True, allow_null=False)

    class Meta:
        model = EventTrigger
        fields = (
            *("id", "created_at", "updated_at", "version", "name", "event_name", "conditions"),
            *("title", "note", "due_days", "assignee_id", "is_active"),
        )
        read_only_fields = ("is_active",)


class PlannedTaskShape(serializers.Serializer[Any]):
    title = serializers.CharField()
    note = serializers.CharField()
    owner = serializers.CharField()
    about = serializers.CharField()


class TriedShape(serializers.Serializer[Any]):
    event_id = serializers.UUIDField(source="record.pk")
    happened_at = serializers.DateTimeField(source="record.happened_at")
    task = PlannedTaskShape(allow_null=True)


class Trial(serializers.Serializer[Any]):
    results = TriedShape(many=True)


class WorkflowView(Creates, Changes, Deletes):
    """Events that make tasks. Changing them needs `admin`."""

    write_scope = "admin"
    serializer_class = WorkflowShape

    def records(self, text: str, *, actor: Actor) -> QuerySet[EventTrigger]:
        del text
        return selectors.visible_triggers(actor=actor)

    def create_record(self, values: dict[str, Any], *, actor: Actor) -> Model:
        return triggers.create_trigger(values.pop("name"), actor=actor, **values)

    def update_record(self, record: EventTrigger, values: dict[str, Any], *, actor: Actor) -> EventTrigger:
        return triggers.update_trigger(record, changes=values, actor=actor)

    def delete_record(self, record: EventTrigger, *, actor: Actor) -> None:
        triggers.delete_trigger(record, actor=actor)

    @extend_schema(request=None, responses=WorkflowShape)
    @action(detail=True, methods=["post"])
    def activate(self, request: Request, pk: str) -> Response:
        """From the next event on."""
        del pk
        return self.answer(triggers.activate_trigger(self.get_object(), actor=actor_of(request)))

    @extend_schema(request=None, responses=WorkflowShape)
    @action(detail=True, methods=["post"])
    def deactivate(self, request: Request, pk: str) -> Response:
        """Nothing starts any more."""
        del pk
        return self.answer(triggers.deactivate_trigger(self.get_object(), actor=actor_of(request)))

    @extend_schema(responses=Trial)
    @action(detail=True, methods=["get"])
    def trial(self, request: Request, pk: str) -> Response:
        """What would have come of the last 20 events. Nothing is written."""
        del pk
        found = selectors.tried(self.get_object(), actor=actor_of(request))
        return Response(Trial({"results": found}).data)


router = SimpleRouter()
router.register("workflows", WorkflowView, basename="workflow")
