"""`manage.py up`: the whole product under one supervisor."""

from typing import Any

from django.core.management.base import BaseCommand

from gtmos.runtime.supervisor import supervise


class Command(BaseCommand):
    # `manage.py up` itself comes here without Django (see manage.py); this is for `help` and `call_command`.
    help = "Start stores, web, worker, scheduler, inbound mail and the sandbox; Ctrl-C stops them all."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        del args, options
        supervise()
