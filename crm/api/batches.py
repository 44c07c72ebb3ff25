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


class AnyRow(serializers.DictField):
    """Values by field; which they may be is asked row by row."""

    def run_child_validation(self, data: Any) -> Any:
        return data


class BatchInput(serializers.Serializer[Any]):
    operation = serializers.ChoiceField(choices=OPERATIONS)
    match_on = serializers.ChoiceField(choices=MATCHES, default="id")
    rows = serializers.ListField(
        child=AnyRow(),
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
        """A row in `results` for each row, in their order. A row that is refused changes nothing.

        A row that states `version` is only changed while the record still has it.
        """
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
        self.fields = shape(context=view.get_serializer_context()).fields
        self.match_on = match_on
        self.links = {
            name: _records(each, {row[name] for row in rows if isinstance(row.get(name), str)})
            for name, each in self.fields.items()
            if isinstance(each, VisibleField) and not each.read_only
        }

    def read(self, stated: dict[str, Any]) -> Row:
        row = dict(stated)
        try:
            version = VERSION.run_validation(row.pop("version", None))
            key = self._key(row)
            return Row(key, self._values(row), version)
        except ValidationError as error:
            return Row(None, {}, refused=InvalidInputError(_words(error.detail), code="invalid_input"))

    def _key(self, row: dict[str, Any]) -> Any:
        if self.match_on == "id":
            return KEY.run_validation(row.pop("id", None))
        text = str(row.get(self.match_on) or "").strip()
        if self.match_on == "domain":
            return domain_key(text)
        return text.lower() if self.match_on == "email" else text

    def _values(self, row: dict[str, Any]) -> dict[str, Any]:
        """By column; only what the row states is looked at."""
        values, faults = {}, {}
        for name, given in row.items():
            try:
                source = self._column(name)
                values[source] = self._value(name, given)
            except ValidationError as error:
                faults[name] = error.detail
        if faults:
            raise ValidationError(faults)
        return values

    def _column(self, name: str) -> str:
        field = self.fields.get(name)
        if field is None or field.read_only:
            raise ValidationError("This field cannot be written.")
        return str(field.source)

    def _value(self, name: str, given: Any) -> Any:
        known = self.links.get(name, {})
        if isinstance(given, str) and given in known:
            return known[given]
        return self.fields[name].run_validation(given)


VERSION = serializers.IntegerField(allow_null=True, min_value=1)
KEY = serializers.UUIDField(allow_null=True)


def _records(field: VisibleField, keys: set[str]) -> dict[str, Any]:
    found = {}
    for key in keys:
        try:
            found[key] = serializers.UUIDField().run_validation(key)
        except ValidationError:
            continue
    by_key = {each.pk: each for each in field.get_queryset().filter(pk__in=found.values())} if found else {}
    return {text: by_key[key] for text, key in found.items() if key in by_key}


def _words(detail: Any) -> str:
    if isinstance(detail, dict):
        return "; ".join(f"{name}: {_words(inner)}" for name, inner in detail.items())
    return " ".join(map(str, detail)) if isinstance(detail, list) else str(detail)


def _shown(outcome: Outcome) -> dict[str, Any]:
    problem = outcome.problem
    shown = {"code": problem.code, "detail": problem.message} if problem else None
    return {"result": outcome.result, "id": outcome.id and str(outcome.id), "problem": shown}
