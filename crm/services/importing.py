"""A file in: uploaded, understood, imported whole or not at all, and taken back with one click."""

import logging
import time
from collections.abc import Iterator
from itertools import chain, islice, repeat
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import DataError, IntegrityError, connection, transaction
from django.utils import timezone

from crm.events import ImportFinished
from crm.intake.faults import IntakeError
from crm.intake.records import read_records
from crm.intake.rows import Record
from crm.intake.shapes import Mapping
from crm.intake.tables import Table, open_table
from crm.models import ImportBatch, ImportMove
from crm.services.assigning_sets import route_imported
from crm.services.companies import ownership
from crm.services.import_custom import refuse_unknown_field
from crm.services.import_deals import DealImport
from crm.services.import_files import Readable, keep, look_into
from crm.services.import_likeness import tell_alike
from crm.services.import_links import tie_deals, tie_people
from crm.services.import_matching import Merge
from crm.services.import_merging import (
    counts,
    merge_companies,
    merge_contacts,
    merge_signals,
)
from crm.services.import_parents import merge_parents
from crm.services.import_places import place_imported
from crm.services.import_reading import read_ahead
from crm.services.import_refusals import Guard
from crm.services.import_remembering import remember
from crm.services.import_rights import refuse_fixed_columns
from crm.services.import_rules import refused
from crm.services.import_staging import Segment, Stage, drop_tables, empty_tables, make_tables
from crm.services.import_tally import LEASE, Tally, renewed_lease
from crm.services.import_turns import ring_next, running_of_move
from crm.services.notifying import tell_of_import
from crm.services.telling import tell_of_rows
from gtmos.kernel import clock, events, history, jobs, live
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.exceptions import DomainError, InvalidInputError
from gtmos.kernel.fields.schema import Schema, schema
from gtmos.kernel.fsm import move
from gtmos.kernel.once import burst
from gtmos.kernel.permissions import require
from gtmos.kernel.records import save_changes

logger = logging.getLogger(__name__)

SEGMENT = 10_000  # lines that are merged together; two of them are in memory
FIRST_SEGMENTS = (
    2_000,
    4_000,
    7_000,
)  # nothing is merged while the first is read; each takes longer to read than to merge
MOST_ATTEMPTS = 5
BROKE_OFF = (
    "The import broke off {times} times and changed nothing. Import it again, or ask an administrator."
)
DOES_NOT_FIT = "A value of the file does not fit into the database, so nothing was changed."
MEANWHILE = "A record of the file was made by somebody else meanwhile. Nothing was changed; import it again."


@transaction.atomic
def upload_import(
    *,
    file_name: str,
    content: Readable,
    actor: Actor,
    into: str = "auto",
    move: ImportMove | None = None,
) -> ImportBatch:
    """Keep the file and say what it seems to be; nothing else is changed until somebody starts it."""
    require(actor, "crm.import_records")
    batch = ImportBatch(file_name=Path(file_name).name[:255], into=into, move=move, **ownership(actor))
    folder = Path(settings.MEDIA_ROOT) / "imports"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{batch.pk}.csv"
    try:
        batch.size_bytes, batch.digest = keep(content, path)
        look_into(batch, path)
    except (IntakeError, DomainError) as error:
        path.unlink(missing_ok=True)
        raise InvalidInputError(str(error), code="unreadable_file") from error
    batch.path = str(path)
    batch.save(force_insert=True)
    return batch


@transaction.atomic
def start_import(batch: ImportBatch, *, actor: Actor, mapping: dict[str, str] | None = None) -> ImportBatch:
    """Begin in the background. `mapping` is column → field, for the columns a person changed."""
    require(actor, "crm.import_records")
    batch = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    if mapping:
        batch.mapping = _remapped(batch, mapping)
        remember(batch, actor=actor)
    refuse_fixed_columns(Mapping.from_dict(batch.mapping), actor=actor)
    move(batch.start, refusal=f"{batch} is {batch.get_state_display()} and cannot be imported again.")
    batch.started_at = timezone.now()
    batch.lease_until = None
    batch.attempts = 0
    batch.error = ""
    save_changes(batch, "mapping", "state", "started_at", "lease_until", "attempts", "error")
    jobs.enqueue("crm.run_import", batch_id=str(batch.pk))
    live.push(f"import:{batch.pk}")
    return batch


