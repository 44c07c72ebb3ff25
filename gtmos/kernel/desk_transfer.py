"""Configuration as one file: what RevOps set in one installation, carried to another and compared before it is saved.

A desk that names what tells its rows apart (`told_apart_by`) takes part. Rows are written by the desk's own verbs, all
in one transaction: one row that is refused and nothing is saved. Nothing is deleted by a file.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import models, transaction

from gtmos.kernel.actors import Actor
from gtmos.kernel.desk import Desk
from gtmos.kernel.desk_versions import Difference, in_words, label_of
from gtmos.kernel.events.publishing import plain
from gtmos.kernel.exceptions import DomainError, InvalidInputError
from gtmos.kernel.people.models import User

FORMAT = 1
MOST_ROWS = 5_000


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the file: `outcome` is new, changed, same or refused."""

    kind: str
    name: str
    outcome: str
    differences: tuple[Difference, ...] = ()
    reason: str = ""


@dataclass(slots=True)
class Comparison:
    lines: list[Line] = field(default_factory=list)

    def count(self, outcome: str) -> int:
        return sum(each.outcome == outcome for each in self.lines)

    @property
    def is_refused(self) -> bool:
        return self.count("refused") > 0


def taking_part() -> list[Desk]:
    """Those whose rows others point to come first."""
    desks = [each for each in admin.site._registry.values() if isinstance(each, Desk) and each.told_apart_by]  # noqa: SLF001 -- the framework has no other list
    return sorted(desks, key=lambda each: (_depth(each.model), each.model._meta.label_lower))


def _depth(model: type[models.Model]) -> int:
    above = [
        each.related_model
        for each in model._meta.fields
        if isinstance(each, models.ForeignKey) and each.name in _told_apart_by(model)
    ]
    return max((1 + _depth(each) for each in above), default=0)


def _told_apart_by(model: type[models.Model]) -> tuple[str, ...]:
    desk = admin.site._registry.get(model)  # noqa: SLF001 -- as above
    return desk.told_apart_by if isinstance(desk, Desk) else ()


def packed() -> str:
    """Every row of every desk that takes part, as JSON."""
    kinds = [
        {"kind": desk.model._meta.label_lower, "rows": [_row(desk, each) for each in _rows(desk)]}
        for desk in taking_part()
    ]
    return json.dumps({"format": FORMAT, "configuration": kinds}, indent=1, ensure_ascii=False)


def _rows(desk: Desk) -> Iterable[models.Model]:
    rows: Iterable[models.Model] = desk.model._default_manager.order_by(*desk.told_apart_by)[:MOST_ROWS]
    return rows


def _columns(desk: Desk) -> list[models.Field[Any, Any]]:
    named = set(desk.fields or ())
    return [each for each in desk.model._meta.fields if each.name in named]


def _row(desk: Desk, record: models.Model) -> dict[str, Any]:
    return {each.name: _outside(getattr(record, each.name)) for each in _columns(desk)}


def _outside(value: Any) -> Any:
    """Another row by what tells it apart, a person by their address."""
    if isinstance(value, User):
        return value.email
    if isinstance(value, models.Model):
        return [_outside(getattr(value, name)) for name in _told_apart_by(type(value))]
    return plain(value)


def look(text: str, *, actor: Actor) -> Comparison:
    """What `apply` would do, done and taken back."""
    with transaction.atomic():
        found = _write(text, actor)
        transaction.set_rollback(True)
    return found


@transaction.atomic
def apply(text: str, *, actor: Actor) -> Comparison:
    """All of it, or a refusal that names the first row that cannot be."""
    done = _write(text, actor)
    refused = [each for each in done.lines if each.outcome == "refused"]
    if refused:
        first = refused[0]
        raise DomainError(f"{first.kind} {first.name}: {first.reason} Nothing was saved.", code="refused")
    return done


def _write(text: str, actor: Actor) -> Comparison:
    desks = {each.model._meta.label_lower: each for each in taking_part()}
    return Comparison([_written(desks[kind], row, actor) for kind, row in _read(text, set(desks))])


def _read(text: str, known: set[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    try:
        told = json.loads(text)
        kinds = [(str(each["kind"]), list(each["rows"])) for each in told["configuration"]]
    except (ValueError, TypeError, KeyError) as error:
        raise InvalidInputError("This is no file of a configuration.", code="bad_file") from error
    if told.get("format") != FORMAT:
        raise InvalidInputError("The file is of another version of the product.", code="other_format")
    strange = [kind for kind, _ in kinds if kind not in known]
    if strange:
        raise InvalidInputError(f"There is no configuration called {strange[0]}.", code="unknown_kind")
    if sum(len(rows) for _, rows in kinds) > MOST_ROWS:
        raise InvalidInputError(f"A file has at most {MOST_ROWS} rows.", code="too_many")
    for kind, rows in kinds:
        for row in rows:
            if not isinstance(row, dict):
                raise InvalidInputError(f"A row of {kind} is not an object.", code="bad_file")
            yield kind, row


def _written(desk: Desk, row: dict[str, Any], actor: Actor) -> Line:
    kind = str(desk.model._meta.verbose_name)
    name = in_words([row.get(each) for each in desk.told_apart_by])
    try:
        with transaction.atomic():
            values = {each.name: _inside(each, row[each.name]) for each in _columns(desk) if each.name in row}
            record = _same(desk, values)
            if record is None:
                desk.create(values, actor=actor)
                return Line(kind, name, "new")
            return _changed(desk, record, values, kind, name, actor)
    except DomainError as error:
        return Line(kind, name, "refused", reason=error.message)


def _changed(
    desk: Desk, record: models.Model, values: dict[str, Any], kind: str, name: str, actor: Actor
) -> Line:
    changes = {key: value for key, value in values.items() if plain(getattr(record, key)) != plain(value)}
    if not changes:
        return Line(kind, name, "same")
    lines = tuple(
        Difference(label_of(record, key), in_words(plain(getattr(record, key))), in_words(plain(value)))
        for key, value in changes.items()
    )
    desk.change(record, changes, actor=actor)
    return Line(kind, name, "changed", lines)


def _same(desk: Desk, values: dict[str, Any]) -> models.Model | None:
    missing = [each for each in desk.told_apart_by if each not in values]
    if missing:
        raise InvalidInputError(f"The row does not say its {missing[0]}.", code="bad_row")
    told = {each: values[each] for each in desk.told_apart_by}
    found: models.Model | None = desk.model._default_manager.filter(**told).first()
    return found


def _inside(column: Any, value: Any) -> Any:
    """A value of the file as the model holds it."""
    if not isinstance(column, models.ForeignKey):
        return _plain_value(column, value)
    if value is None:
        return None
    model: type[models.Model] = column.related_model
    if model is User:
        found: models.Model | None = User.objects.filter(email__iexact=str(value)).first()
    else:
        names = _told_apart_by(model)
        parts = value if isinstance(value, list) else [value]
        keys = {
            key: _inside(model._meta.get_field(key), part) for key, part in zip(names, parts, strict=False)
        }
        found = model._default_manager.filter(**keys).first() if names else None
    if found is None:
        raise InvalidInputError(
            f"{label_of(column.model(), column.name)}: there is no {in_words(value)} here.", code="not_found"
        )
    return found


def _plain_value(column: models.Field[Any, Any], value: Any) -> Any:
    try:
        return column.get_default() if value is None and not column.null else column.to_python(value)
    except (ValidationError, TypeError, ValueError) as error:
        raise InvalidInputError(
            f"{column.verbose_name}: {value!r} cannot be read.", code="bad_value"
        ) from error
