"""Squashed migrations: what they make of an empty database, and how they take over one that stands anywhere before."""

import os
import random
import re
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import psycopg
import pytest
from django.apps import apps
from django.conf import settings as project
from django.core.management import call_command
from django.db import connection, connections
from django.db.migrations.loader import MigrationLoader
from django_migration_linter import MigrationLinter

from gtmos.kernel.tests.processes import in_a_process_of_its_own
from gtmos.kernel.tests.releases import Originals, by_the_originals
from gtmos.runtime.accounts import store_account
from gtmos.runtime.binaries import find_binaries
from gtmos.workspace.services.backups import database_place

pytestmark = pytest.mark.kill
KILLS, SEED = int(os.environ.get("GTMOS_TEST_KILLS", "5")), 11
EMPTY, GROWN = "test_gtmos_fresh", "test_gtmos_grown"
# Where installations may stand: early; between releases; killed where one app was done and another not begun, in the
# order in which Django goes; and at the last release before the squashed ones.
STOPS = {
    "early": [("kernel", "0008_signing_in"), ("crm", "0012_import_moves"), ("outreach", "0001_initial")],
    "killed": [("kernel", "0016_lists"), ("crm", "0027_lists_of_companies"), ("agents", "0003_inputs")],
    "last": None,
}
SQUASHED = sorted(key for key, each in (MigrationLoader(None).disk_migrations or {}).items() if each.replaces)
# What one server or one moment says of itself, and in which order rows were written.
PASSING = re.compile(r"^\\(un)?restrict .*|^SELECT pg_catalog.setval.*", re.MULTILINE)
CONTENT = {
    "auth_permission": "SELECT app_label, model, codename, name FROM auth_permission p"
    " JOIN django_content_type t ON t.id = p.content_type_id",
    "django_content_type": "SELECT app_label, model FROM django_content_type",
    "django_migrations": "SELECT app, name FROM django_migrations",
    "kernel_schemastate": "SELECT id FROM kernel_schemastate",
}
TABLES = """
    SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'
"""


