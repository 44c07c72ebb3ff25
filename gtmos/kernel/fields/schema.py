"""All definitions as one picture, kept in memory and read anew when somebody changed one."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from gtmos.kernel.fields.models import CustomField, Relation
from gtmos.kernel.fields.types import TYPES, FieldType
from gtmos.kernel.pictures import Picture, token_now
from gtmos.kernel.rules.conditions import Rule, rule_of
from gtmos.kernel.rules.models import ValidationRule


@dataclass(frozen=True, slots=True)
class Definition:
    """A custom field as everything but its administration needs it."""

    id: UUID
    object_type: str
    key: str
    label: str
    type: FieldType
    options: Mapping[str, Any]
    help_text: str
    in_list: bool

    @property
    def column(self) -> str:
        """How forms, rules, locks and imports call it beside the columns of the table."""
        return f"custom.{self.key}"

    def render(self, value: Any) -> str:
        return "" if value is None else self.type.render(value, self.options)


Fields = Mapping[str, Definition]
NO_FIELDS: Fields = {}


@dataclass(frozen=True, slots=True)
class Schema:
    """By kind of record: the fields by key, the rules that are active; and all relations."""

    token: UUID | None = None
    fields: Mapping[str, Fields] = field(default_factory=dict)
    rules: Mapping[str, tuple[Rule, ...]] = field(default_factory=dict)
    relations: tuple[Relation, ...] = ()

    def of(self, noun: str) -> Fields:
        return self.fields.get(noun, NO_FIELDS)


def schema() -> Schema:
    """The definitions as they are now."""
    return _PICTURE.now()


def fields_of(noun: str) -> Fields:
    return schema().of(noun)


def names_of(fields: Fields) -> dict[str, str]:
    """By key, how people call them."""
    return {key: each.label for key, each in fields.items()}


def definition_of(row: CustomField) -> Definition:
    return Definition(
        row.pk, row.object_type, row.key, row.label, TYPES[row.type], row.options, row.help_text, row.in_list
    )


def _read() -> Schema:
    token = token_now()
    if token is None:
        return Schema()
    fields: dict[str, dict[str, Definition]] = defaultdict(dict)
    for row in CustomField.objects.filter(archived_at__isnull=True, type__in=TYPES):
        fields[row.object_type][row.key] = definition_of(row)
    rules: dict[str, tuple[Rule, ...]] = {}
    for rule in ValidationRule.objects.filter(is_active=True):
        rules[rule.object_type] = (*rules.get(rule.object_type, ()), rule_of(rule))
    relations = tuple(Relation.objects.filter(archived_at__isnull=True))
    return Schema(token, dict(fields), rules, relations)


_PICTURE = Picture(_read)
