"""Which rows are about a person."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db.models import Func, Model, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast

from gtmos.kernel.privacy.holdings import Holding, Person, emptied, holdings

Found = list[tuple[Holding, list[Any]]]


def rows_of(person: Person) -> Found:
    """Keys of rows, table by table; on the way the person's `keys` are filled."""
    person.keys.add(person.key)
    found: Found = []
    seen: dict[str, set[Any]] = {}
    for holding in holdings():
        known = seen.setdefault(holding.name, set())
        keys = [
            key
            for key in _rows(holding, person).order_by("pk").values_list("pk", flat=True)
            if key not in known
        ]
        known.update(keys)
        if holding.of is not None and not holding.follows:
            person.keys.update(key for key in keys if isinstance(key, UUID))
        if keys:
            found.append((holding, keys))
    return found


def _rows(holding: Holding, person: Person) -> QuerySet[Any]:
    rows: QuerySet[Any] = holding.model._default_manager.all()
    if holding.of is not None:
        return rows.filter(holding.of(person))
    if not emptied(holding):
        return rows.none()
    return speaking(rows, [column.name for column in emptied(holding)], {*person.words, str(person.key)})


def speaking(rows: QuerySet[Any], columns: list[str], words: Collection[str]) -> QuerySet[Any]:
    """Rows with one of the words in one of the columns, in any case."""
    said = Func(Value(" "), *(_text(rows.model, name) for name in columns), function="concat_ws")
    wanted = Q(pk__in=[])
    for word in sorted(words):
        wanted |= Q(said__icontains=word)
    found: QuerySet[Any] = rows.annotate(said=Cast(said, TextField())).filter(wanted)
    return found


def _text(model: type[Model], name: str) -> Any:
    if model._meta.get_field(name).get_internal_type() == "BinaryField":
        return Func(name, Value("escape"), function="encode", output_field=TextField())
    return Cast(name, TextField())
