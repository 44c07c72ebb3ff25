"""`manage.py check_ready`: is every part ready, as JSON."""

import json
from typing import Any

from django.core.management.base import BaseCommand

from gtmos.workspace.selectors.readiness import readiness

NOT_READY = 1


class Command(BaseCommand):
    help = "Print the readiness of every part as one JSON object; exit 1 when something is not ready."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        del args, options
        report = readiness()
        self.stdout.write(json.dumps(report, ensure_ascii=False))
        if not report["ok"]:
            raise SystemExit(NOT_READY)
