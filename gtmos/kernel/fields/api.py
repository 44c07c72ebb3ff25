"""Custom fields for programs: which there are, which values are kept as they are, and who is tied to whom."""

from typing import Any, ClassVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.viewsets import GenericViewSet

from gtmos.kernel.actors import Actor
from gtmos.kernel.api import actor_of
from gtmos.kernel.api_records import Filter, RecordView
from gtmos.kernel.fields.columns import open_fields
from gtmos.kernel.fields.objects import object_of, objects
from gtmos.kernel.fields.relations import ends_of, ties_of
from gtmos.kernel.fields.schema import Definition
from gtmos.kernel.fields.services.locks import lock_fields, locks_of, unlock_fields
from gtmos.kernel.fields.services.relations import link, unlink
from gtmos.kernel.rights import hidden_fields


class FieldShape(serializers.Serializer[Any]):
    """One custom field. `schema` is the JSON schema of its values, as they stand in `custom` under `key`."""

    object = serializers.CharField()
    key = serializers.CharField()
    label: Any = serializers.CharField()
    type = serializers.CharField()
    help_text: Any = serializers.CharField()
    choices = serializers.ListField(child=serializers.CharField())
    in_list = serializers.BooleanField()
    schema = serializers.DictField()


@extend_schema_serializer(many=False)
class FieldShapes(serializers.Serializer[Any]):
    results = FieldShape(many=True)


class FieldView(GenericViewSet[Any]):
    """The fields that RevOps added."""

    serializer_class = FieldShapes
    queryset: Any = None
    pagination_class = None
    filters: ClassVar[dict[str, Filter]] = {"object": Filter("object", says="company, contact or deal.")}

    @extend_schema(responses=FieldShapes)
    def list(self, request: Request) -> Response:
        """Of one kind of record, or of all. What the role hides is not told."""
        noun = request.query_params.get("object", "")
        nouns = [object_of(noun).noun] if noun else list(objects())
        found = [described(each) for name in nouns for each in _open(name, actor_of(request))]
        return Response({"results": found})


def _open(noun: str, actor: Actor) -> list[Definition]:
    return list(open_fields(noun, actor=actor).values())


def described(each: Definition) -> dict[str, Any]:
    return {
        "object": each.object_type,
        "key": each.key,
        "label": each.label,
        "type": each.type.key,
        "help_text": each.help_text,
        "choices": list(each.options.get("choices", ())),
        "in_list": each.in_list,
        "schema": each.type.schema(each.options),
    }


class NamesShape(serializers.Serializer[Any]):
    """Columns of the record, and custom fields as `custom.KEY`."""

    fields: Any = serializers.ListField(
        child=serializers.CharField(max_length=80), min_length=1, max_length=50
    )


class TieShape(serializers.Serializer[Any]):
    relation = serializers.CharField()
    label: Any = serializers.CharField()
    noun = serializers.CharField()
    key = serializers.UUIDField()
    name = serializers.CharField()
    url = serializers.CharField()


@extend_schema_serializer(many=False)
class Ties(serializers.Serializer[Any]):
    results = TieShape(many=True)


class TyingShape(serializers.Serializer[Any]):
    """`is_reverse`: this record is the second end of the relation."""

    relation = serializers.CharField(max_length=40)
    other_id = serializers.UUIDField()
    is_reverse = serializers.BooleanField(default=False)


LOCKS = {200: OpenApiTypes.OBJECT}


class WithFields(RecordView):
    """Adds what stands around the values of a record: locks, and ties to other records."""

    @extend_schema(responses=LOCKS, filters=False)
    @action(detail=True, methods=["get"], filters={}, searches=False)
    def locks(self, request: Request, pk: str) -> Response:
        """By field, who keeps its value from imports, enrichment and agents, and since when."""
        del pk
        return Response(self._locks(request))

    @extend_schema(request=NamesShape, responses=LOCKS)
    @action(detail=True, methods=["post"])
    def lock(self, request: Request, pk: str) -> Response:
        """From now on only people change these values, on a page."""
        del pk
        lock_fields(self.get_object(), self._names(request), actor=actor_of(request))
        return Response(self._locks(request))

    @extend_schema(request=NamesShape, responses=LOCKS)
    @action(detail=True, methods=["post"])
    def unlock(self, request: Request, pk: str) -> Response:
        del pk
        unlock_fields(self.get_object(), self._names(request), actor=actor_of(request))
        return Response(self._locks(request))

    @extend_schema(responses=Ties, filters=False)
    @action(detail=True, methods=["get"], filters={}, searches=False)
    def relations(self, request: Request, pk: str) -> Response:
        """The records tied to this one, of those the caller may see."""
        del pk
        return self._ties(request)

    @extend_schema(request=TyingShape, responses=Ties)
    @action(detail=True, methods=["post"])
    def link(self, request: Request, pk: str) -> Response:
        """Tie this record to another by a relation that RevOps defined."""
        del pk
        link(*self._ends(request), actor=actor_of(request))
        return self._ties(request)

    @extend_schema(request=TyingShape, responses=Ties)
    @action(detail=True, methods=["post"])
    def unlink(self, request: Request, pk: str) -> Response:
        del pk
        unlink(*self._ends(request), actor=actor_of(request))
        return self._ties(request)

    def _names(self, request: Request) -> list[str]:
        given = NamesShape(data=request.data)
        given.is_valid(raise_exception=True)
        return list(given.validated_data["fields"])

    def _locks(self, request: Request) -> dict[str, Any]:
        record = self.get_object()
        hidden = hidden_fields(type(record), actor=actor_of(request))
        return {name: who for name, who in locks_of(record).items() if name.partition(".")[0] not in hidden}

    def _ends(self, request: Request) -> tuple[Any, Any, Any]:
        given = TyingShape(data=request.data)
        given.is_valid(raise_exception=True)
        said = given.validated_data
        return ends_of(
            said["relation"],
            self.get_object(),
            said["other_id"],
            is_reverse=said["is_reverse"],
            actor=actor_of(request),
        )

    def _ties(self, request: Request) -> Response:
        found = ties_of(self.get_object(), actor=actor_of(request))
        return Response({"results": TieShape(found, many=True).data})


router = SimpleRouter()
router.register("fields", FieldView, basename="field")
