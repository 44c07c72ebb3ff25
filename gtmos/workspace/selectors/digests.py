"""What the database holds, table by table, in numbers that are equal where the rows are."""

from collections.abc import Iterator

from django.db import connection
from psycopg import sql

SEQUENCE = "sequence "
Digests = dict[str, list[str]]

TABLES = """
    SELECT table_name FROM information_schema.tables
    WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY table_name
"""
SEQUENCES = (
    "SELECT sequencename, coalesce(last_value::text, '') FROM pg_sequences WHERE schemaname = 'public'"
)
# The sum does not depend on the order of the rows, and takes no memory however many there are.
ONE = """
    SELECT count(*)::text, coalesce(sum(('x' || left(md5(row_::text), 16))::bit(64)::bigint::numeric), 0)::text
    FROM {table} row_
"""
# How values are written as text, whatever the session thinks.
PLAIN = "SET LOCAL DateStyle = 'ISO, YMD'; SET LOCAL TimeZone = 'UTC'; SET LOCAL extra_float_digits = 1"


def digests() -> Digests:
    """Of each table its rows and the sum of what they say; of each sequence where it stands. Inside a transaction."""
    with connection.cursor() as cursor:
        cursor.execute(PLAIN)
        cursor.execute(TABLES)
        tables = [name for (name,) in cursor.fetchall()]
        found: Digests = {}
        for table in tables:
            cursor.execute(sql.SQL(ONE).format(table=sql.Identifier(table)))
            found[table] = list(cursor.fetchone())
        cursor.execute(SEQUENCES)
        return {**found, **{f"{SEQUENCE}{name}": [value] for name, value in cursor.fetchall()}}


def differences(wanted: Digests, found: Digests) -> Iterator[str]:
    """A sequence may stand further on: it counts on while the rest is saved."""
    for name in sorted({*wanted, *found}):
        if not _agrees(name, wanted.get(name), found.get(name)):
            yield f"{name}: {_rows(wanted.get(name))} in the backup, {_rows(found.get(name))} here"


def _agrees(name: str, wanted: list[str] | None, found: list[str] | None) -> bool:
    if name.startswith(SEQUENCE) and wanted and found:
        return int(found[0] or 0) >= int(wanted[0] or 0)
    return wanted == found


def _rows(digest: list[str] | None) -> str:
    return " / ".join(digest) if digest else "nothing"
