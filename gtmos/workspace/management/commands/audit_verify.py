"""`manage.py audit_verify`: is the record of every change still whole?"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from gtmos.kernel.history.verifying import verify

SHOWN = 50


class Command(BaseCommand):
    help = (
        "Check every sealed change against the chain of seals and the signed checkpoint outside the database."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        del args, options
        verdict = verify()
        self.stdout.write(
            f"{verdict.rows} changes under {verdict.seals} seals, {verdict.redacted} erased with a note, "
            f"{verdict.unsealed} newer than the last seal."
        )
        if not verdict.is_whole:
            raise CommandError("\n".join([f"{len(verdict.faults)} faults:", *verdict.faults[:SHOWN]]))
        self.stdout.write("Nothing was edited, deleted, put in, reordered or cut off.")
