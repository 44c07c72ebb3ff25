"""Asking in words, and giving or refusing one's word, for programs."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from agents.enums import RunState
from agents.models import Run
from agents.selectors.runs import run_report
from agents.selectors.threads import visible_runs
from agents.services import runs
from gtmos.kernel.actors import Actor
from gtmos.kernel.api import actor_of
from gtmos.kernel.api_records import Filter, RecordView, one_of


class RunLine(serializers.ModelSerializer[Run]):
    """A run as a list shows it."""

    class Meta:
        model = Run
        fields: tuple[str, ...] = (
            "id",
            "created_at",
            "updated_at",
            "version",
            "command",
            "planner",
            "confidence",
            "state",
            "error",
            "finished_at",
        )
        read_only_fields: tuple[str, ...] = fields


class RunShape(RunLine):
    """With the plan, each step and the answer. A waiting run names the `fingerprint` that confirms it."""

    report = serializers.SerializerMethodField()
    fingerprint = serializers.SerializerMethodField()

    class Meta(RunLine.Meta):
        fields = (*RunLine.Meta.fields, "fingerprint", "report")
        read_only_fields = fields

    @extend_schema_field({"type": "object", "additionalProperties": True})
    def get_report(self, run: Run) -> dict[str, Any]:
        return run_report(run)

    def get_fingerprint(self, run: Run) -> str:
        return str(run.plan.get("fingerprint", ""))


class CommandShape(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=2000)


class WordShape(serializers.Serializer[Any]):
    fingerprint = serializers.CharField(max_length=200)


class RunView(RecordView):
    """What was asked, and what was done about it."""

    serializer_class = RunShape
    list_serializer_class = RunLine
    filters: ClassVar[dict[str, Filter]] = {"state": one_of("state", RunState.values)}

    def records(self, text: str, *, actor: Actor) -> QuerySet[Run]:
        del text
        return visible_runs(actor=actor)

    @extend_schema(request=CommandShape, responses={201: RunShape})
    def create(self, request: Request) -> Response:
        """Do what a sentence says. What leaves the house waits for a word."""
        given = CommandShape(data=request.data)
        given.is_valid(raise_exception=True)
        run = runs.submit(given.validated_data["text"], actor=actor_of(request))
        return self.answer(self.again(run), status_code=status.HTTP_201_CREATED)


class ApprovalView(RecordView):
    """Runs that wait for a person's word."""

    serializer_class = RunShape
    list_serializer_class = RunLine

    @property
    def write_scope(self) -> str:
        return "send" if self.action == "confirm" else "write"

    def records(self, text: str, *, actor: Actor) -> QuerySet[Run]:
        del text
        return visible_runs(actor=actor).filter(state=RunState.WAITING)

    @extend_schema(request=WordShape, responses=RunShape)
    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, pk: str) -> Response:
        """Approve exactly what was shown."""
        del pk
        given = WordShape(data=request.data)
        given.is_valid(raise_exception=True)
        word = given.validated_data["fingerprint"]
        return self.answer(runs.confirm(self.get_object(), fingerprint=word, actor=actor_of(request)))

    @extend_schema(request=None, responses=RunShape)
    @action(detail=True, methods=["post"])
    def reject(self, request: Request, pk: str) -> Response:
        """Say no; nothing is done."""
        del pk
        return self.answer(runs.reject(self.get_object(), actor=actor_of(request)))
