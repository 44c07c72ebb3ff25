"""The chain of seals: whatever is done to the log behind the product's back is found."""

import random
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from gtmos.kernel import history
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.exceptions import NotPermittedError
from gtmos.kernel.history import checkpoints, sealing
from gtmos.kernel.history.erasing import redact
from gtmos.kernel.history.models import Change, Redaction, Seal, SealMark
from gtmos.kernel.history.verifying import verify
from gtmos.kernel.tests.builders import a_team, a_user, unguarded

pytestmark = pytest.mark.django_db
TAMPERINGS = 1000


@pytest.fixture
def sealed(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks
):
    """Forty changes under eight seals, with their checkpoint outside."""
    settings.AUDIT_CHECKPOINT = tmp_path / "checkpoint.json"
    monkeypatch.setattr(sealing, "AT_A_TIME", 5)
    team = a_team()
    for number in range(40):
        history.record(
            team,
            before={"size": number},
            after={"size": number + 1, "note": f"n{number}"},
            actor=SYSTEM,
            category="TEAM",
        )
    with django_capture_on_commit_callbacks(execute=True):
        sealing.seal_changes()
    return list(Change.objects.order_by("pk").values_list("pk", flat=True))


def test_an_untouched_log_is_whole(sealed: list[int]) -> None:
    verdict = verify()

    assert (verdict.rows, verdict.seals, verdict.unsealed, verdict.faults) == (len(sealed), 8, 0, [])


def test_the_newest_changes_wait_for_their_seal(sealed: list[int]) -> None:
    history.record_creation(a_team(), actor=SYSTEM)

    verdict = verify()

    assert (verdict.unsealed, verdict.is_whole) == (1, True)


def _edit(dice: random.Random, keys: list[int]) -> None:
    column, value = dice.choice(
        [
            ("summary", "'nothing happened'"),
            ("user_name", "'somebody else'"),
            ("source", "'nowhere'"),
            ("timestamp", "timestamp + interval '1 second'"),
            ("new_values", "new_values || '{\"size\": 999}'"),
            ("previous_values", "'{}'"),
            ("subject_id", "gen_random_uuid()"),
            ("request_id", "'other'"),
            ("actor_kind", "'user'"),
            ("version", "version + 1"),
        ]
    )
    _run(f"UPDATE kernel_change SET {column} = {value} WHERE id = %s", [dice.choice(keys)])


def _delete(dice: random.Random, keys: list[int]) -> None:
    gone = dice.sample(keys, dice.randint(1, 4))
    _run("DELETE FROM kernel_change WHERE id = ANY(%s)", [gone])


def _reorder(dice: random.Random, keys: list[int]) -> None:
    one, other = dice.sample(keys, 2)
    for old, new in ((one, -1), (other, one), (-1, other)):
        _run("UPDATE kernel_change SET id = %s WHERE id = %s", [new, old])


def _cut_off(dice: random.Random, keys: list[int]) -> None:
    """The end of the log, with its seals, as if it had never been."""
    first = dice.randint(1, Seal.objects.count())
    rows = [key for each in Seal.objects.filter(number__gte=first) for key in each.change_ids]
    _run("DELETE FROM kernel_change WHERE id = ANY(%s)", [rows])
    _run("DELETE FROM kernel_seal WHERE number >= %s", [first])


def _forge_seal(dice: random.Random, keys: list[int]) -> None:
    number = dice.randint(1, Seal.objects.count())
    damage = dice.choice(
        [
            "digests = digests || '\\x00'::bytea",
            "code = reverse(code)",
            "rows_until_here = rows_until_here + 1",
            "change_ids = change_ids[2:]",
            "sealed_at = sealed_at - interval '1 day'",
            "number = number + 100",
        ]
    )
    _run(f"UPDATE kernel_seal SET {damage} WHERE number = %s", [number])


def _put_in(dice: random.Random, keys: list[int]) -> None:
    SealMark.objects.update(settled_id=max(keys))
    _run(
        "INSERT INTO kernel_change (id, subject_type, subject_id, timestamp, change_type, change_category, "
        "changed_fields, summary, vector_searchable_text, source, user_name, previous_values, new_values, version) "
        "SELECT -id, subject_type, subject_id, timestamp, change_type, change_category, changed_fields, summary, "
        "vector_searchable_text, source, user_name, previous_values, new_values, version FROM kernel_change "
        "WHERE id = %s",
        [dice.choice(keys)],
    )