def choose_columns(batch: ImportBatch, changes: dict[str, str] | None, *, actor: Actor) -> None:
    """The next file with the same columns is understood likewise."""
    if changes:
        batch.mapping = _remapped(batch, changes)
        remember(batch, actor=actor)


def _remapped(batch: ImportBatch, changes: dict[str, str]) -> dict[str, object]:
    mapping = Mapping.from_dict(batch.mapping)
    try:
        for column, target in changes.items():
            refuse_unknown_field(target)
            mapping = mapping.with_target(column, target)
    except IntakeError as error:
        raise InvalidInputError(str(error), code="bad_mapping") from error
    return mapping.as_dict()


def run_import(batch_id: UUID | str) -> ImportBatch:
    """Do a started import, all of it or nothing. Safe to call twice; a second caller leaves it to the first."""
    batch = _claim(batch_id)
    if batch is None:
        return ImportBatch.objects.get(pk=batch_id)
    if batch.attempts > MOST_ATTEMPTS:
        return _fail(batch, BROKE_OFF.format(times=MOST_ATTEMPTS))
    began = time.monotonic()
    try:
        with renewed_lease(batch):
            result = _carry_out(batch)
    except (IntakeError, DomainError) as error:
        return _fail(batch, str(error))
    except (DataError, IntegrityError) as error:
        logger.exception("import %s met a value that the database refuses", batch.pk)
        return _fail(batch, DOES_NOT_FIT if isinstance(error, DataError) else MEANWHILE)
    result["seconds"] = round(time.monotonic() - began, 3)
    ImportBatch.objects.filter(pk=batch.pk).update(result=result)
    ring_next(batch)
    live.push(f"import:{batch.pk}", "done")
    batch.refresh_from_db()
    return batch


def _claim(batch_id: UUID | str) -> ImportBatch | None:
    """The lease is server time: a moved business clock must not make a running import look dead."""
    with transaction.atomic():
        batch = ImportBatch.objects.select_for_update().filter(pk=batch_id, state="running").first()
        if batch is None or (batch.lease_until is not None and batch.lease_until > timezone.now()):
            return None
        if running_of_move(batch).filter(started_at__lt=batch.started_at).exists():
            return None  # its turn comes when the ones before are done
        batch.lease_until = timezone.now() + LEASE
        batch.rows_done = 0
        batch.attempts += 1
        batch.save(update_fields=["lease_until", "rows_done", "attempts"])
        return batch


def _carry_out(batch: ImportBatch) -> dict[str, Any]:
    actor = Actor.of(batch.owner, source="import") if batch.owner else Actor.system("import", source="import")
    mapping = Mapping.from_dict(batch.mapping)
    refuse_fixed_columns(mapping, actor=actor)
    tally = Tally(batch)
    with connection.cursor() as cursor, open_table(batch.path) as table:
        make_tables(cursor)
        deals: list[Record] = []
        records, guard = _records(table, mapping, batch), Guard(actor)
        with burst(), read_ahead(_segments(records, guard, tally, deals, schema())) as segments:
            first = next(segments, Segment())
            with transaction.atomic():
                # Index entries are queued and sorted in after the commit (crm.tidy_indexes), not one by one here.
                cursor.execute("SET LOCAL gin_pending_list_limit = '256MB'")
                jobs.enqueue("crm.tidy_indexes")
                merge = _merge(cursor, actor, batch)
                signals = 0
                for segment in chain([first], segments):
                    signals += _merged(segment, merge)
                    merge.check_references()
                    _refuse_lines(segment, merge, tally, guard)
                circles = merge_parents(merge)
                place_imported(batch, actor)
                sales = DealImport(source=batch.shape, batch_id=batch.pk, actor=actor)
                with live.quietly():
                    tally.refuse(sales.take(deals))
                    guard.keep_opt_outs()
                    tied = tie_people(merge) + tie_deals(merge)
                route_imported(actor=actor, cause_id=batch.pk)
                live.push("workspace:all")
                made = {"companies": counts("company", merge), "contacts": counts("contact", merge)}
                result = tally.result(batch, {**made, "deals": sales.counts}, sales, signals)
                result["parents_left_out"] = circles
                result["links_tied"] = tied
                result["alike"] = tell_alike(merge)
                _finish(batch, result, actor)
        drop_tables(cursor)
    return result


