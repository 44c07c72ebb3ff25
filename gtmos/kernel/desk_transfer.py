"""Configuration as one file: what RevOps set in one installation, carried to another and compared before it is saved.

A desk that names what tells its rows apart (`told_apart_by`) takes part. Rows are written by the desk's own verbs, all
in one transaction: one row that is refused and nothing is saved. Nothing is deleted by a file.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
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
    """Those whose rows others name come first."""
    desks = [each for each in admin.site._registry.values() if isinstance(each, Desk) and each.told_apart_by]  # noqa: SLF001 -- the framework has no other list
    return sorted(desks, key=lambda each: (each.file_place, _depth(each.model), each.model._meta.label_lower))


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
    """In a tree, what stands above before what stands below."""
    desk.make_ready()
    rows = list(desk.in_file().order_by(*(desk.file_order or desk.told_apart_by))[:MOST_ROWS])
    above = next((each for each in desk.model._meta.fields if each.related_model is desk.model), None)
    if above is None:
        return rows
    parents = {each.pk: getattr(each, above.attname) for each in rows}
    return sorted(rows, key=lambda each: _height(each.pk, parents))


def _height(key: Any, parents: Mapping[Any, Any]) -> int:
    height = 0
    while key is not None and height <= len(parents):
        key, height = parents.get(key), height + 1
    return height


def _columns(desk: Desk) -> dict[str, models.Field[Any, Any]]:
    named = set(desk.columns or desk.fields or ())
    return {each.name: each for each in desk.model._meta.fields if each.name in named}


def _row(desk: Desk, record: models.Model) -> dict[str, Any]:
    return desk.taken_out(record, {name: _outside(getattr(record, name)) for name in _columns(desk)})


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
    for each in desks.values():
        each.make_ready()
    return Comparison([_written(desks[kind], row, actor) for kind, row in _read(text, set(desks))])


def _read(text: str, known: set[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    try:
        told = json.loads(text)
        kinds = [(str(each["kind"]), list(each["rows"])) for each in told["configuration"]]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
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
            values = _values(desk, row)
            record = _same(desk, values)
            if record is None and type(desk).create is Desk.create:
                raise InvalidInputError("There is no such one here, and none can be added.", code="not_found")
            if record is None:
                desk.create(desk.brought_in(values), actor=actor)
                return Line(kind, name, "new")
            return _changed(desk, record, values, kind, name, actor)
    except DomainError as error:
        return Line(kind, name, "refused", reason=error.message)
    except (TypeError, ValueError, KeyError, AttributeError, RecursionError, ValidationError) as error:
        return Line(kind, name, "refused", reason=f"The row cannot be read: {type(error).__name__}.")


def _values(desk: Desk, row: dict[str, Any]) -> dict[str, Any]:
    """Columns as the model holds them; what only the desk knows stays as it is written."""
    columns = _columns(desk)
    known = {*columns, *desk.columns}
    return {
        name: _inside(columns[name], value) if name in columns else value
        for name, value in row.items()
        if name in known
    }


def _changed(
    desk: Desk, record: models.Model, values: dict[str, Any], kind: str, name: str, actor: Actor
) -> Line:
    present = _row(desk, record)
    changes = {key: each for key, each in values.items() if key in present and present[key] != _outside(each)}
    if not changes:
        return Line(kind, name, "same")
    fixed = [key for key in desk.stays if key in changes]
    if fixed:
        words = fixed[0].replace("_", " ")
        raise InvalidInputError(f"Its {words} stays {in_words(present[fixed[0]])}.", code="stays")
    lines = tuple(
        Difference(label_of(record, key), in_words(present[key]), in_words(_outside(value)))
        for key, value in changes.items()
    )
    desk.change(record, desk.brought_in(changes), actor=actor)
    return Line(kind, name, "changed", lines)


def _same(desk: Desk, values: dict[str, Any]) -> models.Model | None:
    missing = [each for each in desk.told_apart_by if each not in values]
    if missing:
        raise InvalidInputError(f"The row does not say its {missing[0]}.", code="bad_row")
    told = {each: values[each] for each in desk.told_apart_by}
    found: models.Model | None = desk.in_file().filter(**told).first()
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
        is_whole = names and len(names) == len(parts)
        found = _told(model, dict(zip(names, parts, strict=True))) if is_whole else None
    if found is None:
        raise InvalidInputError(
            f"{label_of(column.model(), column.name)}: there is no {in_words(value)} here.", code="not_found"
        )
    return found


def _told(model: type[models.Model], parts: dict[str, Any]) -> models.Model | None:
    keys = {key: _inside(model._meta.get_field(key), part) for key, part in parts.items()}
    return model._default_manager.filter(**keys).first()


def _plain_value(column: models.Field[Any, Any], value: Any) -> Any:
    if value is None and not column.null:
        return column.get_default()
    try:
        read = column.to_python(value)
    except (ValidationError, TypeError, ValueError) as error:
        raise InvalidInputError(
            f"{column.verbose_name}: {value!r} cannot be read.", code="bad_value"
        ) from error
    try:
        column.run_validators(read)  # lengths and bounds: the database would refuse them without words
    except ValidationError as error:
        raise InvalidInputError(
            f"{label_of(column.model(), column.name)}: {' '.join(error.messages)}", code="bad_value"
        ) from error
    return read
