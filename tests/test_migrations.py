"""Migrations on a database with rows in it: down and up again, killed in between, and none that locks a table for long."""

import os
import random
import signal
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.apps import apps
from django.conf import settings as project
from django.core.management import call_command
from django.db import connection, connections
from django.db.migrations.loader import MigrationLoader
from django_migration_linter import MigrationLinter
from django_migration_linter.sql_analyser.analyser import analyse_sql_statements

from gtmos.kernel.tests.processes import in_a_process_of_its_own
from gtmos.kernel.tests.releases import Originals, by_the_originals
from gtmos.workspace.selectors.digests import ONE
from gtmos.workspace.services.backups import database_place
from gtmos.workspace.tests.test_backups import an_installation

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.kill]
KILLS = int(os.environ.get("GTMOS_TEST_KILLS", "5"))
COPY, SEED = "test_gtmos_migrating", 4
OURS = ("kernel", "context", "crm", "outreach", "agents", "workspace")
# The state in which each app was first released: what came later is taken back and done again.
FIRST = {
    "kernel": "0001_initial",
    "context": "0001_initial",
    "crm": "0002_initial",
    "outreach": "0001_initial",
    "agents": "0002_initial",
    "workspace": "0001_initial",
}
# The product stands still while it migrates, so no old program meets a column that it does not fill.
HARMLESS_HERE = ["NOT_NULL"]
# Released before anybody had rows in these tables.
KNOWN = {
    "agents.0002_initial": ["ADD_UNIQUE"],
    "crm.0002_initial": ["ADD_UNIQUE"],
    "crm.0006_access": ["DROP_TABLE"],
    "crm.0017_further_people": ["ADD_UNIQUE"],
    "kernel.0020_triggers_are_workflows": ["DROP_TABLE"],
    "outreach.0003_merging": ["ADD_UNIQUE"],
}
COLUMNS = """
    SELECT table_name, string_agg(quote_ident(column_name), ', ' ORDER BY column_name)
    FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
    WHERE table_schema = 'public' AND table_type = 'BASE TABLE'
        AND table_name !~ '^(django_|auth_permission|kernel_heartbeat)' GROUP BY 1
"""
SHAPE = """
    SELECT 'column', table_name || '.' || column_name, data_type || is_nullable || coalesce(column_default, '')
    FROM information_schema.columns WHERE table_schema = 'public'
    UNION ALL SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT 'constraint', conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT 'trigger', tgrelid::regclass || '.' || tgname, pg_get_triggerdef(oid)
    FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT 'done', app || '.' || name, '' FROM django_migrations
"""


@pytest.fixture
def filled() -> Iterator[None]:
    """A copy of a database with an installation in it; the one of the tests stays as it is."""
    an_installation()
    first = connection.settings_dict["NAME"]
    connections.close_all()
    on_the_server(f"DROP DATABASE IF EXISTS {COPY}")
    on_the_server(f"CREATE DATABASE {COPY} TEMPLATE {first}")
    connection.settings_dict["NAME"] = COPY
    try:
        yield
    finally:
        connections.close_all()
        connection.settings_dict["NAME"] = first
        on_the_server(f"DROP DATABASE {COPY} WITH (FORCE)")


@pytest.fixture(autouse=True)
def places(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.AUDIT_CHECKPOINT = tmp_path / "checkpoint.json"


def on_the_server(statement: str) -> None:
    with psycopg.connect(**{**database_place(), "dbname": "postgres"}, autocommit=True) as server:
        server.execute(statement)


def asked(statement: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


def rows(columns: dict[str, str]) -> dict[str, Any]:
    """Of these columns of these tables how many rows there are, and what they say."""
    table = "(SELECT {columns} FROM {table})"
    return {
        name: asked(ONE.replace("{table}", table.format(columns=each, table=name)))[0]
        for name, each in columns.items()
    }


def migrate_and_die_at(statement: int) -> int | None:
    process = in_a_process_of_its_own(
        partial(call_command, "migrate", verbosity=0, interactive=False), dies_at=statement
    )
    process.join()
    return process.exitcode


def test_down_to_the_first_release_and_up_again_through_kills_keeps_every_row(filled: None) -> None:
    before_shape = sorted(asked(SHAPE))

    by_the_originals().migrate([*FIRST.items()])
    there = dict(asked(COLUMNS))
    at_first, below = rows(there), len(asked("SELECT 1 FROM django_migrations"))
    draw = random.Random(SEED)
    ended = [migrate_and_die_at(draw.randint(30, 250)) for _ in range(KILLS)]
    last = migrate_and_die_at(0)
    after = dict(asked(COLUMNS))

    again = rows({name: columns for name, columns in there.items() if name in after})
    assert (len(asked("SELECT 1 FROM django_migrations")) - below, last) == (later_than_first(), 0)
    assert ended.count(-signal.SIGKILL) >= 1
    assert sorted(asked(SHAPE)) == before_shape
    assert {name: each for name, each in at_first.items() if name in again} == again
    assert sum(int(count) for count, _ in at_first.values()) > 150
    assert sorted(set(there) - set(after)) == ["crm_company_account_team"]


def later_than_first() -> int:
    names = Originals(None).disk_migrations or {}
    return sum(1 for app, name in names if app in FIRST and name > FIRST[app])


def test_no_new_migration_locks_a_table_for_long_or_takes_something_away() -> None:
    """What the linter of migrations objects to, without what cannot happen here and what is long done."""
    linter = MigrationLinter(
        path=str(project.BASE_DIR), no_cache=True, quiet=["ok", "ignore", "warning", "error"]
    )
    found = {
        f"{app}.{name}": sorted({issue.code for issue in errors})
        for app, name in sorted(MigrationLoader(None).disk_migrations or {})
        if app in OURS and (errors := objections(linter, app, name))
    }

    assert found == KNOWN
    assert {app for app in OURS if apps.is_installed(apps.get_app_config(app).name)} == {*OURS}


def objections(linter: MigrationLinter, app: str, name: str) -> list[Any]:
    errors, _, _ = analyse_sql_statements(
        linter.sql_analyser_class, linter.get_sql(app, name), exclude_migration_tests=HARMLESS_HERE
    )
    return errors


def test_the_linter_objects_to_a_column_that_is_taken_away() -> None:
    linter = MigrationLinter(
        path=str(project.BASE_DIR), no_cache=True, quiet=["ok", "ignore", "warning", "error"]
    )

    errors, _, _ = analyse_sql_statements(
        linter.sql_analyser_class, ['ALTER TABLE "crm_company" DROP COLUMN "city" CASCADE;'], HARMLESS_HERE
    )

    assert [issue.code for issue in errors] == ["DROP_COLUMN"]
