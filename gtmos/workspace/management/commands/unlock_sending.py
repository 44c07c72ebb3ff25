"""`manage.py unlock_sending`: a person says that this restored or moved copy may send."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.people.selectors import get_user
from outreach.services.reopening import open_sending


class Command(BaseCommand):
    help = "Let a restored or moved copy of the database send. Mails that were due until now wait for a decision."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--as", dest="email", default="", help="who says so; the history names them")

    def handle(self, *args: Any, **options: Any) -> None:
        del args
        email = options["email"]
        actor = Actor.of(get_user(email, actor=SYSTEM)) if email else Actor.system("command line")
        why, held = open_sending(actor=actor)
        if not why:
            self.stdout.write("Sending was not locked.")
            return
        self.stdout.write(f"It was locked: {why}")
        self.stdout.write(f"Sending is open. Mails that were due and wait for a decision: {held}.")
