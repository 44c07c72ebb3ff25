"""Requests to addresses that people write: never to a machine that is not on the public Internet.

The name is resolved once, every answer must be public, and the connection goes to the address that was checked. A name
that means something else a moment later, a redirect and an odd spelling of a number all lead nowhere.
"""

import http.client
import re
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from gtmos.kernel.exceptions import InvalidInputError

Address = IPv4Address | IPv6Address
Resolver = Callable[[str, int], list[str]]
SECONDS = 15.0
LARGEST_ANSWER = 64 * 1024
NAME = re.compile(
    r"(?=.{1,253}\Z)[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?)*\Z"
)
NUMBER = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)\Z")
# IANA's special purposes, and addresses that clouds answer to from inside although they look public.
NOT_PUBLIC_4 = tuple(
    map(
        IPv4Network,
        (
            *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
            *("192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15"),
            *("198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "168.63.129.16/32"),
        ),
    )
)
# Only 2000::/3 is the public Internet, so ::/96, mapped, NAT64, unique-local, link-local, site-local and multicast
# are outside by themselves. Inside it these carry another address or lead nowhere: Teredo and benchmarks, 6to4,
# documentation.
PUBLIC_6 = IPv6Network("2000::/3")
NOT_PUBLIC_6 = tuple(map(IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")))


class TargetRefusedError(InvalidInputError):
    """The address may not be called from here."""

    def __init__(self, message: str) -> None:
        super().__init__(message, code="address_refused")


@dataclass(frozen=True, slots=True)
class Target:
    """A checked address: where to connect, and what to ask for there."""

    scheme: str
    host: str
    port: int
    path: str


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


def target_of(url: str) -> Target:
    """Only what every reader of addresses understands alike; raises TargetRefusedError for the rest."""
    parts = _split(url)
    host, port = _host(parts), _port(parts)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port, path)


def is_public(address: str) -> bool:
    try:
        found: Address = ip_address(address)
    except ValueError:
        return False
    if isinstance(found, IPv4Address):
        return not any(found in network for network in NOT_PUBLIC_4)
    return found.scope_id is None and found in PUBLIC_6 and not any(found in net for net in NOT_PUBLIC_6)


def resolved(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


def checked_addresses(target: Target, resolve: Resolver = resolved) -> list[str]:
    """All addresses of the name, if all of them are public or the operator has allowed the host."""
    addresses = resolve(target.host, target.port)
    if {target.host, f"{target.host}:{target.port}"} & set(settings.OUTGOING_PRIVATE_HOSTS):
        return addresses
    if not addresses or not all(map(is_public, addresses)):
        raise TargetRefusedError(f"{target.host} is not on the public Internet, so nothing is sent there.")
    return addresses


def post(url: str, body: bytes, headers: Mapping[str, str], *, resolve: Resolver = resolved) -> Answer:
    """Send once; a redirect is an answer like any other and is not followed."""
    target = target_of(url)
    connection = _Pinned(target, checked_addresses(target, resolve))
    over = threading.Timer(SECONDS, connection.break_off)
    over.daemon = True
    over.start()
    try:
        connection.request("POST", target.path, body=body, headers=dict(headers))
        with connection.getresponse() as response:
            kept = response.read(LARGEST_ANSWER)
            return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, kept)
    finally:
        over.cancel()
        connection.close()


class _Pinned(http.client.HTTPConnection):
    """Connects to the addresses that were checked; the name is only said, never looked up again."""

    def __init__(self, target: Target, addresses: list[str]) -> None:
        super().__init__(target.host, target.port, timeout=SECONDS)
        self.target = target
        self.addresses = addresses
        self.default_port = 443 if target.scheme == "https" else 80

    def connect(self) -> None:
        self.sock = self._first_open()
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.target.scheme == "https":
            self.sock = _tls().wrap_socket(self.sock, server_hostname=self.target.host)

    def _first_open(self) -> socket.socket:
        for address in self.addresses[:-1]:
            try:
                return socket.create_connection((address, self.target.port), timeout=SECONDS / 3)
            except OSError:
                continue
        return socket.create_connection((self.addresses[-1], self.target.port), timeout=SECONDS / 3)

    def break_off(self) -> None:
        """However slowly the other side drips, it ends."""
        held = self.sock
        if held is not None:
            try:
                held.shutdown(socket.SHUT_RDWR)
            except OSError:
                return


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _split(url: str) -> SplitResult:
    plain = url.isascii() and url.isprintable() and not set(url) & set(" \\")
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 -- reading it is what checks it
    except ValueError as error:
        raise TargetRefusedError("This is no web address.") from error
    if not plain or parts.scheme not in {"http", "https"} or not parts.hostname:
        raise TargetRefusedError("Write a web address that begins with https:// or http://.")
    if "@" in parts.netloc or parts.fragment:
        raise TargetRefusedError("Write the address without a name, a password or a fragment in it.")
    return parts


def _host(parts: SplitResult) -> str:
    host = (parts.hostname or "").lower()
    if "[" in parts.netloc:
        return host
    if not NAME.match(host):
        raise TargetRefusedError("The host of this address cannot be understood.")
    if NUMBER.match(host.rpartition(".")[2]):
        _plain_number(host)
    return host


def _plain_number(host: str) -> None:
    """Octal, hexadecimal and shortened numbers mean different machines to different readers."""
    try:
        IPv4Address(host)
    except ValueError as error:
        raise TargetRefusedError("Write a numeric address as four decimal numbers.") from error


def _port(parts: SplitResult) -> int:
    port = parts.port if parts.port is not None else {"https": 443, "http": 80}[parts.scheme]
    if not port:
        raise TargetRefusedError("There is no port 0.")
    return port
