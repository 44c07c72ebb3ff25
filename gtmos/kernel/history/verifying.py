"""Is every sealed change still there, as it was, in its place?"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db import connection

from gtmos.kernel.history import checkpoints, digests
from gtmos.kernel.history.models import Change, Redaction, Seal
from gtmos.kernel.history.sealing import code_of


@dataclass(slots=True)
class Verdict:
    """`unsealed` are the newest changes, which the next sealing covers."""

    rows: int = 0
    seals: int = 0
    redacted: int = 0
    unsealed: int = 0
    faults: list[str] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        return not self.faults


def verify() -> Verdict:
    """Reads everything once; memory does not grow with the log."""
    verdict = Verdict()
    previous: Seal | None = None
    for seal in Seal.objects.order_by("number").iterator(chunk_size=20):
        verdict.faults += _chain_faults(seal, previous)
        _check_rows(seal, verdict)
        verdict.seals += 1
        previous = seal
    verdict.faults += _end_faults(previous)
    _check_outsiders(verdict)
    return verdict


def _chain_faults(seal: Seal, previous: Seal | None) -> Iterator[str]:
    if seal.number != (previous.number + 1 if previous else 1):
        yield f"A seal is missing before seal {seal.number}."
    if not digests.same(code_of(seal, previous.code if previous else ""), seal.code):
        yield f"Seal {seal.number} was changed, or its key is none of this installation."


def _check_rows(seal: Seal, verdict: Verdict) -> None:
    held = {
        row[0]: digests.digest(row)
        for row in Change.objects.filter(pk__in=seal.change_ids).values_list(*digests.COLUMNS)
    }
    sealed = bytes(seal.digests)
    differing = []
    for place, key in enumerate(seal.change_ids):
        verdict.rows += 1
        wanted = sealed[place * digests.SIZE : (place + 1) * digests.SIZE]
        if key not in held:
            verdict.faults.append(f"Change {key} was deleted.")
        elif held[key] != wanted:
            differing.append((key, wanted.hex(), held[key].hex()))
    if differing:
        _check_redactions(differing, verdict)


def _check_redactions(differing: list[tuple[int, str, str]], verdict: Verdict) -> None:
    notes: dict[int, list[Redaction]] = defaultdict(list)
    for note in Redaction.objects.filter(change_id__in=[key for key, *_ in differing]).order_by("id"):
        notes[note.change_id].append(note)
    for key, wanted, held in differing:
        if _redacted_to(wanted, notes[key]) == held:
            verdict.redacted += 1
        else:
            verdict.faults.append(f"Change {key} was altered.")


def _redacted_to(digest: str, notes: list[Redaction]) -> str:
    """What the sealed content became by the signed notes, one after the other."""
    for note in notes:
        if note.digest_before == digest and digests.same(note_code(note), note.code):
            digest = note.digest_after
    return digest


def note_code(note: Redaction) -> str:
    return digests.code(
        note.key_name,
        "redaction",
        note.change_id,
        note.digest_before,
        note.digest_after,
        note.reason,
        note.user_name,
        note.redacted_at.timestamp(),
    )


def _end_faults(last: Seal | None) -> Iterator[str]:
    point = checkpoints.read()
    if point is None:
        if last is not None:
            yield f"There is no readable checkpoint at {checkpoints.path()}; a cut-off end would not show."
        return
    if not checkpoints.is_genuine(point):
        yield "The checkpoint was changed, or its key is none of this installation."
        return
    if last is None or last.number < point.number:
        yield f"The end was cut off: the checkpoint knows seal {point.number} with {point.rows} changes."
        return
    at = Seal.objects.filter(number=point.number).values_list("code", "rows_until_here").first()
    if at != (point.code, point.rows):
        yield f"Seal {point.number} is not the one that the checkpoint knows."


def _check_outsiders(verdict: Verdict) -> None:
    """A row below the settled mark that no seal holds was put there afterwards."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, id <= coalesce((SELECT max(settled_id) FROM kernel_sealmark), 0) FROM "
            "(SELECT id FROM kernel_change EXCEPT SELECT unnest(change_ids) FROM kernel_seal) loose ORDER BY id"
        )
        for key, is_settled in cursor:
            if is_settled:
                verdict.faults.append(f"Change {key} was put in without a seal.")
            else:
                verdict.unsealed += 1
