"""`manage.py export_csv LIST FILE`: a list to a file, the same rows as from the page."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from crm.selectors.exports import KINDS
from crm.services.exporting import FORMATS, export_records
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.people.selectors import get_user


class Command(BaseCommand):
    requires_system_checks: list[str] = []
    help = "Write a list to a CSV or Excel file; an import reads it back as it was."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("list", choices=KINDS)
        parser.add_argument("file", help="its ending says which kind: .csv or .xlsx")
        parser.add_argument("--search", default="", help="only what matches this text")
        parser.add_argument("--only", default="", help="a customer state, or a view of tasks")
        parser.add_argument("--as", dest="email", default="", help="only what this person may see")

    def handle(self, *args: Any, **options: Any) -> None:
        del args
        path = Path(options["file"])
        ending = path.suffix.lstrip(".").lower()
        try:
            actor = Actor.of(get_user(options["email"], actor=SYSTEM)) if options["email"] else SYSTEM
            download = export_records(
                options["list"],
                actor=actor,
                text=options["search"],
                choice=options["only"],
                file_format=ending if ending in FORMATS else "csv",
            )
            with path.open("wb") as file:
                file.writelines(download.pieces)
        except (DomainError, OSError) as error:
            raise CommandError(getattr(error, "message", None) or str(error)) from error
        self.stdout.write(f"{download.rows} rows of {options['list']} in {path}")
