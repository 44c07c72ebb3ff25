"""`manage.py backup [FILE]`: everything of this installation in one file, while it runs."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from gtmos.env import env
from gtmos.kernel.exceptions import DomainError
from gtmos.runtime.faults import StoreFault
from gtmos.workspace.services.backups import keep_keys, take_backup

MEGABYTE = 1_000_000


class Command(BaseCommand):
    help = "Save the database at one moment, the files and the checkpoint of the history. The keys are not in it; see --keys."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", default="", help="by default in GTMOS_HOME/backups")
        parser.add_argument("--keys", default="", help="write the keys into this file; keep it elsewhere")

    def handle(self, *args: Any, **options: Any) -> None:
        del args
        path = Path(options["file"] or env.home / "backups" / f"gtmos-{timezone.now():%Y%m%d-%H%M%S}.tar")
        try:
            taken = take_backup(path)
            if options["keys"]:
                keep_keys(Path(options["keys"]))
        except (DomainError, StoreFault) as error:
            raise CommandError(str(error)) from error
        manifest = taken.manifest
        self.stdout.write(f"{path}: {taken.size / MEGABYTE:.1f} MB in {taken.seconds:.1f} s")
        self.stdout.write(
            f"{manifest.rows} rows of {len(manifest.digests)} tables and sequences, {len(manifest.files)} files, "
            f"as they were at {manifest.moment:%Y-%m-%d %H:%M:%S} UTC. What is written later is not in it."
        )
        if not options["keys"]:
            self.stdout.write(
                "The keys are not in it. Keep SECRET_KEY and GTMOS_SECRETS_KEYS elsewhere (--keys FILE)."
            )
