"""The embedded Valkey server: broker and live updates. Nothing in it is the only copy, so it keeps no file."""

import signal
import socket
from pathlib import Path

from gtmos.runtime.places import Places, private_directory, write_private
from gtmos.runtime.ports import LOOPBACK
from gtmos.runtime.programs import end_orphan, last_lines
from gtmos.runtime.servers import Server


class Valkey(Server):
    name = "valkey"
    start_seconds = 20.0
    stop_seconds = 3.0
    stop_signal = signal.SIGTERM

    @property
    def url(self) -> str:
        return address(self.places, self.port)

    @property
    def directory(self) -> Path:
        return self.places.stores / "valkey"

    def prepare(self) -> None:
        private_directory(self.directory, self.account)
        self._end_predecessor()
        # In a file, because everyone on the machine can read a program's arguments.
        write_private(self._configuration, self._lines(), self.account)

    def argv(self) -> list[str | Path]:
        return [self.binaries.valkey, self._configuration]

    def answers(self) -> bool:
        return is_there(self.places, self.port)

    def may_try_again(self) -> bool:
        return "Address already in use" in last_lines(self.log, 6)

    @property
    def _configuration(self) -> Path:
        return self.directory / "valkey.conf"

    def _lines(self) -> str:
        lines = (
            f"bind {LOOPBACK}",
            f"port {self.port}",
            f"requirepass {self.places.password()}",
            f"dir {self.directory}",
            f"pidfile {self.directory / 'pid'}",
            'save ""',
            "appendonly no",
            "maxmemory 256mb",
            "maxmemory-policy noeviction",
            "loglevel warning",
        )
        return "\n".join(lines) + "\n"

    def _end_predecessor(self) -> None:
        pid_file = self.directory / "pid"
        if not pid_file.exists():
            return
        pid = pid_file.read_text().strip()
        if pid.isdecimal():
            end_orphan(int(pid), mark="valkey-server", polite=self.stop_signal, seconds=self.stop_seconds)
        pid_file.unlink(missing_ok=True)


def address(places: Places, port: int) -> str:
    return f"redis://:{places.password()}@{LOOPBACK}:{port}/0"


def is_there(places: Places, port: int) -> bool:
    """Whether the server of these places answers on this port."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=2) as probe:
            probe.sendall(f"AUTH {places.password()}\r\nPING\r\n".encode())
            answer = b""
            while answer.count(b"\r\n") < 2 and (part := probe.recv(256)):
                answer += part
    except OSError:
        return False
    return answer == b"+OK\r\n+PONG\r\n"
