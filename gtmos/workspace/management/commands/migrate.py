"""`migrate`, with each migration and the line that says it is done in one transaction.

Django writes that line after the transaction of a migration that leaves statements for its end. Killed in between, the
next run would do the migration again and fail at the first table that is there already.
"""

from typing import Any

from django.core.management.commands import migrate
from django.db import transaction
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import ProjectState


class WholeMigrations(MigrationExecutor):
    """A migration is done and known to be done, or neither; one that says it cannot be in a transaction is as it was."""

    def apply_migration(
        self, state: ProjectState, migration: Migration, *args: Any, **options: Any
    ) -> ProjectState:
        if not migration.atomic:
            return super().apply_migration(state, migration, *args, **options)
        with transaction.atomic(using=self.connection.alias):
            return super().apply_migration(state, migration, *args, **options)

    def unapply_migration(
        self, state: ProjectState, migration: Migration, *args: Any, **options: Any
    ) -> ProjectState:
        if not migration.atomic:
            return super().unapply_migration(state, migration, *args, **options)
        with transaction.atomic(using=self.connection.alias):
            return super().unapply_migration(state, migration, *args, **options)


migrate.MigrationExecutor = WholeMigrations  # type: ignore[attr-defined]  # the command has no other place for it


class Command(migrate.Command):
    """As Django's own."""
