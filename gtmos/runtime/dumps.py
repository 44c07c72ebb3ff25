"""Writing a database to a file and reading it back, with PostgreSQL's own programs. Knows no Django."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from gtmos.runtime.accounts import store_account
from gtmos.runtime.binaries import find_binaries
from gtmos.runtime.faults import StoreFault

# Neither the roles nor the grants of one server mean anything on another.
PLAIN = ("--no-owner", "--no-privileges")
EMPTY = "BEGIN; SET client_min_messages = warning; DROP SCHEMA public CASCADE; CREATE SCHEMA public AUTHORIZATION pg_database_owner;\n"
LONGEST_FAULT = 500


def dump(place: Mapping[str, str], into: Path, *, snapshot: str) -> None:
    """Everything as it was at the snapshot, whatever is written meanwhile."""
    program = (_program("pg_dump"), "--format=custom", "--compress=6", *PLAIN, f"--snapshot={snapshot}")
    done = subprocess.run((*program, f"--file={into}"), env=_environ(place), capture_output=True, check=False)
    if done.returncode:
        raise StoreFault(f"pg_dump failed: {_said(done.stderr)}")


def restore(dumped: Path, place: Mapping[str, str], *, then: str = "") -> None:
    """Replace all that is in the database by the dump and do `then`, in one transaction: all of it or nothing."""
    with _script(dumped) as reading, _psql(place) as writing:
        assert reading.stdout is not None
        assert writing.stdin is not None
        try:
            writing.stdin.write(EMPTY.encode())
            shutil.copyfileobj(reading.stdout, writing.stdin)
            failed = reading.wait()
            # Without the last word the server takes everything back.
            writing.stdin.write(b"ROLLBACK;\n" if failed else f"{then}\nCOMMIT;\n".encode())
            writing.stdin.close()
        except BrokenPipeError:  # psql has said why, and went
            failed = 1
        said = b"".join(each.stderr.read() for each in (reading, writing) if each.stderr)
        if writing.wait() or failed:
            raise StoreFault(f"Nothing was changed. The backup could not be read back: {_said(said)}")


@contextmanager
def _script(dumped: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = (_program("pg_restore"), "--file=-", *PLAIN, str(dumped))
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def _psql(place: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    command = (_program("psql"), "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--output=/dev/null")
    with subprocess.Popen(
        command, env=_environ(place), stdin=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def _environ(place: Mapping[str, str]) -> dict[str, str]:
    """The password stands in no argument, where everybody on the machine could read it."""
    names = {
        "host": "PGHOST",
        "port": "PGPORT",
        "user": "PGUSER",
        "password": "PGPASSWORD",
        "dbname": "PGDATABASE",
    }
    given = {variable: str(place[name]) for name, variable in names.items() if place.get(name)}
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", **given}


def _program(name: str) -> str:
    return str(find_binaries(store_account()).postgres / name)


def _said(output: bytes) -> str:
    lines = output.decode(errors="replace").strip().splitlines()
    return " ".join(lines)[:LONGEST_FAULT] or "it ended without a word."
