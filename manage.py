"""Run administrative commands for GTM OS."""

import os
import sys

from gtmos.runtime.faults import StoreFault

NEEDS_NO_STORES = frozenset({"help", "--help", "--version", "up", "settings"})


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gtmos.settings")
    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    if command not in NEEDS_NO_STORES:
        from gtmos.runtime.stores import attach  # noqa: PLC0415 -- before Django reads the addresses

        try:
            attach()
        except StoreFault as fault:
            sys.exit(str(fault))
    from django.core.management import execute_from_command_line  # noqa: PLC0415 -- after the addresses are known

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
