"""Addresses that people write lead only to public machines."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import IPv4Address, IPv6Address
from itertools import product

import pytest

from gtmos.kernel.outgoing import TargetRefusedError, is_public, post, resolved, target_of

INSIDE_4 = ("127.0.0.1", "127.8.9.1", "0.0.0.0", "169.254.169.254", "10.0.0.1", "172.16.0.1", "192.168.1.1")  # noqa: S104 -- nobody listens there
MORE_INSIDE_4 = (
    *("100.64.0.1", "100.100.100.200", "192.0.0.192", "198.18.0.1", "224.0.0.1", "255.255.255.255"),
    *("240.0.0.1", "192.0.2.1", "203.0.113.7", "198.51.100.2", "168.63.129.16", "192.88.99.1"),
)
INSIDE_6 = (
    *(
        "::1",
        "::",
        "fe80::1",
        "fec0::1",
        "fc00::1",
        "fd00:ec2::254",
        "ff02::1",
        "ff0e::1",
        "100::1",
        "64:ff9b:1::1",
    ),
    *("2001::1", "2001:db8::1", "3fff::1", "2001:2::1", "5f00::1", "4000::1"),
)
BODY = b"{}"
SCHEMES = ("http", "https")


def spellings(address: str) -> set[str]:
    """The same machine as different readers of addresses would spell it."""
    number = int(IPv4Address(address))
    parts = address.split(".")
    short = f"{parts[0]}.{number & 0xFFFFFF}"
    hexadecimal, octal = [f"0x{int(each):x}" for each in parts], [f"0{int(each):o}" for each in parts]
    return {
        *(address, f"{address}.", str(number), hex(number), f"0{number:o}", short, f"0x{number:08X}"),
        *(".".join(hexadecimal), ".".join(octal), ".".join([*hexadecimal[:2], *parts[2:]])),
        *(".".join(f"{int(each):04o}" for each in parts), f"{parts[0]}.{parts[1]}.{number & 0xFFFF}"),
        *(
            f"{address}%00.example.com",
            f"user@{address}",
            f"example.com@{address}",
            f"example.com#@{address}",
        ),
        *(f"{address}\\@example.com", f"{address}\t", f"{address} .example.com", f"①②⑦.⓪.⓪.①.{parts[0]}"),
        *(address.replace(".", "。"), address.replace("0", "₀"), address.replace(".", "%2e")),
        *(f"[::ffff:{address}]", f"[::{address}]", f"[64:ff9b::{address}]", f"[::ffff:0:{address}]"),
        *(f"[{IPv6Address((0x2002 << 112) | (number << 80))}]", f"[2001:0:{address}::]"),
    }


FORMS = sorted(
    {f"{scheme}://{host}" for scheme, each in product(SCHEMES, INSIDE_4) for host in spellings(each)}
    | {f"{scheme}://{host}" for scheme, host in product(SCHEMES, MORE_INSIDE_4)}
    | {f"{scheme}://[{host}]" for scheme, host in product(SCHEMES, INSIDE_6)}
    | {
        f"{scheme}://127.0.0.1"
        for scheme in ("gopher", "file", "ftp", "dict", "ldap", "jar", "data", "javascript")
    }
    | {
        "http://[fe80::1%25lo]",
        "http://[::1%lo]",
        "//127.0.0.1",
        "127.0.0.1",
        "http:127.0.0.1",
        "http:///127.0.0.1",
    }
    | {
        "http://localhost",
        "http://LOCALHOST",
        "http://localhost.localdomain",
        "http://ip6-localhost",
        "http://",
    }
    | {"http://127.1", "http://0", "http://127.0.0.1:0", "http://[::]:80", "http://127.0.0.1:99999"}
)


@contextmanager
def listening() -> Iterator[tuple[int, list[object]]]:
    """A listener on every address of this machine, v4 and v6."""
    calls: list[object] = []
    listener = socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True)

    def take() -> None:
        while True:
            try:
                caller, address = listener.accept()
            except OSError:
                return
            calls.append(address)
            with caller.makefile("rb") as request:
                for line in request:
                    if not line.strip():
                        request.read(len(BODY))
                        break
            caller.sendall(
                b"HTTP/1.1 307 Over there\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
            )
            caller.close()

    thread = threading.Thread(target=take, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1], calls
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def test_no_spelling_of_an_address_inside_is_connected_to():
    assert len(FORMS) >= 300

    with listening() as (port, calls):
        for form in FORMS:
            for url in (f"{form}:{port}/", f"{form}/"):
                with pytest.raises((TargetRefusedError, socket.gaierror, UnicodeError)):
                    post(url, BODY, {})

    assert calls == []


@pytest.mark.parametrize("address", [*INSIDE_4, *MORE_INSIDE_4, *INSIDE_6])
def test_a_name_that_leads_inside_is_not_connected_to_even_beside_a_public_one(address):
    with listening() as (port, calls), pytest.raises(TargetRefusedError):
        post(
            f"http://partner.example:{port}/",
            BODY,
            {},
            resolve=lambda host, port: ["93.184.216.34", address],
        )

    assert calls == []


def test_a_name_is_looked_up_once_so_a_second_answer_cannot_lead_inside(settings):
    settings.OUTGOING_PRIVATE_HOSTS = ("partner.example",)
    asked = []

    def once(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    with listening() as (port, calls):
        answer = post(f"http://partner.example:{port}/", BODY, {}, resolve=once)

    assert (answer.status, asked, len(calls)) == (307, ["partner.example"], 1)


def test_a_host_that_the_operator_has_named_is_reached_and_its_redirect_is_not_followed(settings):
    with listening() as (port, calls):
        settings.OUTGOING_PRIVATE_HOSTS = (f"127.0.0.1:{port}",)

        answer = post(f"http://127.0.0.1:{port}/in?x=1", BODY, {})

    assert (answer.status, len(calls)) == (307, 1)


@pytest.mark.parametrize("address", ["93.184.216.34", "8.8.8.8", "2606:4700::1111", "2a00:1450:4001::1"])
def test_a_public_address_is_public(address):
    assert is_public(address)


def test_a_plain_address_is_taken_apart():
    target = target_of("https://hooks.example.com/in?key=1")

    assert (target.scheme, target.host, target.port, target.path) == (
        "https",
        "hooks.example.com",
        443,
        "/in?key=1",
    )


def test_the_resolver_names_each_address_once():
    assert resolved("127.0.0.1", 80) == ["127.0.0.1"]
