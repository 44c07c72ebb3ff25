"""One change of many records: what is the same for all is sent once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import connection

from gtmos.kernel.events.publishing import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gtmos.kernel.history.models import Change

Row = tuple[int, UUID, str]  # which sample, of which record, and what that is called
# What of a change is its record's own.
OWN = {"subject_id": "n.subject_id", "vector_searchable_text": "n.called || ': ' || s.vector_searchable_text"}


def record_alike(samples: Sequence[Change], rows: Sequence[Row]) -> None:
    """Write each row as the change that its sample says, whose searchable text is without the record's name."""
    if not rows:
        return
    fields = [each for each in samples[0]._meta.concrete_fields if not each.primary_key]
    columns = [str(each.column) for each in fields]
    values = ", ".join(OWN.get(each, f"s.{each}") for each in columns)
    sent = [{each.column: getattr(sample, each.attname) for each in fields} for sample in samples]
    statement = (
        f"INSERT INTO kernel_change ({', '.join(columns)}) SELECT {values} "  # noqa: S608 -- names of our own columns
        "FROM unnest(%s::int[], %s::uuid[], %s::text[]) WITH ORDINALITY n (sample, subject_id, called, place) "
        "JOIN json_populate_recordset(NULL::kernel_change, %s) WITH ORDINALITY s ON s.ordinality = n.sample + 1 "
        "ORDER BY n.place"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [*map(list, zip(*rows, strict=True)), json.dumps(sent, default=plain)])
