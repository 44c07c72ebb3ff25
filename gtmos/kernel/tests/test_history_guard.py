"""The database itself lets the history be added to, and nothing else, except for the two purposes that need more."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.db import DatabaseError, connection, transaction

from gtmos.kernel import events, history
from gtmos.kernel.actors import SYSTEM
from gtmos.kernel.events.models import EventRecord
from gtmos.kernel.history import sealing
from gtmos.kernel.history.erasing import redact
from gtmos.kernel.history.models import Change, Redaction, Seal
from gtmos.kernel.history.unlocking import forgetting, rewriting
from gtmos.kernel.history.verifying import verify
from gtmos.kernel.people.models import Team
from gtmos.kernel.privacy.models import PrivacyRequest
from gtmos.kernel.signin.events import PersonReactivated
from gtmos.kernel.tests.builders import a_team, a_user, unguarded

pytestmark = pytest.mark.django_db
TABLES = (Change, Seal, Redaction, PrivacyRequest, EventRecord)
DOCUMENT = "docs/how-to/lock-the-history.md"
PRODUCT = "gtmos_product"


@pytest.fixture
def log(settings: Any, tmp_path: Path, django_capture_on_commit_callbacks: Any) -> None:
    """A row in each of the tables."""
    settings.AUDIT_CHECKPOINT = tmp_path / "checkpoint.json"
    team = a_team("Sellers")
    for size in range(3):
        history.record(team, before={"size": size}, after={"size": size + 1}, actor=SYSTEM, category="TEAM")
    with django_capture_on_commit_callbacks(execute=True):
        sealing.seal_changes()
    redact(Change.objects.filter(new_values__size=2), reason="Asked.", actor=SYSTEM)
    PrivacyRequest.objects.create(kind="erasure", subject_id=team.pk, made_by="Ann")
    events.publish(PersonReactivated(user_id=a_user().pk), subject=team, actor=SYSTEM)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET LOCAL gtmos.emptying = 'off'")


def everything() -> list[Any]:
    return [list(model._default_manager.order_by("pk").values()) for model in TABLES]


def refused(statement: str) -> bool:
    """Whether the database says no to it, and says it in our words."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    except DatabaseError as error:
        return "only added to" in str(error)
    return False


def attempts() -> Iterator[str]:
    """Each column of each table overwritten, each row deleted, each table emptied."""
    for model in TABLES:
        table = model._meta.db_table
        for column in model._meta.concrete_fields:
            yield f"UPDATE {table} SET {column.column} = {column.column}"
        yield f"DELETE FROM {table}"
        yield f"TRUNCATE {table} CASCADE"


def test_no_row_is_changed_deleted_or_emptied_by_any_statement(log: None) -> None:
    before = everything()

    let_through = [each for each in attempts() if not refused(each)]

    assert let_through == []
    assert (everything(), [bool(rows) for rows in before]) == (before, [True] * len(TABLES))
    assert len(list(attempts())) > 60


@pytest.mark.parametrize("purpose", ["gtmos.rewriting", "gtmos.forgetting"])
def test_neither_purpose_opens_more_than_it_needs(log: None, purpose: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL {purpose} = 'on'")

    let_through = {each for each in attempts() if not refused(each)}

    emptied = {
        f"UPDATE kernel_change SET {name} = {name}"
        for name in ("previous_values", "new_values", "summary", "vector_searchable_text")
    } | {"UPDATE kernel_eventrecord SET payload = payload"}
    same = {each for each in attempts() if each.startswith(("UPDATE kernel_change", "UPDATE kernel_event"))}
    opened = same if purpose == "gtmos.rewriting" else {"DELETE FROM kernel_eventrecord"}
    assert let_through == opened
    assert emptied <= same


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE kernel_change SET user_name = 'somebody else'",
        "UPDATE kernel_change SET timestamp = timestamp - interval '1 day'",
        "UPDATE kernel_change SET summary = 'x', version = version + 1",
        "UPDATE kernel_change SET changed_fields = '[]'",
        "UPDATE kernel_eventrecord SET actor_label = 'x'",
        "UPDATE kernel_eventrecord SET happened_at = now() - interval '1 day'",
    ],
)
def test_an_erasure_does_not_change_who_did_what_and_when(log: None, statement: str) -> None:
    before = everything()

    with rewriting():
        assert refused(statement)

    assert everything() == before


def test_a_purpose_ends_with_its_block_and_with_its_transaction(log: None) -> None:
    with rewriting(), forgetting():
        pass
    assert refused("UPDATE kernel_change SET summary = 'x'")

    with pytest.raises(ZeroDivisionError), transaction.atomic(), rewriting():
        _ = 1 / 0
    assert refused("UPDATE kernel_change SET summary = 'x'")


def test_without_its_triggers_a_table_would_be_rewritten(log: None) -> None:
    """That the attempts can succeed is what makes their refusal mean something."""
    with unguarded():
        refusals = [each for each in attempts() if "TRUNCATE" not in each and refused(each)]

    assert refusals == []
    assert [model._default_manager.count() for model in TABLES] == [0] * len(TABLES)


def a_role_of_its_own() -> None:
    """What the document says, word for word, for a role that owns everything else and is no superuser."""
    document = (project.BASE_DIR / DOCUMENT).read_text()
    lines = document.split("```sql\n")[1].split("```")[0].replace("TO gtmos;", f"TO {PRODUCT};")
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {PRODUCT}; GRANT ALL ON SCHEMA public TO {PRODUCT}")
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'ALTER TABLE "{table}" OWNER TO {PRODUCT}')
        cursor.execute(f"ALTER FUNCTION kernel_refuse_rewriting() OWNER TO {PRODUCT}")
        cursor.execute(lines)
        cursor.execute(f"SET LOCAL ROLE {PRODUCT}")


UNGUARDING = (
    "ALTER TABLE kernel_change DISABLE TRIGGER ALL",
    "DROP TRIGGER kernel_change_append_only ON kernel_change",
    "ALTER TABLE kernel_seal RENAME TO other",
    "DROP TABLE kernel_redaction",
    "TRUNCATE kernel_change",
    "DELETE FROM kernel_privacyrequest",
    "UPDATE kernel_change SET user_name = 'x'",
    "SET LOCAL session_replication_role = replica",
    (
        "CREATE OR REPLACE FUNCTION kernel_refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RETURN NULL; END $$"
    ),
)


def test_the_role_of_the_product_does_its_work_and_cannot_unguard_the_history(
    log: None, django_capture_on_commit_callbacks: Any
) -> None:
    a_role_of_its_own()

    change = history.record_creation(Team.objects.create(name="Others"), actor=SYSTEM)
    redact(Change.objects.filter(pk=change.pk), reason="Asked.", actor=SYSTEM)
    with django_capture_on_commit_callbacks(execute=True):
        sealing.seal_changes()

    assert (verify().faults, verify().unsealed) == ([], 0)
    assert [each for each in UNGUARDING if not denied(each)] == []
    assert not is_member(PRODUCT, "gtmos_history")


def is_member(role: str, other: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_has_role(%s, %s, 'member')", [role, other])
        return bool(cursor.fetchone()[0])


def denied(statement: str) -> bool:
    """By the rights of the role, before any trigger is asked."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    except DatabaseError as error:
        return "must be owner" in str(error) or "permission denied" in str(error)
    return False


def test_the_owner_of_everything_could_unguard_it(log: None) -> None:
    with transaction.atomic():
        allowed = [not denied(each) for each in UNGUARDING[:2]]
        transaction.set_rollback(True)

    assert allowed == [True, True]
