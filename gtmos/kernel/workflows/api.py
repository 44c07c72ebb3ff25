"""Workflows for programs: written, versioned, tried, switched; and their runs."""

from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_serializer
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from gtmos.kernel.actors import Actor
from gtmos.kernel.api import actor_of
from gtmos.kernel.api_paging import KeysetPagination
from gtmos.kernel.api_records import (
    Changes,
    Creates,
    Deletes,
    Filter,
    RecordSerializer,
    RecordView,
    VisibleField,
    by_key,
    one_of,
)
from gtmos.kernel.people.models import User
from gtmos.kernel.workflows import selectors, words
from gtmos.kernel.workflows.models import RunState, Workflow, WorkflowRun, WorkflowStepRun, WorkflowVersion
from gtmos.kernel.workflows.services import exchange, runs, workflows

WRITTEN = frozenset({"event_name", "conditions", "steps", "note"})


def people(*, actor: Actor) -> QuerySet[User]:
    del actor  # whoever may configure may let it act for anybody who works here
    return User.objects.filter(is_active=True)


class WorkflowVersionShape(serializers.ModelSerializer[WorkflowVersion]):
    lines = serializers.SerializerMethodField(help_text="The version in words.")

    class Meta:
        model = WorkflowVersion
        fields: tuple[str, ...] = (
            *("id", "number", "event_name", "conditions", "steps", "note", "created_at", "lines"),
        )
        read_only_fields: tuple[str, ...] = fields

    def get_lines(self, version: WorkflowVersion) -> list[str]:
        return words.lines_of(version)


@extend_schema_serializer(many=False)
class WorkflowVersions(serializers.Serializer[Any]):
    results = WorkflowVersionShape(many=True)


class WorkflowShape(RecordSerializer):
    """Event, conditions and steps are those of the newest version; writing them makes another one."""

    owner_id = VisibleField(source="owner", records=people, help_text="You, where nobody is named.")
    event_name = serializers.CharField(source="newest.event_name", max_length=100)
    conditions = serializers.JSONField(source="newest.conditions", required=False)
    steps = serializers.JSONField(source="newest.steps")
    note = serializers.CharField(source="newest.note", max_length=200, required=False, allow_blank=True)
    newest_version = serializers.IntegerField(source="newest.number", read_only=True)
    active_version = serializers.IntegerField(source="active.number", read_only=True, default=None)

    class Meta:
        model = Workflow
        fields = (
            *("id", "created_at", "updated_at", "version", "name", "owner_id", "is_active"),
            *("event_name", "conditions", "steps", "note", "newest_version", "active_version"),
        )
        read_only_fields = ("is_active",)


class VersionNumber(serializers.Serializer[Any]):
    number = serializers.IntegerField(required=False, min_value=1, help_text="The newest one, if left out.")


class TriedShape(serializers.Serializer[Any]):
    event_id = serializers.UUIDField(source="record.pk")
    happened_at = serializers.DateTimeField(source="record.happened_at")
    about = serializers.CharField()
    fits = serializers.BooleanField()
    lines = serializers.ListField(child=serializers.CharField())
    error = serializers.CharField()


@extend_schema_serializer(many=False)
class WorkflowTrial(serializers.Serializer[Any]):
    results = TriedShape(many=True)


class WorkflowFile(serializers.Serializer[Any]):
    """A workflow as a file, to carry it to another installation."""

    name = serializers.CharField(max_length=120)
    event_name = serializers.CharField(max_length=100)
    conditions = serializers.JSONField(required=False)
    steps = serializers.JSONField()


