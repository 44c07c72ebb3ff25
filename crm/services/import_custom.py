"""Custom fields as targets of a file's columns."""

from crm.intake.faults import IntakeError
from crm.intake.fields import CUSTOM, is_custom
from crm.intake.headers import header_key
from crm.intake.shapes import Mapping
from gtmos.kernel.fields.schema import fields_of

NOUNS = {"companies": "company", "contacts": "contact", "deals": "deal", "signals": "company"}


def refuse_unknown_field(target: str) -> None:
    noun, _, key = target.partition(CUSTOM)
    if is_custom(target) and key not in fields_of(noun):
        raise IntakeError(f"There is no field {target}.")


def with_custom_targets(mapping: Mapping) -> Mapping:
    """Columns without a field that are called like a custom one fill it."""
    noun = NOUNS[mapping.kind]
    known: dict[str, str] = {}
    for each in fields_of(noun).values():
        known |= {header_key(each.key): each.key, header_key(each.label): each.key}
    for column in mapping.columns:
        key = known.get(header_key(column.name), "")
        if key and not column.target:
            mapping = mapping.with_target(column.name, f"{noun}{CUSTOM}{key}")
    return mapping
