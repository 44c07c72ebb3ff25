"""`manage.py up`: the whole product under one supervisor."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from gtmos.env import env
from gtmos.runtime.faults import StoreFault
from gtmos.runtime.supervisor import Supervisor


class Command(BaseCommand):
    help = "Start stores, web, worker, scheduler, inbound mail and the sandbox; Ctrl-C stops them all."
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def handle(self, *args: Any, **options: Any) -> None:
        del args, options
        embedded = not (env.database_url and env.redis_url)
        try:
            Supervisor(env.home, port=env.port, embedded=embedded).run()
        except StoreFault as fault:
            raise CommandError(str(fault)) from fault
