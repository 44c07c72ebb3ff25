"""Several files as one move: imported one after the other, taken back with one click, done again with another."""

from django.db import transaction

from crm.models import ImportBatch, ImportMove
from crm.selectors.moves import latest_imports
from crm.services.companies import ownership
from crm.services.import_copies import ORDER, copied_import
from crm.services.import_rehearsing import ask_rehearsal
from crm.services.import_undo import undo_import
from crm.services.importing import start_import
from gtmos.kernel import live
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.permissions import require


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
def try_move(move: ImportMove, *, actor: Actor) -> ImportMove:
    """What all files of it that were not imported yet would do together; nothing is changed."""
    move = _locked(move)
    waiting = latest_imports(move).filter(state__in=("uploaded", "failed")).first()
    if waiting is None:
        raise DomainError("Every file of this move is imported already.", code="nothing_to_import")
    ask_rehearsal(waiting, actor=actor)
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
    return copied_import(batch, repeats=batch, move=batch.move, **ownership(actor))


def _locked(move: ImportMove) -> ImportMove:
    return ImportMove.objects.select_for_update(of=("self",)).get(pk=move.pk)
