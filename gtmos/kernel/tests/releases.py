"""The migrations as they were released, one after the other, without the squashed ones that replace them."""

from typing import Any

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader


class Originals(MigrationLoader):
    """Django's loader leaves the squashed ones in the graph when it does not replace by them."""

    def load_disk(self) -> None:
        super().load_disk()
        every: Any = self.disk_migrations
        self.disk_migrations = {key: each for key, each in every.items() if not each.replaces}


def by_the_originals() -> MigrationExecutor:
    executor = MigrationExecutor(connection)
    executor.loader = Originals(connection)
    return executor
