"""Free ports on loopback."""

import secrets
import socket

LOOPBACK = "127.0.0.1"
# Below the range systems take outgoing ports from: a stopped server finds its port free when it comes back.
FIRST, LAST = 20_000, 31_999


def free_port() -> int:
    for _ in range(200):
        port = FIRST + secrets.randbelow(LAST - FIRST)
        if is_free(port):
            return port
    raise OSError(f"No free port was found on {LOOPBACK} between {FIRST} and {LAST}.")


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True
