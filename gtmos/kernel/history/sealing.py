"""Sealing what was written since: beside the writers, never before them."""

from datetime import datetime
from itertools import chain

from django.db import connection, transaction
from django.utils import timezone

from gtmos.kernel.history import checkpoints, digests
from gtmos.kernel.history.models import Change, Seal, SealMark

AT_A_TIME = 2000


def seal_changes(*, batches: int = 50) -> int:
    """Seal the committed changes that no seal covers yet. Returns how many."""
    total = 0
    for _ in range(batches):
        sealed = _seal_batch()
        total += sealed
        if sealed < AT_A_TIME:
            break
    return total


@transaction.atomic
def _seal_batch() -> int:
    """One sealer at a time; writers wait for nothing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext('kernel.seal_changes'))")
        if not cursor.fetchone()[0]:
            return 0
    mark = SealMark.objects.get_or_create(pk=1)[0]
    rows = _unsealed(mark.settled_id)
    if rows:
        seal = _seal(rows, timezone.now())
        transaction.on_commit(lambda: checkpoints.write(seal))
    if len(rows) < AT_A_TIME:
        _move_mark(mark)
    return len(rows)


def _unsealed(settled: int) -> list[tuple[object, ...]]:
    """Rows above the mark, without those already sealed: a long import commits low numbers late."""
    recent = Seal.objects.filter(last_change_id__gt=settled).values_list("change_ids", flat=True)
    sealed = set(chain.from_iterable(recent))
    rows = Change.objects.filter(pk__gt=settled).exclude(pk__in=sealed).order_by("pk")
    return list(rows.values_list(*digests.COLUMNS)[:AT_A_TIME])


def _seal(rows: list[tuple[object, ...]], now: datetime) -> Seal:
    last = Seal.objects.order_by("-number").first()
    seal = Seal(
        number=last.number + 1 if last else 1,
        change_ids=[row[0] for row in rows],
        digests=b"".join(digests.digest(row) for row in rows),
        rows_until_here=(last.rows_until_here if last else 0) + len(rows),
        key_name=digests.newest_key(),
        sealed_at=now,
    )
    seal.last_change_id = max(seal.change_ids)
    seal.code = code_of(seal, last.code if last else "")
    seal.save(force_insert=True)
    return seal


def code_of(seal: Seal, previous: str) -> str:
    return digests.code(
        seal.key_name,
        previous,
        seal.number,
        seal.change_ids,
        bytes(seal.digests).hex(),
        seal.last_change_id,
        seal.rows_until_here,
        seal.sealed_at.timestamp(),
    )


def _move_mark(mark: SealMark) -> None:
    """What had a number at the last look is committed or gone once every transaction of that time has ended."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint, "
            "pg_snapshot_xmax(pg_current_snapshot())::text::bigint, "
            "(SELECT last_value FROM kernel_change_id_seq)"
        )
        oldest, newest, number = cursor.fetchone()
    if mark.noted_transaction <= oldest:
        if mark.noted_id:
            mark.settled_id = mark.noted_id
        mark.noted_id, mark.noted_transaction = number, newest
    mark.save()
