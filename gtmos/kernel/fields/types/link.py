"""A record of another kind, or of the same, by its id."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from gtmos.kernel.fields.types.field_type import BadValueError, FieldType, Options, shortened


class LinkType(FieldType):
    """`options["to"]` is the kind of record. Whether there is such a record, and the name of one, is asked elsewhere."""

    key = "link"
    label = "Link to a record"

    def parse(self, raw: Any, options: Options) -> str:
        del options
        key = raw.get("id") if isinstance(raw, Mapping) else raw
        try:
            return str(UUID(str(key)))
        except ValueError as error:
            raise BadValueError(f"“{shortened(str(key))}” is not the id of a record.") from error

    def schema(self, options: Options) -> dict[str, Any]:
        return {
            "type": "string",
            "format": "uuid",
            "description": f"The id of a {options.get('to', 'record')}.",
        }

    def options_fault(self, options: Options) -> str:
        return "" if options.get("to") else "Say which kind of record it leads to."
