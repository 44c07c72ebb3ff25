"""`manage.py import_csv FILE`: a list from a terminal, the same way as from the page."""

import json
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError, CommandParser

from crm.models import ImportBatch
from crm.services.import_rehearsing import rehearse_import
from crm.services.importing import run_import, start_import, upload_import
from crm.services.pipelines import ensure_default_pipeline
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.people.models import User
from gtmos.kernel.people.selectors import get_user
from gtmos.workspace.services.installation import prepare_new_installation


class Command(BaseCommand):
    requires_system_checks: list[str] = []
    help = "Import companies, contacts or deals from CSV as HubSpot, Salesforce, Pipedrive, Apollo or a spreadsheet write it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file")
        parser.add_argument("--into", choices=["auto", "companies", "contacts", "deals"], default="auto")
        parser.add_argument(
            "--dry-run", action="store_true", help="say what the file would do; change nothing"
        )
        parser.add_argument("--json", action="store_true", help="one JSON object on standard output")
        parser.add_argument("--as", dest="email", default="", help="whose records they become")

    def handle(self, *args: Any, **options: Any) -> None:
        del args
        prepare_new_installation()
        try:
            self._import(options)
        except (DomainError, OSError) as error:
            raise CommandError(getattr(error, "message", None) or str(error)) from error

    def _import(self, options: dict[str, Any]) -> None:
        actor = _actor(options["email"])
        path = Path(options["file"])
        carry_out = rehearse_import if options["dry_run"] else _import_now
        with path.open("rb") as content:
            batch = carry_out(file_name=path.name, content=content, into=options["into"], actor=actor)
        if batch.state != "done":
            raise DomainError(f"{batch.error} Nothing was changed.", code="import_failed")
        self._say({**batch.result, **(_look(batch) if options["dry_run"] else {})}, options)

    def _say(self, result: dict[str, Any], options: dict[str, Any]) -> None:
        if options["json"]:
            self.stdout.write(json.dumps(result))
            return
        for name, value in result.items():
            self.stdout.write(f"{name.replace('_', ' ')}: {value}")


def _import_now(*, file_name: str, content: BinaryIO, into: str, actor: Actor) -> ImportBatch:
    ensure_default_pipeline(actor=SYSTEM)
    batch = upload_import(file_name=file_name, content=content, into=into, actor=actor)
    start_import(batch, actor=actor)
    return run_import(batch.pk)


def _look(batch: ImportBatch) -> dict[str, Any]:
    """What the columns of the file were taken for."""
    columns = {column["name"]: column["target"] for column in batch.mapping["columns"]}
    return {"into": batch.mapping["kind"], "columns": columns}


def _actor(email: str) -> Actor:
    if email:
        return Actor.of(get_user(email, actor=SYSTEM), source="import")
    first = User.objects.filter(is_active=True, is_superuser=True).order_by("created_at").first()
    return Actor.of(first, source="import") if first else Actor.system("import", source="import")
