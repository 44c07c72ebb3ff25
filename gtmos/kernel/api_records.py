"""The usual address of a kind of record: list, read, create, change, delete, all through its selectors and services."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import DateTimeField, Model, QuerySet
from rest_framework import serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.validators import UniqueValidator
from rest_framework.viewsets import GenericViewSet

from gtmos.kernel.actors import Actor
from gtmos.kernel.api import actor_of, require_match
from gtmos.kernel.api_moments import MomentField
from gtmos.kernel.api_queries import Filter, a_flag, a_moment, comparisons, only_columns, orders
from gtmos.kernel.fields.columns import PREFIX, filtered, open_fields
from gtmos.kernel.masking import has_rules, hidden_on
from gtmos.kernel.rights import hidden_fields

UUID_PATTERN = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
RESERVED = frozenset({"cursor", "limit", "fields", "q", "ordering"})
__all__ = ["Filter", "a_flag", "a_moment"]
Visible = Callable[..., QuerySet[Any]]


class VisibleField(serializers.PrimaryKeyRelatedField[Any]):
    """The key of another record; one that the caller may not see does not exist."""

    default_error_messages = {
        "does_not_exist": "There is no such record, or you may not see it.",
        "incorrect_type": "Write the id of a record.",
    }

    def __init__(self, *, records: Visible | None = None, **kwargs: Any) -> None:
        self.records = records
        if records is not None:
            kwargs.setdefault("required", False)
            kwargs.setdefault("allow_null", True)
            kwargs["pk_field"] = serializers.UUIDField()
        super().__init__(**kwargs)

    def get_queryset(self) -> QuerySet[Any]:
        assert self.records is not None
        return self.records(actor=actor_of(self.context["request"]))


def link(source: str, records: Visible, **kwargs: Any) -> VisibleField:
    """The column `source` by key: `company_id` for the company. May be left out, may be null."""
    return VisibleField(source=source, records=records, **kwargs)


_BUILT: dict[tuple[type, str], tuple[Any, dict[str, Any]]] = {}


class RecordSerializer(serializers.ModelSerializer[Any]):
    """Types and lengths are checked here; whether a value may stand there is for the service to say."""

    serializer_field_mapping = {
        **serializers.ModelSerializer.serializer_field_mapping,
        DateTimeField: MomentField,
    }

    def get_validators(self) -> list[Any]:
        return []

    def get_uniqueness_extra_kwargs(
        self, field_names: Any, declared_fields: Any, extra_kwargs: Any
    ) -> tuple[Any, dict[str, Any]]:
        del field_names, declared_fields
        return extra_kwargs, {}

    def build_field(self, field_name: str, info: Any, model_class: Any, nested_depth: int) -> Any:
        """What a column asks for is worked out once for each shape; whoever takes it may change their copy."""
        known = (type(self), field_name)
        if known not in _BUILT:
            _BUILT[known] = super().build_field(field_name, info, model_class, nested_depth)
        kind, kwargs = _BUILT[known]
        return kind, dict(kwargs)

    def build_standard_field(self, field_name: str, model_field: Any) -> tuple[Any, dict[str, Any]]:
        kind, kwargs = super().build_standard_field(field_name, model_field)
        validators = kwargs.pop("validators", [])
        kept = [each for each in validators if not isinstance(each, UniqueValidator)]
        return kind, {**kwargs, **({"validators": kept} if kept else {})}

    def to_internal_value(self, data: Any) -> Any:
        """A misspelt or read-only field is refused, not ignored."""
        if isinstance(data, Mapping):
            writable = {name for name, field in self.fields.items() if not field.read_only}
            unknown = sorted(str(name) for name in data if name not in writable)
            if unknown:
                raise ValidationError({name: ["This field cannot be written."] for name in unknown})
        return super().to_internal_value(data)

    # Answers that are made of columns: `revenue` of its amount and currency. Hidden with any of them.
    made_of: ClassVar[dict[str, tuple[str, ...]]] = {}

    def to_representation(self, instance: Any) -> Any:
        """What the caller's role hides is not in the answer at all."""
        shown = super().to_representation(instance)
        hidden = hidden_on(instance)
        if not hidden:
            return shown
        return {name: value for name, value in shown.items() if not hidden & self._columns(name)}

    def _columns(self, name: str) -> set[str]:
        return {name, str(self.fields[name].source).partition(".")[0], *self.made_of.get(name, ())}


