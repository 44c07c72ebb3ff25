"""Once each, also when what sends is killed. Each run has stores, workers and a mail server of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.kill

PROJECT = Path(__file__).resolve().parent.parent.parent
OURS = ("DATABASE_URL", "REDIS_URL", "GTMOS_HOME", "GTMOS_SANDBOX_SMTP_PORT", "GTMOS_POOL")


def chaos(*options: str) -> dict:
    environ = {name: value for name, value in os.environ.items() if name not in OURS}
    argv = [sys.executable, "-W", "ignore", "-m", "benchmarks.chaos", *options]
    done = subprocess.run(argv, cwd=PROJECT, env=environ, check=False, stdout=subprocess.PIPE)
    return json.loads(done.stdout.splitlines()[-1])


def test_a_thousand_mails_leave_once_each_through_eight_kills() -> None:
    found = chaos("--touches", "1000", "--kills", "8", "--seed", "1")

    assert found["kills"] == {"worker": 5, "postgres": 2, "valkey": 1}
    assert found["doubled_before_settling"] == 0
    assert found["stuck"] == 0
    assert found["doubled"] == 0
    assert found["lost"] == 0
    assert found["unsettled"] == 0
    assert found["wrongly_sent"] == 0
    assert found["ok"] is True


def test_the_kill_test_can_fail() -> None:
    """A sender that repeats what it has no reply for, as most do, is caught."""
    found = chaos("--touches", "200", "--kills", "2", "--faults", "0.03", "--sabotage", "blind")

    assert found["doubled"] > 0
    assert found["ok"] is False
