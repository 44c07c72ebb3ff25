"""`manage.py events list|show|lock`: the catalogue of facts."""

import json
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from gtmos.kernel.events import catalogue


class Command(BaseCommand):
    help = "Print every event with its schema, one of them, or write down the schemas that were agreed on."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        listing = verbs.add_parser("list", help="every event")
        listing.add_argument("--json", action="store_true", dest="as_json")
        showing = verbs.add_parser("show", help="one event")
        showing.add_argument("name")
        verbs.add_parser("lock", help="keep the schemas as they are in the code now")

    def handle(self, *args: Any, **options: Any) -> None:
        del args
        {"list": self._list, "show": self._show, "lock": self._lock}[options["verb"]](options)

    def _list(self, options: dict[str, Any]) -> None:
        entries = catalogue.entries()
        if options["as_json"]:
            self.stdout.write(json.dumps([as_json(each) for each in entries], indent=2))
            return
        for each in entries:
            self.stdout.write(
                f"{each.name}  version {each.version}, {each.priority.label}, {each.category}: {each.description}"
            )
            self.stdout.write(f"    {json.dumps(each.schema)}")

    def _show(self, options: dict[str, Any]) -> None:
        entry = catalogue.find(options["name"])
        if entry is None:
            raise CommandError(f"There is no event {options['name']}. `manage.py events list` prints all.")
        self.stdout.write(json.dumps(as_json(entry), indent=2))

    def _lock(self, options: dict[str, Any]) -> None:
        del options
        faults = catalogue.broken(settings.EVENT_SCHEMAS)
        if faults:
            raise CommandError("\n".join([*faults, "Count schema_version up, then lock again."]))
        for each in catalogue.drift(settings.EVENT_SCHEMAS):
            self.stdout.write(each)
        catalogue.keep(settings.EVENT_SCHEMAS)


def as_json(entry: catalogue.Entry) -> dict[str, Any]:
    return {**asdict(entry), "priority": entry.priority.label}