@pytest.fixture(scope="module")
def grown(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, str]]:
    """Databases that went through the releases one after the other, as far as each of the stops."""
    made = {stop: f"{GROWN}_{stop}" for stop in STOPS}
    with django_db_blocker.unblock():
        with on(GROWN, "template0"):
            for stop, targets in STOPS.items():
                executor = by_the_originals()
                executor.migrate(targets or executor.loader.graph.leaf_nodes())
                copy(GROWN, made[stop])
        try:
            yield made
        finally:
            for name in made.values():
                on_the_server(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def fresh(django_db_setup: None, django_db_blocker: Any) -> dict[str, Any]:
    """What the product makes of an empty database today."""
    with django_db_blocker.unblock(), on(EMPTY, "template0"):
        migrate()
        return everything()


@pytest.fixture
def reachable(django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock():
        yield


@contextmanager
def on(name: str, template: str) -> Iterator[None]:
    """The connection goes to a copy of this template, which is thrown away."""
    first = connection.settings_dict["NAME"]
    copy(template, name)
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connections.close_all()
        connection.settings_dict["NAME"] = first
        on_the_server(f"DROP DATABASE {name} WITH (FORCE)")


def copy(template: str, name: str) -> None:
    connections.close_all()
    on_the_server(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    on_the_server(f"CREATE DATABASE {name} TEMPLATE {template}")


def on_the_server(statement: str) -> None:
    with psycopg.connect(**{**database_place(), "dbname": "postgres"}, autocommit=True) as server:
        server.execute(statement)


migrate: Callable[[], Any] = partial(call_command, "migrate", verbosity=0, interactive=False)


def everything() -> dict[str, Any]:
    """The whole shape as PostgreSQL tells it, the places of columns too, and every row that is there."""
    place = database_place()
    program = find_binaries(store_account()).postgres / "pg_dump"
    address = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "dbname": "PGDATABASE"}
    known = {variable: place[name] for name, variable in address.items() if name in place}
    dumped = subprocess.run(
        [program, "--schema-only"],
        env={"PATH": os.environ["PATH"], "PGPASSWORD": place.get("password", ""), **known},
        capture_output=True,
        check=True,
        text=True,
    )
    return {"the shape": sorted(PASSING.sub("", dumped.stdout).splitlines())} | {
        table: sorted(asked(CONTENT.get(table, f'SELECT * FROM "{table}"'))) for (table,) in asked(TABLES)
    }


def asked(statement: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


def test_a_fresh_database_is_the_same_as_one_that_went_through_every_release(
    grown: dict[str, str], fresh: dict[str, Any], reachable: None
) -> None:
    with on(GROWN, grown["last"]):
        assert {*asked(CONTENT["django_migrations"])} == {*(Originals(connection).disk_migrations or {})}
        migrate()
        after_every_release = everything()

    assert after_every_release == fresh
    assert {name for name, rows in fresh.items() if rows} == {"the shape", *CONTENT}
    assert sum("CREATE TRIGGER" in line for line in fresh["the shape"]) == 14


@pytest.mark.parametrize("stop", ["early", "killed"])
def test_an_installation_that_stands_between_releases_comes_to_the_same_end(
    stop: str, grown: dict[str, str], fresh: dict[str, Any], reachable: None
) -> None:
    with on(GROWN, grown[stop]):
        migrate()
        assert everything() == fresh


def test_a_fresh_database_whose_making_is_killed_is_made_whole_by_the_next_start(
    fresh: dict[str, Any], reachable: None
) -> None:
    draw = random.Random(SEED)
    with on(EMPTY, "template0"):
        ended = []
        for _ in range(KILLS):
            process = in_a_process_of_its_own(migrate, dies_at=draw.randint(150, 500))
            process.join()
            ended.append(process.exitcode)
        migrate()

        assert ended.count(-signal.SIGKILL) >= 1
        assert everything() == fresh


def test_a_squashed_migration_is_noted_in_the_transaction_that_makes_its_tables(reachable: None) -> None:
    """Otherwise a kill between the two leaves tables that the next start makes again, and fails."""
    said: list[tuple[str, bool]] = []

    def listen(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        noted = params[:2] if 'INSERT INTO "django_migrations"' in str(sql) else ()
        if tuple(noted) in replaced:
            said.append((tuple(noted), connection.in_atomic_block))
        return execute(sql, params, many, context)

    disk = MigrationLoader(None).disk_migrations or {}
    replaced = {original for key in SQUASHED for original in disk[key].replaces}
    with on(EMPTY, "template0"), connection.execute_wrapper(listen):
        migrate()

    assert sorted(said) == sorted((original, True) for original in replaced)


def test_the_linter_reads_the_squashed_ones_whole_and_each_makes_the_tables_of_its_app(
    grown: dict[str, str], reachable: None
) -> None:
    linter = MigrationLinter(
        path=str(project.BASE_DIR), no_cache=True, quiet=["ok", "ignore", "warning", "error"]
    )

    made = {
        app: sorted(re.findall(r'CREATE TABLE "(\w+)"', " ".join(linter.get_sql(app, name))))
        for app, name in SQUASHED
    }

    assert made == {app: sorted(tables_of(app) - later_tables(app, linter)) for app, _ in SQUASHED}


def tables_of(app: str) -> set[str]:
    every = apps.get_app_config(app).get_models(include_auto_created=True)
    return {model._meta.db_table for model in every if model._meta.managed and not model._meta.proxy}


def later_tables(app: str, linter: MigrationLinter) -> set[str]:
    """What came with a release after those that are squashed."""
    disk = MigrationLoader(None).disk_migrations or {}
    replaced = {original for key in SQUASHED for original in disk[key].replaces}
    later = sorted(name for of, name in disk if of == app and (of, name) not in {*replaced, *SQUASHED})
    return {
        table
        for name in later
        for table in re.findall(r'CREATE TABLE "(\w+)"', " ".join(linter.get_sql(app, name)))
    }


def test_what_was_released_is_replaced_whole_and_in_order() -> None:
    """A migration between two replaced ones that is not replaced would be done twice, or never."""
    disk = MigrationLoader(None).disk_migrations or {}
    for app, name in SQUASHED:
        replaced = [original for _, original in disk[app, name].replaces]
        released = sorted(each for of, each in disk if of == app and "_squashed_" not in each)
        first = released.index(replaced[0])
        assert replaced == released[first : first + len(replaced)]
        assert name == f"{replaced[0][:4]}_squashed_{replaced[-1]}"
