"""What RevOps does with validation rules: write, try on the records that are there, switch on and off."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from gtmos.kernel import history
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import InvalidInputError
from gtmos.kernel.fields.kinds import fields_by_column
from gtmos.kernel.fields.objects import object_of
from gtmos.kernel.fields.schema import fields_of
from gtmos.kernel.fields.services.changed import definitions_changed
from gtmos.kernel.permissions import require
from gtmos.kernel.records import save_changes
from gtmos.kernel.rules.checking import ranks_of, values_of
from gtmos.kernel.rules.comparing import typed_fault
from gtmos.kernel.rules.conditions import condition_of, rule_of
from gtmos.kernel.rules.models import ValidationRule
from gtmos.kernel.rules.services.switching import switch

DEFINED = ("name", "conditions", "requirement", "sentence")
EXAMPLES = 5
AT_ONCE = 500


@dataclass(slots=True)
class Trial:
    """How many records there are, how many would be refused, and the first of those."""

    count: int = 0
    broken: int = 0
    examples: list[str] = field(default_factory=list)

    @property
    def sentence(self) -> str:
        if not self.broken:
            return f"All {self.count:,} records keep the rule."
        return (
            f"{self.broken:,} of {self.count:,} records break the rule, such as {', '.join(self.examples)}."
        )


@transaction.atomic
def create_rule(object_type: str, name: str, *, actor: Actor, **values: Any) -> ValidationRule:
    """Write a rule. It says nothing until it is switched on."""
    require(actor, "kernel.configure_rules")
    object_of(object_type)
    rule = ValidationRule(object_type=object_type, name=name.strip(), **values)
    _refuse_wrong(rule)
    rule.save(force_insert=True)
    history.record_creation(rule, actor=actor, values=_defined(rule))
    return rule


@transaction.atomic
def update_rule(rule: ValidationRule, *, changes: Mapping[str, Any], actor: Actor) -> ValidationRule:
    require(actor, "kernel.configure_rules")
    rule = _locked(rule)
    before = _defined(rule)
    for name in sorted(changes):
        if name not in DEFINED:
            raise InvalidInputError(f"{name} cannot be changed.", code="unknown_field")
        setattr(rule, name, changes[name])
    _refuse_wrong(rule)
    save_changes(rule, *DEFINED)
    history.record(rule, before=before, after=_defined(rule), actor=actor, category="RULE")
    definitions_changed()
    return rule


def try_rule(rule: ValidationRule, *, actor: Actor) -> Trial:
    """Ask it of every record there is; nothing is changed."""
    require(actor, "kernel.configure_rules")
    trial, asked = Trial(), rule_of(rule)
    about = object_of(rule.object_type)
    for record in about.visible(actor=actor).iterator(AT_ONCE):
        trial.count += 1
        if asked.is_broken(values_of(record, [asked]), ranks_of(record, [asked])):
            trial.broken += 1
            if len(trial.examples) < EXAMPLES:
                trial.examples.append(str(record))
    return trial


@transaction.atomic
def activate_rule(rule: ValidationRule, *, actor: Actor) -> ValidationRule:
    """From now on every door refuses what breaks it. Records that break it already stay until somebody changes them."""
    return _switch(rule, on=True, actor=actor)


@transaction.atomic
def deactivate_rule(rule: ValidationRule, *, actor: Actor) -> ValidationRule:
    return _switch(rule, on=False, actor=actor)


def _switch(rule: ValidationRule, *, on: bool, actor: Actor) -> ValidationRule:
    rule = switch(rule, on=on, right="kernel.configure_rules", category="RULE", actor=actor)
    definitions_changed()
    return rule


def field_choices(noun: str) -> list[tuple[str, str]]:
    """What a rule may name: the columns and the custom fields of a kind of record."""
    columns = [(name, name.removeprefix("deal_").replace("_", " ")) for name in object_of(noun).columns]
    return columns + [(each.column, each.label) for each in fields_of(noun).values()]


def _defined(rule: ValidationRule) -> dict[str, Any]:
    return {name: getattr(rule, name) for name in DEFINED}


def _locked(rule: ValidationRule) -> ValidationRule:
    return ValidationRule.objects.select_for_update().get(pk=rule.pk)


def _refuse_wrong(rule: ValidationRule) -> None:
    fault = _fault(rule)
    if fault:
        raise InvalidInputError(fault, code="bad_rule")


def _fault(rule: ValidationRule) -> str:
    if not rule.name or not rule.sentence.strip():
        return "A rule needs a name, and the sentence that people read."
    same = ValidationRule.objects.filter(object_type=rule.object_type, name=rule.name).exclude(pk=rule.pk)
    if same.exists():
        return f"There is a rule {rule.name} already."
    known = fields_by_column(rule.object_type)
    parts = [*rule.conditions, rule.requirement]
    faults = (
        typed_fault(condition_of(part), known, noun="field", unknown="There is no field {}.")
        for part in parts
    )
    return next(filter(None, faults), "")
