"""`manage.py rotate_secrets`: seal every kept secret anew with the newest key."""

from typing import Any

from django.core.management.base import BaseCommand

from gtmos.kernel.secrets import rotate_all
from gtmos.kernel.signin.factor_services import rotate_factors


class Command(BaseCommand):
    help = "Seal every kept secret with the first key of GTMOS_SECRETS_KEYS. Afterwards older keys may go."

    def handle(self, *args: Any, **options: Any) -> None:
        del args, options
        count = rotate_all() + rotate_factors()
        self.stdout.write(f"{count} secrets are sealed with the newest key.")