def by_key(lookup: str) -> Filter:
    return Filter(lookup, UUID, "The id of a record.")


def one_of(lookup: str, values: Iterable[str]) -> Filter:
    """A closed set: what is none of its values is refused, instead of finding nothing."""
    known = tuple(values)

    def read(text: str) -> str:
        if text not in known:
            raise ValueError
        return text

    return Filter(lookup, read, f"One of {', '.join(known)}.")


SINCE = Filter("updated_at__gte", a_moment, "Changed at or after this moment, with its time zone.")


class RecordView(GenericViewSet[Any]):
    """An app says which rows, which shape and which verbs; nothing is written here."""

    lookup_value_regex = UUID_PATTERN
    queryset: Any = None
    filters: ClassVar[dict[str, Filter]] = {}
    searches: ClassVar[bool] = False
    custom_object: ClassVar[str] = ""
    compares: ClassVar[bool] = False
    reads_beside: ClassVar[bool] = True  # whether `records` reads more than the columns of the table
    list_serializer_class: ClassVar[type[serializers.BaseSerializer[Any]] | None] = None

    def records(self, text: str, *, actor: Actor) -> QuerySet[Any]:
        """The rows this actor may see, of those that match the text."""
        raise NotImplementedError

    def get_queryset(self) -> QuerySet[Any]:
        return self.records("", actor=actor_of(self.request))

    def get_serializer_class(self) -> type[serializers.BaseSerializer[Any]]:
        shape = self.list_serializer_class if self.action == "list" else None
        return shape or super().get_serializer_class()

    def list(self, request: Request) -> Response:
        given = request.query_params
        records = self.records(given.get("q", ""), actor=actor_of(request))
        filters, order = self._open_filters(), self._order()
        usual = {name: str(text) for name, text in given.items() if not self._is_custom(name)}
        found = narrowed(records, usual, filters=filters, searches=self.searches, orders=self.compares)
        if self.custom_object:
            found = filtered(found, given.dict(), open_fields(self.custom_object, actor=actor_of(request)))
        page = self.paginate_queryset(self.sparse(found, order))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def _is_custom(self, name: str) -> bool:
        """Parameters that the definitions of custom fields read."""
        return bool(self.custom_object) and (name == "sort" or name.startswith(PREFIX))

    @classmethod
    def shown(cls) -> tuple[Any, tuple[str, ...]]:
        """The model of a list and the names it shows; its columns can be compared and give an order."""
        meta = getattr(cls.list_serializer_class or cls.serializer_class, "Meta", None)
        return getattr(meta, "model", None), tuple(getattr(meta, "fields", ()))

    @classmethod
    def all_filters(cls) -> dict[str, Filter]:
        """Those the app names, and what its columns allow by themselves."""
        return {**(comparisons(*cls.shown()) if cls.compares else {}), **cls.filters}

    @classmethod
    def all_orders(cls) -> tuple[str, ...]:
        return orders(*cls.shown()) if cls.compares else ()

    def _hidden(self) -> frozenset[str]:
        model = self.shown()[0]
        return frozenset(hidden_fields(model, actor=actor_of(self.request)) if model else ())

    def _open_filters(self) -> dict[str, Filter]:
        """Who may not see a field cannot ask which records have which value in it."""
        hidden = self._hidden()
        return {
            name: each
            for name, each in self.all_filters().items()
            if not {name.partition("__")[0], *_columns_of(each.lookup)} & hidden
        }

    def _order(self) -> str:
        """Nor learn it from the order in which they come."""
        order = self.request.query_params.get("ordering", "") if self.compares else ""
        name = order.removeprefix("-")
        if order and (name not in self.all_orders() or name in self._hidden()):
            raise ValidationError({"ordering": ["This gives no order here."]}, code="bad_ordering")
        return order

    def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
        """With `?fields=` nothing else is worked out."""
        serializer = super().get_serializer(*args, **kwargs)
        wanted = set(self._wanted())
        fields = getattr(getattr(serializer, "child", serializer), "fields", {})
        if wanted and wanted <= set(fields):
            for name in set(fields) - wanted:
                fields.pop(name)
        return serializer

    def _wanted(self) -> tuple[str, ...]:
        request: Request | None = getattr(self, "request", None)
        given = request.query_params.get("fields", "") if request and request.method == "GET" else ""
        return tuple(name for name in given.split(",") if name)

    def sparse(self, records: QuerySet[Any], order: str) -> QuerySet[Any]:
        """Fewer columns are read where only columns were asked for and no rule has to look at the rest."""
        wanted = self._wanted() if self.compares else ()
        fields = self.get_serializer().fields if wanted else {}
        if not wanted or set(wanted) - set(fields) or has_rules(records):
            return records
        keep = {order.removeprefix("-"), getattr(self.pagination_class, "moment", "")} - {"", "id"}
        return only_columns(records, [fields[name].source for name in wanted], keep)

    def retrieve(self, request: Request, pk: str) -> Response:
        del request, pk
        return self.answer(self.get_object())

    def answer(self, record: Any, *, status_code: int = status.HTTP_200_OK, shape: Any = None) -> Response:
        """In the shape in which the body was read, where the caller has that in hand."""
        headers = {"ETag": record.etag} if hasattr(record, "etag") else {}
        if status_code == status.HTTP_201_CREATED:
            headers["Location"] = f"{self.request.path}{record.pk}/"
        if shape is None:
            shape = self.get_serializer(record)
        shape.instance = record
        return Response(shape.data, status=status_code, headers=headers)

    def made(self, record: Model) -> Any:
        """A record that was just made, as the caller may see it."""
        if self.reads_beside or has_rules(self.get_queryset()):
            record = self.again(record)
        record.__dict__["is_new"] = True  # nothing points to it yet
        return record

    def again(self, record: Model) -> Any:
        """The row as the caller may see it now, with what the list reads beside it."""
        return self.get_queryset().filter(pk=record.pk).first() or record

    def given(self, record: Model | None = None) -> dict[str, Any]:
        return dict(self.read_body(record).validated_data)

    def read_body(self, record: Model | None = None) -> Any:
        shape = self.get_serializer(record, data=self.request.data, partial=record is not None)
        shape.is_valid(raise_exception=True)
        return shape


