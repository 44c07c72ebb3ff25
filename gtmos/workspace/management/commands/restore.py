"""`manage.py restore FILE`: a backup back into this installation, which then sends nothing until a person unlocks it."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from gtmos.kernel.exceptions import DomainError
from gtmos.runtime.faults import StoreFault
from gtmos.workspace.services.restoring_backups import restore_backup

MINUTE = 60


class Command(BaseCommand):
    help = "Read a backup back and compare it with what was saved. Nothing leaves afterwards before unlock_sending."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file")
        parser.add_argument("--replace", action="store_true", help="what is in this installation is lost")
        parser.add_argument(
            "--without-keys", action="store_true", help="although the keys are not those of the backup"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        del args
        try:
            done = restore_backup(
                Path(options["file"]), replace=options["replace"], without_keys=options["without_keys"]
            )
        except (DomainError, StoreFault) as error:
            raise CommandError(getattr(error, "message", None) or str(error)) from error
        manifest = done.manifest
        self.stdout.write(
            f"{manifest.rows} rows and {len(manifest.files)} files are as they were saved; every table is equal."
        )
        self.stdout.write(f"Recovery time (RTO): {done.seconds:.1f} s")
        self.stdout.write(
            f"Recovery point (RPO): {manifest.moment:%Y-%m-%d %H:%M:%S} UTC; "
            f"what was written in the {done.age.total_seconds() / MINUTE:.1f} minutes since is lost."
        )
        self.stdout.write(
            "Sending is locked. Once the first installation is surely off: manage.py unlock_sending --as YOU"
        )
