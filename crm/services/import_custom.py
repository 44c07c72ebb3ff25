"""Custom fields as targets of a file's columns."""

from crm.intake.custom_headings import marked
from crm.intake.faults import IntakeError
from crm.intake.fields import CUSTOM, is_custom
from crm.intake.headers import header_key
from crm.intake.shapes import GUESSED, Mapping
from gtmos.kernel.fields.schema import fields_of

NOUNS = {"companies": "company", "contacts": "contact", "deals": "deal", "signals": "company"}


def refuse_unknown_field(target: str) -> None:
    noun, _, key = target.partition(CUSTOM)
    if is_custom(target) and key not in fields_of(noun):
        raise IntakeError(f"There is no field {target}.")


def with_custom_targets(mapping: Mapping) -> Mapping:
    """Columns that are called like a custom field fill it, unless their name means a field of the product's own."""
    noun = NOUNS[mapping.kind]
    fields = fields_of(noun)
    own = {header_key(marked(key)): key for key in fields}
    known: dict[str, str] = {}
    for each in fields.values():
        known |= {header_key(each.key): each.key, header_key(each.label): each.key}
    for column in mapping.columns:
        name = header_key(column.name)
        key = own.get(name) or ("" if column.target and column.rank < GUESSED else known.get(name, ""))
        if key:
            mapping = mapping.with_target(column.name, f"{noun}{CUSTOM}{key}")
    return mapping
