"""Throw-away, durable stores for one measurement, with Django set up on them."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from gtmos.runtime.stores import throwaway


@contextmanager
def fresh_stores() -> Iterator[None]:
    """Needs a process in which Django is not set up yet."""
    with tempfile.TemporaryDirectory(prefix="gtmos-bench-") as home, throwaway(durable=True) as stores:
        os.environ |= {
            "DATABASE_URL": stores.addresses.database_url,
            "REDIS_URL": stores.addresses.redis_url,
            "GTMOS_HOME": home,
            "DJANGO_SETTINGS_MODULE": "gtmos.settings",
        }
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        yield


def part_of(values: list[float], share: float) -> float:
    """The value that this share of the values does not exceed."""
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]


def misses(*checks: tuple[bool, str]) -> list[str]:
    """In words, every limit that was not kept."""
    return [words for is_kept, words in checks if not is_kept]
