"""`manage.py seed_demo`: the demo organisation for an empty installation."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from gtmos.env import env
from gtmos.kernel.exceptions import DomainError
from gtmos.workspace.services.demo_organisation import DEMO_EMAIL, DemoSize, is_empty, make_demo
from gtmos.workspace.services.installation import prepare_new_installation


class Command(BaseCommand):
    requires_system_checks: list[str] = []
    help = "Fill an empty installation with a demo organisation, through the product's own services."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--if-empty", action="store_true", help="do nothing where somebody works already")
        parser.add_argument("--seed", type=int, default=7)
        parser.add_argument(
            "--chiefs", type=int, default=18, help="people who match the tour's first sentence"
        )

        parser.add_argument("--daily-cap", type=int, default=200, help="mails a day from the demo mailbox")

    def handle(self, *args: Any, **options: Any) -> None:
        del args
        prepare_new_installation()
        if options["if_empty"] and (not is_empty() or env.production):
            return
        size = DemoSize(chiefs_in_new_york=options["chiefs"])
        try:
            make_demo(
                password=env.demo_password, seed=options["seed"], size=size, daily_cap=options["daily_cap"]
            )
        except DomainError as error:
            raise CommandError(error.message) from error
        (env.home / "sign_in").write_text(f"sign in as {DEMO_EMAIL} / {env.demo_password}\n")
        self.stdout.write(f"The demo organisation is there. Sign in as {DEMO_EMAIL}.")