def _merge(cursor: Any, actor: Actor, batch: ImportBatch) -> Merge:
    return Merge(cursor, actor, batch_id=batch.pk, source=batch.file_name, shape=batch.shape, now=clock.now())


def _segments(
    records: Iterator[Record], guard: Guard, tally: Tally, deals: list[Record], definitions: Schema
) -> Iterator[Segment]:
    """Reads, refuses and prepares, over the connection of this thread; the database learns of the progress only."""
    stage = Stage(definitions)
    sizes = chain((min(size, SEGMENT) for size in FIRST_SEGMENTS), repeat(SEGMENT))
    while chunk := guard.checked(list(islice(records, next(sizes)))):
        good = [record for record in chunk if not record.rejected and not record.deleted]
        deals.extend(record for record in good if record.deal is not None)
        tally.take(chunk)
        yield stage.prepare(good)


def _merged(segment: Segment, merge: Merge) -> int:
    """Returns how many signals it brought."""
    empty_tables(merge.cursor)
    segment.write(merge.cursor)
    merge.holds = segment.holds
    merge_companies(merge)
    merge_contacts(merge)
    return merge_signals(merge)


def _refuse_lines(segment: Segment, merge: Merge, tally: Tally, guard: Guard) -> None:
    """Lines that break a rule; an opt-out in one of them still counts."""
    lines = [
        line for noun, sentences in merge.refused.items() for line in refused(segment.lines, noun, sentences)
    ]
    tally.refuse(list({line.line: line for line in lines}.values()))
    guard.note_opt_outs(lines)


def _records(table: Table, mapping: Mapping, batch: ImportBatch) -> Iterator[Record]:
    return read_records(table, mapping, source=f"import: {batch.file_name}", today=clock.today())


def _finish(batch: ImportBatch, result: dict[str, Any], actor: Actor) -> None:
    batch = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    move(batch.finish, refusal=f"{batch} was stopped meanwhile.")
    batch.result = result
    batch.rows_done = batch.rows_total = result["rows"]
    batch.rejected_path = result["rejected_file"]
    batch.finished_at = timezone.now()
    save_changes(batch, "state", "result", "rows_done", "rows_total", "rejected_path", "finished_at")
    history.record(
        batch,
        before={"state": "running"},
        after={"state": "done"},
        actor=actor,
        category="IMPORT",
        summary=f"Imported {batch.file_name}: {result['rows']} rows",
        cause_id=batch.pk,
    )  # fmt: skip -- one fact
    tell_of_rows(batch.pk, actor=actor)
    tell_of_import(batch, actor=actor)
    events.publish(
        ImportFinished(
            batch_id=batch.pk,
            created=sum(result["created"].values()),
            updated=sum(result["updated"].values()),
            rejected=result["rejected"],
        ),
        subject=batch,
        actor=actor,
    )


def _fail(batch: ImportBatch, sentence: str) -> ImportBatch:
    with transaction.atomic():
        batch = ImportBatch.objects.select_for_update().get(pk=batch.pk)
        move(batch.fail, refusal=f"{batch} is not running.")
        batch.error = sentence[:500]
        batch.finished_at = timezone.now()
        save_changes(batch, "state", "error", "finished_at")
        live.push(f"import:{batch.pk}", "failed")
        tell_of_import(batch, actor=SYSTEM)
        ring_next(batch)
    return batch