class WorkflowView(Creates, Changes, Deletes):
    """What starts by itself. Changing it needs `admin`."""

    write_scope = "admin"
    serializer_class = WorkflowShape

    def records(self, text: str, *, actor: Actor) -> QuerySet[Workflow]:
        del text
        return selectors.visible_workflows(actor=actor)

    def create_record(self, values: dict[str, Any], *, actor: Actor) -> Model:
        written = values.pop("newest", {})
        return workflows.create_workflow(values.pop("name"), actor=actor, **written, **values)

    def update_record(self, record: Workflow, values: dict[str, Any], *, actor: Actor) -> Workflow:
        written = values.pop("newest", {})
        if values:
            record = workflows.update_workflow(record, changes=values, actor=actor)
        if written:
            present = {name: getattr(record.newest, name) for name in ("event_name", "conditions", "steps")}
            workflows.save_version(record, **{**present, **written}, actor=actor)
        return record

    def delete_record(self, record: Workflow, *, actor: Actor) -> None:
        workflows.delete_workflow(record, actor=actor)

    def _version(self, request: Request) -> WorkflowVersion:
        shape = VersionNumber(data=request.data or {})
        shape.is_valid(raise_exception=True)
        workflow, actor = self.get_object(), actor_of(request)
        number = shape.validated_data.get("number", workflow.newest.number)
        return selectors.get_version(workflow, number, actor=actor)

    @extend_schema(request=VersionNumber, responses=WorkflowShape)
    @action(detail=True, methods=["post"])
    def activate(self, request: Request, pk: str) -> Response:
        """From the next event on. Runs that have begun finish on the version they began with."""
        del pk
        return self.answer(
            self.again(workflows.activate_version(self._version(request), actor=actor_of(request)))
        )

    @extend_schema(request=None, responses=WorkflowShape)
    @action(detail=True, methods=["post"])
    def deactivate(self, request: Request, pk: str) -> Response:
        """Nothing starts any more. Runs that have begun are finished."""
        del pk
        return self.answer(self.again(workflows.switch_off(self.get_object(), actor=actor_of(request))))

    @extend_schema(request=VersionNumber, responses=WorkflowShape)
    @action(detail=True, methods=["post"], url_path="roll-back")
    def roll_back(self, request: Request, pk: str) -> Response:
        """An earlier version becomes the newest one, in force at once where the workflow is on."""
        del pk
        version = workflows.roll_back(self._version(request), actor=actor_of(request))
        return self.answer(self.again(version.workflow))

    @extend_schema(responses=WorkflowVersions)
    @action(detail=True, methods=["get"])
    def versions(self, request: Request, pk: str) -> Response:
        """Newest first, each in words too."""
        del pk
        rows = selectors.visible_versions(actor=actor_of(request)).filter(workflow=self.get_object())
        return Response(WorkflowVersions({"results": rows}).data)

    @extend_schema(responses=WorkflowTrial)
    @action(detail=True, methods=["get"])
    def trial(self, request: Request, pk: str) -> Response:
        """What the newest version would have done at the last 20 events. Nothing is written."""
        del pk
        found = selectors.tried(self.get_object().newest, actor=actor_of(request))
        return Response(WorkflowTrial({"results": found}).data)

    @extend_schema(responses=WorkflowFile)
    @action(detail=True, methods=["get"])
    def export(self, request: Request, pk: str) -> Response:
        """The newest version as a file for `import`."""
        del pk
        return Response(exchange.exported(self.get_object(), actor=actor_of(request)))

    @extend_schema(request=WorkflowFile, responses={201: WorkflowShape})
    @action(detail=False, methods=["post"], url_path="import")
    def take_in(self, request: Request) -> Response:
        """A workflow that was exported, switched off until it is activated here."""
        shape = WorkflowFile(data=request.data)
        shape.is_valid(raise_exception=True)
        workflow = exchange.take_in(dict(shape.validated_data), actor=actor_of(request))
        return self.answer(self.again(workflow), status_code=status.HTTP_201_CREATED)


class NewestStartsFirst(KeysetPagination):
    moment = "started_at"


class WorkflowStepShape(serializers.ModelSerializer[WorkflowStepRun]):
    class Meta:
        model = WorkflowStepRun
        fields: tuple[str, ...] = (
            *("path", "action", "state", "attempts", "due_at", "started_at", "finished_at"),
            *("outcome", "made_type", "made_id", "error"),
        )
        read_only_fields: tuple[str, ...] = fields


class WorkflowRunShape(serializers.ModelSerializer[WorkflowRun]):
    """One event that one workflow answered."""

    workflow_id = serializers.UUIDField(read_only=True)
    number = serializers.IntegerField(source="definition.number", read_only=True)
    steps = WorkflowStepShape(many=True, read_only=True)

    class Meta:
        model = WorkflowRun
        fields: tuple[str, ...] = (
            *("id", "workflow_id", "number", "event_key", "subject_type", "subject_id"),
            *("state", "reason", "started_at", "finished_at", "steps"),
        )
        read_only_fields: tuple[str, ...] = fields


class RunView(RecordView):
    """What workflows did. Trying again needs `admin`."""

    write_scope = "admin"
    serializer_class = WorkflowRunShape
    pagination_class = NewestStartsFirst
    filters: ClassVar[dict[str, Filter]] = {
        "workflow_id": by_key("workflow_id"),
        "subject_id": by_key("subject_id"),
        "state": one_of("state", RunState.values),
    }

    def records(self, text: str, *, actor: Actor) -> QuerySet[WorkflowRun]:
        del text
        return selectors.visible_runs(actor=actor).prefetch_related("steps")

    @extend_schema(request=None, responses=WorkflowRunShape)
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, pk: str) -> Response:
        """Try the failed step again; what was done before it is not done again."""
        del pk
        return self.answer(self.again(runs.retry_run(self.get_object(), actor=actor_of(request))))


router = SimpleRouter()
router.register("workflows", WorkflowView, basename="workflow")
router.register("workflow-runs", RunView, basename="workflow-run")
