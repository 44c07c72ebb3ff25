"""Many rows in one request, with an answer for each."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from crm.intake.keys import domain_key
from crm.services.batches import MOST_ROWS, OPERATIONS, Outcome, Row, write_batch
from gtmos.kernel.api import actor_of
from gtmos.kernel.api_records import RecordView, VisibleField
from gtmos.kernel.exceptions import InvalidInputError

MATCHES = ("id", "domain", "email", "external_id")
RESULTS = ("created", "updated", "unchanged", "rejected")


class BatchInput(serializers.Serializer[Any]):
    operation = serializers.ChoiceField(choices=OPERATIONS)
    match_on = serializers.ChoiceField(choices=MATCHES, default="id")
    rows = serializers.ListField(
        child=serializers.DictField(child=serializers.JSONField(allow_null=True)),
        min_length=1,
        max_length=MOST_ROWS,
    )


class RowProblem(serializers.Serializer[Any]):
    code = serializers.CharField()
    detail = serializers.CharField()


class RowResult(serializers.Serializer[Any]):
    result = serializers.ChoiceField(choices=RESULTS)
    id = serializers.UUIDField(allow_null=True)
    problem = RowProblem(allow_null=True)


class BatchResult(serializers.Serializer[Any]):
    results = RowResult(many=True)


class TakesBatches(RecordView):
    """Adds `POST …/bulk/`."""

    @extend_schema(request=BatchInput, responses=BatchResult)
    @action(detail=False, methods=["post"])
    def bulk(self, request: Request) -> Response:
        """A row in `results` for each row, in their order. A row that is refused changes nothing."""
        given = BatchInput(data=request.data)
        given.is_valid(raise_exception=True)
        values = given.validated_data
        reader = Reader(self, values["match_on"], values["rows"])
        outcomes = write_batch(
            self.custom_object,
            [reader.read(row) for row in values["rows"]],
            operation=values["operation"],
            match_on=values["match_on"],
            actor=actor_of(request),
        )
        return Response({"results": [_shown(each) for each in outcomes]})


class Reader:
    """Reads each row by the shape of the record; the records that rows point to are asked for at once."""

    def __init__(self, view: TakesBatches, match_on: str, rows: list[dict[str, Any]]) -> None:
        shape: Any = view.list_serializer_class
        self.shape = shape(partial=True, context=view.get_serializer_context(), data={})
        self.match_on = match_on
        self.links = {
            name: _records(each, {str(row[name]) for row in rows if isinstance(row.get(name), str)})
            for name, each in self.shape.fields.items()
            if isinstance(each, VisibleField) and not each.read_only
        }

    def read(self, row: dict[str, Any]) -> Row:
        stated, linked = dict(row), {}
        key = stated.pop("id", None) if self.match_on == "id" else stated.get(self.match_on)
        try:
            for name, known in self.links.items():
                if stated.get(name) in known:
                    linked[str(self.shape.fields[name].source)] = known[stated.pop(name)]
            values = {**self.shape.run_validation(stated), **linked}
            return Row(self._key(key), values)
        except ValidationError as error:
            return Row(None, {}, InvalidInputError(_words(error.detail), code="invalid_input"))

    def _key(self, key: Any) -> Any:
        if self.match_on == "id":
            return serializers.UUIDField().run_validation(key) if key is not None else None
        text = str(key or "").strip()
        if self.match_on == "domain":
            return domain_key(text)
        return text.lower() if self.match_on == "email" else text


def _records(field: VisibleField, keys: set[str]) -> dict[Any, Any]:
    found = []
    for key in keys:
        try:
            found.append(serializers.UUIDField().run_validation(key))
        except ValidationError:
            continue
    by_key = {str(each.pk): each for each in field.get_queryset().filter(pk__in=found)}
    return {key: by_key[key.lower()] for key in keys if key.lower() in by_key}


def _words(detail: Any) -> str:
    if isinstance(detail, dict):
        return "; ".join(f"{name}: {_words(inner)}" for name, inner in detail.items())
    return " ".join(map(str, detail)) if isinstance(detail, list) else str(detail)


def _shown(outcome: Outcome) -> dict[str, Any]:
    problem = outcome.problem
    shown = {"code": problem.code, "detail": problem.message} if problem else None
    return {"result": outcome.result, "id": outcome.id and str(outcome.id), "problem": shown}
