"""The rules of ARCHITECTURE.md that a program can read off the code."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from celery import current_app
from django.conf import settings

from gtmos.kernel.schedule import schedules

PROJECT = Path(settings.BASE_DIR)
APPS = ("gtmos/kernel", "gtmos/context", "crm", "outreach", "issues", "journeys", "agents", "gtmos/workspace")
LONGEST_FILE = 400
WRITES = frozenset(
    {
        "save", "create", "delete", "update", "bulk_create", "bulk_update", "get_or_create", "update_or_create",
        "force_insert", "set_password",
    }
)  # fmt: skip
# Beside services. The kernel has no rooms: these of its files are its services.
MAY_WRITE = re.compile(
    r"/(services|management|migrations|tests)/|_test|"
    r"^gtmos/kernel/(events|history|schedule|people|search|signin|webhooks|workflows)/"
    r"(publishing|dispatch|recording|sealing|erasing|running|sending|\w*services|models)\.py$|"
    r"^gtmos/kernel/workflows/(starting|telling)\.py$|"
    r"^gtmos/kernel/privacy/(emptying|retention|own_data)\.py$|^\w+/personal_data\.py$|"
    r"^gtmos/kernel/(records|clock|secrets|api_idempotency|api_limits|fsm)\.py$|"
    r"^outreach/engine/(announcing|downtime)\.py$"
)
DOORS = re.compile(r"/(views|api|admin|consumers|forms|tools|tasks|subscribers|schedules|selectors)(/|\.py$)")
SQL_WRITE = re.compile(r"^\s*(INSERT INTO|UPDATE \w+ SET|DELETE FROM|TRUNCATE)\b", re.IGNORECASE)


def sources(*, tests: bool = False) -> Iterator[Path]:
    for app in APPS:
        for path in sorted((PROJECT / app).rglob("*.py")):
            parts = path.relative_to(PROJECT).parts
            if "migrations" not in parts and (tests or "tests" not in parts):
                yield path


def name_of(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix()


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def calls(tree: ast.AST) -> Iterator[tuple[ast.Call, ast.Attribute]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield node, node.func


def is_a_write(call: ast.Call, function: ast.Attribute) -> bool:
    """A method of the ORM that changes rows; the dictionaries and sets that share the names are left out."""
    if function.attr not in WRITES:
        return False
    owner = ast.unparse(function.value)
    if function.attr in {"save", "delete", "set_password"}:
        return not owner.startswith(("super()", "default_storage")) and not call.args
    if function.attr == "update":
        return bool(call.keywords) and not call.args and ("objects" in owner or "filter(" in owner)
    return "objects" in owner


def writes_of(path: Path) -> list[str]:
    return [
        f"{name_of(path)}:{call.lineno} {ast.unparse(function)[:60]}"
        for call, function in calls(tree_of(path))
        if is_a_write(call, function)
    ]


def test_only_services_write() -> None:
    found = [line for path in sources() if not MAY_WRITE.search(name_of(path)) for line in writes_of(path)]

    assert found == []


def test_no_door_writes_by_hand_in_sql() -> None:
    found = [
        f"{name_of(path)}:{node.lineno}"
        for path in sources()
        if DOORS.search(name_of(path))
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL_WRITE.match(node.value)
    ]

    assert found == []


def test_the_search_for_writes_finds_some_where_they_belong() -> None:
    found = {path.name for path in sources() if "services" in path.parts and writes_of(path)}

    assert {"contacts.py", "campaigns.py", "runs.py"} <= found


def test_every_bell_that_is_rung_is_a_job() -> None:
    rung = {
        call.args[0].value
        for path in sources()
        for call, function in calls(tree_of(path))
        if ast.unparse(function) in {"jobs.enqueue", "jobs.ring"}
        and call.args
        and isinstance(call.args[0], ast.Constant)
    }
    current_app.loader.import_default_modules()
    known = {name for name in current_app.tasks if not name.startswith("celery.")}

    assert rung
    assert rung - known == set()


def test_jobs_and_schedules_are_named_by_their_app_and_a_verb() -> None:
    current_app.loader.import_default_modules()
    names = {name for name in current_app.tasks if not name.startswith("celery.")} | set(schedules())
    labels = {app.rpartition("/")[2] for app in APPS}

    assert all(re.fullmatch(r"[a-z]+\.[a-z]+(_[a-z]+)*", name) for name in names)
    assert {name.partition(".")[0] for name in names} <= labels


@pytest.mark.parametrize("suffix", ["py", "css", "js", "html"])
def test_no_file_is_longer_than_a_person_reads(suffix: str) -> None:
    folders = (*APPS, "gtmos", "benchmarks", "tests", "templates", "static/css", "static/js")
    lengths = {
        name_of(path): len(path.read_text(encoding="utf-8").splitlines())
        for folder in folders
        for path in (PROJECT / folder).rglob(f"*.{suffix}")
        if not {"migrations", "vendor", "node_modules"} & set(path.parts)
    }

    assert lengths
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_no_module_has_a_name_that_says_nothing() -> None:
    empty = {"utils", "helpers", "common", "base", "misc", "util"}

    assert [name_of(path) for path in sources(tests=True) if path.stem in empty] == []


def test_every_module_that_decides_or_writes_says_what_it_is_for() -> None:
    silent = [
        name_of(path)
        for path in sources()
        if {"services", "engine", "rendering", "timing", "scoring", "experiments", "intake"} & set(path.parts)
        and path.name != "__init__.py"
        and not ast.get_docstring(tree_of(path))
    ]

    assert silent == []


def test_nothing_sleeps_and_nothing_is_put_off_by_the_broker() -> None:
    """Business time is a column; a broker would lose or repeat what it is told to hold."""
    found = [
        f"{name_of(path)}:{call.lineno}"
        for path in sources()
        for call, function in calls(tree_of(path))
        if {keyword.arg for keyword in call.keywords} & {"eta", "countdown"}
        or function.attr in {"apply_async", "delay"}
    ]

    assert found == []
