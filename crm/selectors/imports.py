"""Reading imports, and a first look at an uploaded file."""

from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from django.db.models import Q

from crm.intake.fields import all_targets
from crm.intake.tables import open_table
from crm.models import Contact, ImportBatch
from crm.selectors.visibility import get_import, visible_imports
from gtmos.kernel.fields.schema import fields_of
from gtmos.kernel.history.models import Change

__all__ = ["Look", "get_import", "opted_out_by", "preview", "visible_imports"]

ROWS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Look:
    """Each column with its field, how sure that is, and its first values."""

    columns: list[dict[str, Any]]
    targets: tuple[str, ...]
    unmapped: int


def preview(batch: ImportBatch) -> Look:
    with open_table(batch.path) as table:
        rows = [line.cells for line in islice(table.lines(), ROWS_SHOWN) if not line.fault]
    columns = [
        {
            "number": number,
            "name": column["name"],
            "target": column["target"],
            "confidence": column["confidence"],
            "samples": [row[number][:60] for row in rows if row[number]][:3],
        }
        for number, column in enumerate(batch.mapping["columns"])
    ]
    return Look(columns, (*all_targets(), *custom_targets()), sum(not column["target"] for column in columns))


def remembered_for(batch: ImportBatch) -> dict[str, Any] | None:
    """Who chose the fields of these columns before, and when; None for columns seen for the first time."""
    noted = batch.mapping.get("remembered")
    return {"by": noted["by"], "at": datetime.fromisoformat(noted["at"])} if noted else None


def custom_targets() -> tuple[str, ...]:
    return tuple(
        f"{noun}.{each.column}"
        for noun in ("company", "contact", "deal")
        for each in fields_of(noun).values()
    )


def opted_out_by(batch_id: UUID | str) -> set[str]:
    """The addresses of people whom a list made or changed and who want no mail."""
    touched = Change.objects.filter(cause_id=batch_id, subject_type="crm.contact").values("subject_id")
    refusing = Contact.objects.filter(Q(do_not_email=True) | Q(opted_out_at__isnull=False), pk__in=touched)
    return set(refusing.exclude(email="").values_list("email", flat=True))
