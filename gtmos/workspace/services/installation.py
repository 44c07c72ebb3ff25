"""The first thing that anybody does here may be any command."""

from django.core.management import call_command
from django.db import connection

from gtmos.kernel.people.models import User


def prepare_new_installation() -> None:
    """Make the tables of an empty database; an existing one is left to `migrate`."""
    if User._meta.db_table not in connection.introspection.table_names():
        call_command("migrate", verbosity=0, interactive=False)
