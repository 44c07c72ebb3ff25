"""`manage.py token EMAIL --scopes read,write`: an API token, shown once."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.people.selectors import get_user
from gtmos.kernel.people.services import SCOPES, issue_token
from gtmos.workspace.services.installation import prepare_new_installation


class Command(BaseCommand):
    help = "Make an API token for a person and print it. It cannot be read again later."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--scopes", default="read", help=",".join(SCOPES))
        parser.add_argument("--name", default="API", help="what the token is for")

    def handle(self, *args: Any, **options: Any) -> None:
        del args
        prepare_new_installation()
        console = Actor.system("manage.py token", source="command")
        scopes = [scope.strip() for scope in options["scopes"].split(",") if scope.strip()]
        try:
            user = get_user(options["email"], actor=console)
            key = issue_token(user, scopes=scopes, name=options["name"], actor=console)
        except DomainError as error:
            raise CommandError(error.message) from error
        self.stdout.write(key)
