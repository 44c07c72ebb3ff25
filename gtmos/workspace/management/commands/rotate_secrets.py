"""`manage.py rotate_secrets`: seal every kept secret anew with the newest key."""

from typing import Any

from django.core.management.base import BaseCommand

from gtmos.kernel.secrets import rotate_all


class Command(BaseCommand):
    help = "Seal every kept secret with the first key of GTMOS_SECRETS_KEYS. Afterwards older keys may go."

    def handle(self, *args: Any, **options: Any) -> None:
        del args, options
        self.stdout.write(f"{rotate_all()} secrets are sealed with the newest key.")
