"""Run administrative commands for GTM OS."""

import os
import sys

from gtmos.runtime.faults import StoreFault

NEEDS_NO_STORES = frozenset(
    {"help", "--help", "-h", "version", "--version", "up", "compilemessages", "collectstatic"}
)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gtmos.settings")
    if sys.argv[1:] == ["up"]:
        from gtmos.runtime.supervisor import supervise  # noqa: PLC0415 -- needs neither Django nor stores

        supervise()
        return
    if _needs_stores(sys.argv):
        from gtmos.runtime.stores import attach  # noqa: PLC0415 -- before Django reads the addresses

        try:
            attach()
        except StoreFault as fault:
            sys.exit(str(fault))
    from django.core.management import execute_from_command_line  # noqa: PLC0415 -- after the addresses are known

    execute_from_command_line(sys.argv)


def _needs_stores(argv: list[str]) -> bool:
    return len(argv) > 1 and argv[1] not in NEEDS_NO_STORES and "--help" not in argv


if __name__ == "__main__":
    main()
