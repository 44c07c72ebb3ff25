"""The types of custom fields. docs/how-to/add-a-field-type.md says how another one comes in."""

from gtmos.kernel.fields.types.address import EmailType, UrlType
from gtmos.kernel.fields.types.boolean import BooleanType
from gtmos.kernel.fields.types.choice import ChoiceType, MultiChoiceType
from gtmos.kernel.fields.types.country import CountryType
from gtmos.kernel.fields.types.date import DateType
from gtmos.kernel.fields.types.field_type import BadValueError, FieldType, Options
from gtmos.kernel.fields.types.link import LinkType
from gtmos.kernel.fields.types.money import MoneyType
from gtmos.kernel.fields.types.number import NumberType
from gtmos.kernel.fields.types.text import TextType

TYPES: dict[str, FieldType] = {
    each.key: each
    for each in (
        TextType(),
        NumberType(),
        MoneyType(),
        DateType(),
        ChoiceType(),
        MultiChoiceType(),
        LinkType(),
        UrlType(),
        EmailType(),
        CountryType(),
        BooleanType(),
    )
}

__all__ = ["TYPES", "BadValueError", "FieldType", "Options"]
