"""Says what inbound mails mean: one line of JSON per message file."""

import json
from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from outreach.channels.email.parsing.classify import classify

MAX_FILE_BYTES = 50_000_000


class Command(BaseCommand):
    help = "Classifies messages (RFC 5322): reply, automatic reply, bounce, complaint, unsubscribe or other."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="*", metavar="FILE", help="message files")
        parser.add_argument("--batch", metavar="DIR", help="classify every file of this folder")
        parser.add_argument(
            "--own", action="append", default=[], metavar="ADDRESS", help="a mailbox we send from"
        )

    def handle(self, *_args: object, **options: object) -> None:
        files = self.chosen_files(options)
        if not files:
            raise CommandError("Name message files, or a folder with --batch.")
        own = [str(address) for address in as_list(options["own"])]
        unread = sum(not self.classify_file(path, own) for path in files)
        if unread:
            raise CommandError(f"{unread} of {len(files)} files could not be read.")

    def chosen_files(self, options: dict[str, object]) -> list[Path]:
        files = [Path(str(name)) for name in as_list(options["files"])]
        if options["batch"]:
            folder = Path(str(options["batch"]))
            if not folder.is_dir():
                raise CommandError(f"{folder} is not a folder.")
            files += sorted(path for path in folder.rglob("*") if path.is_file())
        return files

    def classify_file(self, path: Path, own: list[str]) -> bool:
        try:
            with path.open("rb") as stream:
                raw = stream.read(MAX_FILE_BYTES)
        except OSError as error:
            self.stderr.write(f"{path} could not be read: {error.strerror or error}.")
            return False
        row = {"file": path.name, **classify(raw, own_addresses=own).as_row()}
        self.stdout.write(json.dumps(row))
        return True


def as_list(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else []
