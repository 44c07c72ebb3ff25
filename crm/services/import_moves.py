"""Several files as one move: imported one after the other, taken back with one click, done again with another."""

import shutil
from pathlib import Path
from uuid import uuid4

from django.db import transaction

from crm.models import ImportBatch, ImportMove
from crm.selectors.moves import latest_imports
from crm.services.companies import ownership
from crm.services.import_undo import undo_import
from crm.services.importing import start_import
from gtmos.kernel import live
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.permissions import require

# What others hang on comes first; any other order ends alike.
ORDER = ("companies", "contacts", "deals", "signals")


@transaction.atomic
def open_move(*, actor: Actor, name: str = "") -> ImportMove:
    require(actor, "crm.import_records")
    return ImportMove.objects.create(name=name.strip()[:120], **ownership(actor))


@transaction.atomic
def join_move(batch: ImportBatch, *, actor: Actor, move: ImportMove | None = None) -> ImportMove:
    """Put an import into a move; without one a new move begins with it."""
    require(actor, "crm.undo_import", batch)
    batch = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    if batch.move is not None:
        return batch.move
    batch.move = move or open_move(actor=actor)
    batch.save(update_fields=["move", "updated_at"])
    return batch.move


@transaction.atomic
def start_move(move: ImportMove, *, actor: Actor) -> ImportMove:
    """Begin with every file that was not imported yet. They run one at a time."""
    move = _locked(move)
    waiting = latest_imports(move).filter(state__in=("uploaded", "failed"))
    ordered = sorted(waiting, key=lambda batch: ORDER.index(str(batch.mapping["kind"])))
    if not ordered:
        raise DomainError("Every file of this move is imported already.", code="nothing_to_import")
    for batch in ordered:
        start_import(batch, actor=actor)
    live.push(f"move:{move.pk}")
    return move


@transaction.atomic
def undo_move(move: ImportMove, *, actor: Actor) -> ImportMove:
    """Take every file of it back, the last one first; all of them or none."""
    move = _locked(move)
    if latest_imports(move).filter(state="running").exists():
        raise DomainError(
            "A file of this move is being imported. Wait until it is done.", code="move_is_running"
        )
    done = list(latest_imports(move).filter(state="done").order_by("-finished_at", "-pk"))
    if not done:
        raise DomainError("Nothing of this move can be taken back.", code="nothing_to_undo")
    for batch in done:
        undo_import(batch, actor=actor)
    live.push(f"move:{move.pk}")
    return move


@transaction.atomic
def repeat_move(move: ImportMove, *, actor: Actor) -> ImportMove:
    """Do again what was taken back, with the same files and the same columns."""
    move = _locked(move)
    undone = list(latest_imports(move).filter(state="undone"))
    if not undone:
        raise DomainError("Nothing of this move was taken back.", code="nothing_to_repeat")
    for batch in undone:
        repeat_import(batch, actor=actor)
    return start_move(move, actor=actor)


@transaction.atomic
def repeat_import(batch: ImportBatch, *, actor: Actor) -> ImportBatch:
    """The same file once more, as an import of its own: what the first one did stays told in history."""
    require(actor, "crm.import_records")
    require(actor, "crm.undo_import", batch)
    batch = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    if batch.state != "undone" or batch.repetitions.exists():
        raise DomainError(f"{batch} cannot be imported again.", code="cannot_repeat")
    again = ImportBatch(
        pk=uuid4(),
        repeats=batch,
        move=batch.move,
        file_name=batch.file_name,
        size_bytes=batch.size_bytes,
        digest=batch.digest,
        into=batch.into,
        shape=batch.shape,
        encoding=batch.encoding,
        delimiter=batch.delimiter,
        columns=batch.columns,
        mapping=batch.mapping,
        rows_total=batch.rows_total,
        **ownership(actor),
    )
    again.path = _copied(batch, again)
    again.save(force_insert=True)
    return again


def _copied(batch: ImportBatch, again: ImportBatch) -> str:
    """A copy, so that the file of each import can go by itself."""
    path = Path(batch.path).with_name(f"{again.pk}.csv")
    try:
        shutil.copyfile(batch.path, path)
    except OSError as error:
        raise DomainError(
            f"The file of {batch} is not kept any more. Upload it again.", code="file_is_gone"
        ) from error
    return str(path)


def _locked(move: ImportMove) -> ImportMove:
    return ImportMove.objects.select_for_update(of=("self",)).get(pk=move.pk)