def _erase_with_a_forged_note(dice: random.Random, keys: list[int]) -> None:
    key = dice.choice(keys)
    redact(Change.objects.filter(pk=key), reason="Asked to", actor=SYSTEM)
    _run("UPDATE kernel_redaction SET reason = 'another' WHERE change_id = %s", [key])


WAYS = (_edit, _delete, _reorder, _cut_off, _forge_seal, _put_in, _erase_with_a_forged_note)


def _run(statement: str, values: list[Any]) -> None:
    with unguarded(), connection.cursor() as cursor:
        cursor.execute(statement, values)


def test_a_thousand_tamperings_are_all_found(sealed: list[int]) -> None:
    dice = random.Random(20261)
    missed = []

    for number in range(TAMPERINGS):
        way = WAYS[number % len(WAYS)]
        before = transaction.savepoint()
        way(dice, sealed)
        if verify().is_whole:
            missed.append((number, way.__name__))
        transaction.savepoint_rollback(before)

    assert missed == []
    assert verify().is_whole


def test_erased_content_is_gone_and_the_chain_still_holds(sealed: list[int]) -> None:
    count = redact(Change.objects.filter(pk__in=sealed[3:6]), reason="The person asked.", actor=SYSTEM)

    change = Change.objects.get(pk=sealed[4])
    assert (count, change.summary, change.new_values) == (
        3,
        "Erased: The person asked.",
        {"size": "Erased", "note": "Erased"},
    )
    verdict = verify()
    assert (verdict.redacted, verdict.faults) == (3, [])


def test_one_field_is_erased_and_later_all_of_it(sealed: list[int]) -> None:
    changes = Change.objects.filter(pk=sealed[4])
    redact(changes, reason="One.", actor=SYSTEM, fields=frozenset({"note"}))
    assert changes.get().new_values["size"] != "Erased"

    redact(changes, reason="All.", actor=SYSTEM)

    assert (Redaction.objects.count(), verify().faults) == (2, [])


def test_whoever_does_not_configure_erases_nothing() -> None:
    with pytest.raises(NotPermittedError):
        redact(Change.objects.all(), reason="x", actor=Actor.of(a_user()))


def test_what_is_erased_before_it_is_sealed_is_sealed_as_it_is_then(
    sealed: list[int], django_capture_on_commit_callbacks: Any
) -> None:
    change = history.record_creation(a_team(), actor=SYSTEM)
    redact(Change.objects.filter(pk=change.pk), reason="Asked.", actor=SYSTEM)
    with django_capture_on_commit_callbacks(execute=True):
        sealing.seal_changes()

    verdict = verify()

    assert (verdict.unsealed, verdict.faults) == (0, [])


def test_without_a_checkpoint_a_cut_off_end_would_not_show_and_that_is_said(sealed: list[int]) -> None:
    checkpoints.path().unlink()

    assert [each.split(" at ")[0] for each in verify().faults] == ["There is no readable checkpoint"]


def test_another_key_cannot_vouch_for_the_chain(sealed: list[int], settings: Any) -> None:
    settings.SECRETS_KEYS = ("another " * 8,)

    assert verify().is_whole is False


def test_an_older_key_still_vouches_after_a_rotation(sealed: list[int], settings: Any) -> None:
    settings.SECRETS_KEYS = ("another " * 8, *settings.SECRETS_KEYS)

    assert verify().is_whole


@pytest.mark.django_db(transaction=True)
def test_a_change_committed_late_with_a_low_number_gets_its_seal(settings: Any, tmp_path: Path) -> None:
    settings.AUDIT_CHECKPOINT = tmp_path / "checkpoint.json"
    team = a_team()
    early = history.record(team, before={"a": 1}, after={"a": 2}, actor=SYSTEM, category="TEAM")
    late = Change.objects.create(
        pk=early.pk + 50, subject_id=team.pk, summary="x", user_name="x", source="page"
    )
    sealing.seal_changes()
    Change.objects.create(pk=late.pk - 10, subject_id=team.pk, summary="y", user_name="x", source="page")

    assert sealing.seal_changes() == 1
    assert verify().faults == []


def test_sealing_twice_seals_once(sealed: list[int]) -> None:
    assert sealing.seal_changes() == 0


def test_the_moment_of_sealing_is_the_real_one(sealed: list[int]) -> None:
    last = Seal.objects.order_by("-number").first()

    assert timezone.now() - last.sealed_at < timedelta(minutes=5)
