"""A value as somebody typed or chose it in a list, as the verbs take it."""

import datetime as dt
from typing import Any

from django.utils import timezone

from gtmos.kernel import clock
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import InvalidInputError
from gtmos.kernel.fields.types import BadValueError
from gtmos.kernel.fields.types.number import read_number
from gtmos.kernel.lists.conditions import ME, NOBODY
from gtmos.kernel.lists.dates import day_of
from gtmos.kernel.lists.fields import ListField
from gtmos.kernel.people.selectors import get_user

OPERATIONS = ("set", "add", "remove")


def changes_from(field: ListField, text: str, *, actor: Actor) -> dict[str, Any]:
    """The change of one field; an empty text takes its value away."""
    if field.definition is not None:
        return {"custom": {field.definition.key: text.strip() or None}}
    if not field.is_edited:
        raise InvalidInputError(f"{field.label} is not changed in a list.", code="not_editable")
    return {field.key: _value(field, text.strip(), actor)}


def _value(field: ListField, text: str, actor: Actor) -> Any:
    if field.kind == "words":
        return words_in(text)
    if field.kind == "person":
        return _person(text, actor)
    if field.kind == "number":
        return _number(field, text)
    if field.kind in {"date", "moment"}:
        return _day(field, text)
    if field.kind == "choice" and text and text not in {key for key, _ in field.choices_for(actor)}:
        raise InvalidInputError(f"{field.label}: “{text[:40]}” is no choice.", code="invalid_value")
    return text


def text_of(record: Any, field: ListField) -> str:
    """The value as it would be typed or chosen."""
    if field.definition is not None:
        value = record.custom.get(field.definition.key)
        return "" if value is None else field.definition.type.write(value, field.definition.options)
    if field.key == "stage":
        return str(record.stage.key)
    value = getattr(record, field.key)
    if value is None:
        return ""
    if field.kind == "person":
        return str(value.email)
    if field.kind == "words":
        return ", ".join(value)
    return f"{timezone.localtime(value):%Y-%m-%dT%H:%M}" if field.kind == "moment" else str(value)


def words_in(text: str) -> list[str]:
    """One word for each semicolon or comma, each once."""
    parts = (part.strip() for part in text.replace(";", ",").split(","))
    return list(dict.fromkeys(part for part in parts if part))


def _person(text: str, actor: Actor) -> Any:
    if text in {"", NOBODY}:
        return None
    return actor.user if text == ME else get_user(text, actor=actor)


def _number(field: ListField, text: str) -> Any:
    if not text:
        return None
    try:
        number = read_number(text)
    except BadValueError as error:
        raise InvalidInputError(f"{field.label}: {error}", code="invalid_value") from error
    if field.is_whole and number != int(number):
        raise InvalidInputError(f"{field.label}: Write a whole number.", code="invalid_value")
    return int(number) if field.is_whole else number


def _day(field: ListField, text: str) -> Any:
    if not text:
        return None
    day = day_of(text[:10], today=clock.today())
    if field.kind == "date":
        return day
    try:
        at = dt.time.fromisoformat(text[11:16]) if len(text) > 15 else dt.time(9)
    except ValueError as error:
        raise InvalidInputError(
            f"{field.label}: Write the time as 2026-05-31T14:30.", code="invalid_value"
        ) from error
    return dt.datetime.combine(day, at, tzinfo=timezone.get_current_timezone())
