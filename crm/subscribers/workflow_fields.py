"""The action of a workflow that sets a field of the record that the event is about."""

from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from crm.services.restoring import UPDATES
from crm.subscribers.workflows import MODELS
from gtmos.kernel.exceptions import InvalidInputError
from gtmos.kernel.fields.kinds import Field
from gtmos.kernel.fields.objects import names_of, object_of
from gtmos.kernel.fields.schema import fields_of
from gtmos.kernel.people.models import User
from gtmos.kernel.workflows.actions import FIELD, TEXT, Call, Outcome, Param, action, named_in

# What only its own verb changes, and links that a text cannot name.
NOT_SET = frozenset(
    {
        "customer_state",
        "deal_state",
        "deal_policy_state",
        "parent",
        "company",
        "contact",
        "product",
        "next_step_owner",
    }
)


def _says(call: Call) -> str:
    noun, _, column = str(call.values["field"]).partition(".")
    return f"Sets {_label(noun, column)} of {call.needed(noun)} to “{call.text('value')}”."


def _label(noun: str, column: str) -> str:
    head, _, key = column.partition(".")
    known = fields_of(noun).get(key) if head == "custom" else None
    return known.label if known else column.removeprefix(f"{noun}_").replace("_", " ")


def _fault(values: Mapping[str, Any], fields: Mapping[str, Field]) -> str:
    del fields
    noun, _, column = str(values["field"]).partition(".")
    if noun not in MODELS or not _is_settable(noun, column):
        return f"{values['field']} cannot be set by a workflow."
    if named_in(str(values.get("value", ""))):
        return ""  # what it will be is known only then
    try:
        _read(noun, column, str(values.get("value", "")))
    except InvalidInputError as error:
        return error.message
    return ""


def _is_settable(noun: str, column: str) -> bool:
    head, _, key = column.partition(".")
    if head == "custom":
        return key in fields_of(noun)
    return column in {*object_of(noun).columns, "owner"} - NOT_SET


def _read(noun: str, column: str, text: str) -> Any:
    """The text as the column takes it; an empty one empties it."""
    if column.startswith("custom."):
        return text or None
    if column in BY_KEY:
        return BY_KEY[column](text)
    field = MODELS[noun]._meta.get_field(column)
    assert isinstance(field, models.Field)
    if not text:
        return None if field.null else field.get_default()
    value = [each.strip() for each in text.split(",")] if isinstance(field, models.JSONField) else text
    try:
        return field.clean(value, None)
    except ValidationError as error:
        raise InvalidInputError(
            f"{_label(noun, column)}: {' '.join(error.messages)}", code="bad_value"
        ) from error


def _stage(text: str) -> str | None:
    """By its key or its name; which one of that name it is, the pipeline of the deal says."""
    known = names_of("deal", "stage")
    said = {words.casefold() for key, name in known.items() for words in (key, name, *name.split(" / "))}
    if text and text.strip().casefold() not in said:
        raise InvalidInputError(f"There is no stage {text}. There are: {', '.join(known)}.", code="bad_value")
    return text or None


def _person(text: str) -> User | None:
    if not text:
        return None
    found = User.objects.filter(email__iexact=text, is_active=True).first()
    if found is None:
        raise InvalidInputError(f"Nobody here has the address {text}.", code="bad_value")
    return found


BY_KEY: Mapping[str, Callable[[str], Any]] = {"stage": _stage, "owner": _person}


@action(
    "set_field",
    label="Set a field",
    icon="pencil",
    words="Set {field} to “{value}”",
    dry=_says,
    needs=tuple(MODELS),
    fault=_fault,
    params=(
        Param("field", "Field", FIELD, "Of the deal, the person or the company.", is_required=True),
        Param(
            "value",
            "To",
            TEXT,
            "Owners by their mail address. {names} of values work here where nothing is to be chosen. Empty empties it.",
            value_of="field",
        ),
    ),
)
def set_field(call: Call) -> Outcome:
    noun, _, column = str(call.values["field"]).partition(".")
    record, said = call.needed(noun), _says(call)
    value = _read(noun, column, call.text("value"))
    head, _, key = column.partition(".")
    changes = {"custom": {key: value}} if head == "custom" else {column: value}
    changed = UPDATES[type(record)](record, changes=changes, actor=call.actor)
    return Outcome(said, made=changed)
