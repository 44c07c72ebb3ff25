"""Every row of every table, and what one request changes in them; afterwards it is undone."""

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connection, transaction

Rows = dict[tuple[str, str], dict[str, Any]]
# Every request, or every failed try, counts itself here.
COUNTED = {"kernel_requestcount", "kernel_failedtry", "django_session", "kernel_browsersession"}
OFTEN = {("kernel_apitoken", "last_used_at")}  # written by any request, once a minute
KEY = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}|\b[0-9a-f]{32,64}\b")
MOMENT = re.compile(r"20[2-9]\d-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?([+-]\d\d(:?\d\d)?|Z)?)?")


def every_row() -> Rows:
    """In one question to the database."""
    models = [model for model in apps.get_models(include_auto_created=True) if model._meta.managed]
    chosen = [
        f"SELECT '{table}', t.{model._meta.pk.column}::text, to_jsonb(t)::text FROM {table} t"
        for model in models
        if (table := model._meta.db_table) not in COUNTED
    ]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(chosen))
        return {(table, key): json.loads(row) for table, key, row in cursor.fetchall()}


@dataclass(frozen=True)
class Change:
    """A row that was made, changed or deleted, with the columns that hold something else now."""

    table: str
    kind: str
    key: str
    columns: dict[str, Any]


def changes_between(before: Rows, after: Rows) -> list[Change]:
    found = [
        _change(place, before.get(place), after.get(place))
        for place in sorted(before.keys() | after.keys())
        if before.get(place) != after.get(place)
    ]
    return [each for each in found if {(each.table, name) for name in each.columns} != OFTEN]


def _change(place: tuple[str, str], old: dict[str, Any] | None, new: dict[str, Any] | None) -> Change:
    if old is None or new is None:
        return Change(place[0], "made" if old is None else "deleted", place[1], new or {})
    changed = {name: value for name, value in new.items() if value != old.get(name)}
    return Change(place[0], "changed", place[1], changed)


@dataclass(frozen=True)
class Outcome:
    """How a request was answered, and what it did."""

    status: int
    answer: Any
    changes: list[Change]

    @property
    def did_it(self) -> bool:
        return self.status < 400


def tried(before: Rows, ask: Callable[[], Any]) -> Outcome:
    """What the request does to the database, which is then as it was."""
    with transaction.atomic():
        answer = ask()
        changes = changes_between(before, every_row())
        transaction.set_rollback(True)
    return Outcome(answer.status_code, answer, changes)


def alike(changes: list[Change], known: set[str], noisy: set[tuple[str, str]]) -> Counter[str]:
    """The same for two runs that did the same: keys and moments of the run itself do not count."""
    return Counter(
        f"{each.table} {each.kind} {name}={_plain(value, known)}"
        for each in changes
        for name, value in each.columns.items()
        if (each.table, name) not in noisy
    )


def _plain(value: Any, known: set[str]) -> str:
    text = json.dumps(value, sort_keys=True, default=str)
    text = KEY.sub(lambda found: found[0] if found[0] in known else "<key>", text)
    return MOMENT.sub("<now>", text)


def noise(one: list[Change], other: list[Change], known: set[str]) -> set[tuple[str, str]]:
    """Columns that differ when the very same request is done twice."""
    difference = alike(one, known, set()) - alike(other, known, set())
    names = (line.split(" ", 2) for line in difference)
    return {(table, rest.partition("=")[0]) for table, _, rest in names}
