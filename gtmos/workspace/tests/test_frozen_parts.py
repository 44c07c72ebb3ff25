"""Parts that live and do nothing: readiness looks at what they do, not at whether they are there."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from benchmarks.waiting import until
from gtmos.kernel.tests.processes import database_address
from gtmos.runtime.ports import free_port
from gtmos.workspace.selectors.readiness import SILENT_AFTER, readiness
from gtmos.workspace.tests.test_api_processes import nobody_else_is_connected

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.kill]
STATED_SECONDS = SILENT_AFTER.total_seconds()
START_SECONDS = 120


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[dict[str, psutil.Process]]:
    """The worker and the scheduler, really running on the database of this test."""
    environ = {**os.environ, "DATABASE_URL": database_address(), "GTMOS_HOME": str(tmp_path)}
    environ["GTMOS_INBOUND_PORT"] = str(free_port())
    (tmp_path / "run").mkdir()
    argv = [sys.executable, "-W", "ignore", "manage.py", "background"]
    with subprocess.Popen(argv, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            until(are_ready, "worker and scheduler", seconds=START_SECONDS)
            yield {
                name: psutil.Process(int((tmp_path / "run" / f"{name}.pid").read_text()))
                for name in ("worker", "scheduler")
            }
        finally:
            for each in psutil.Process(process.pid).children(recursive=True):
                with suppress(psutil.NoSuchProcess):
                    each.send_signal(signal.SIGCONT)
            process.send_signal(signal.SIGTERM)
    until(nobody_else_is_connected, "the end of their connections", seconds=60)


def are_ready() -> bool:
    report = readiness()
    return bool(report["worker"]["ok"] and report["scheduler"]["ok"])


@pytest.mark.parametrize("name", ["worker", "scheduler"])
def test_a_part_that_is_frozen_makes_the_installation_unready_in_time_and_is_named(parts, client, name):
    parts[name].suspend()

    until(lambda: not readiness()[name]["ok"], "the silence to be noticed", seconds=STATED_SECONDS + 10)
    answer = client.get("/readyz")
    is_there, found = parts[name].is_running(), readiness()[name]
    parts[name].resume()
    until(are_ready, "readiness after it woke", seconds=60)

    assert (answer.status_code, answer.json()["ok"], is_there) == (503, False, True)
    assert STATED_SECONDS <= found["seconds_ago"] <= STATED_SECONDS + 10
    assert found["why"].startswith(f"The {name} has said nothing for 3")


def test_a_part_that_works_is_not_called_frozen(parts: Any) -> None:
    """What would always be red would pass the test above."""
    assert are_ready()