def _columns_of(lookup: str) -> set[str]:
    """`email_key` stands for `email`, `company_id` for `company`."""
    column = lookup.partition("__")[0]
    return {column, column.removesuffix("_id"), column.removesuffix("_key")}


def narrowed(
    records: QuerySet[Any],
    given: Mapping[str, str],
    *,
    filters: Mapping[str, Filter],
    searches: bool = False,
    orders: bool = False,
) -> QuerySet[Any]:
    """Only the rows that fit the query's parameters; one that is misspelt is refused, not ignored."""
    known = RESERVED - (set() if searches else {"q"}) - (set() if orders else {"ordering"})
    unknown = sorted(set(given) - set(filters) - known)
    if unknown:
        words = ["There is no such parameter here."]
        raise ValidationError(dict.fromkeys(unknown, words), code="unknown_parameter")
    for name, each in filters.items():
        if name in given:
            records = records.filter(**{each.lookup: _read(name, each, given[name])})
    return records


def _read(name: str, each: Filter, text: str) -> Any:
    try:
        return each.read(text)
    except (ValueError, KeyError) as error:
        words = " ".join(filter(None, [f"{text[:60]!r} cannot be used here.", each.says]))
        raise ValidationError({name: [words]}, code="bad_parameter") from error


class Creates(RecordView):
    """POST, for kinds of records that have a verb to make one."""

    def create_record(self, values: dict[str, Any], *, actor: Actor) -> Model:
        raise NotImplementedError

    def create(self, request: Request) -> Response:
        shape = self.read_body()
        record = self.made(self.create_record(dict(shape.validated_data), actor=actor_of(request)))
        return self.answer(record, status_code=status.HTTP_201_CREATED, shape=shape)


class Changes(RecordView):
    """PATCH with the version that was read."""

    def update_record(self, record: Any, values: dict[str, Any], *, actor: Actor) -> Model:
        raise NotImplementedError

    def partial_update(self, request: Request, pk: str) -> Response:
        del pk
        record = self.get_object()
        require_match(request, record.etag)
        changed = self.update_record(record, self.given(record), actor=actor_of(request))
        return self.answer(self.again(changed))


class Deletes(RecordView):
    """DELETE with the version that was read."""

    def delete_record(self, record: Any, *, actor: Actor) -> None:
        raise NotImplementedError

    def destroy(self, request: Request, pk: str) -> Response:
        del pk
        record = self.get_object()
        require_match(request, record.etag)
        self.delete_record(record, actor=actor_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)
