"""A real name server on loopback: what tests write into its zone is what the checks read over UDP."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

Zone = dict[tuple[str, str], list[str]]


def text(value: str) -> str:
    """As the zone file writes it: in parts of 255 characters, which receivers join."""
    return " ".join(f'"{value[at : at + 255]}"' for at in range(0, len(value), 255)) or '""'


@contextmanager
def a_name_server(zone: Zone) -> Iterator[str]:
    """Its address and port. A name that is not in the zone does not exist; with ("silent", "TXT") in it no text is told."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        server = threading.Thread(target=_serve, args=(sock, zone), daemon=True)
        server.start()
        address, port = sock.getsockname()
        try:
            yield f"{address}:{port}"
        finally:
            sock.sendto(b"", (address, port))
            server.join()


def _serve(sock: socket.socket, zone: Zone) -> None:
    while wire := sock.recvfrom(4096):
        raw, sender = wire
        if not raw:
            return
        answer = _answer(dns.message.from_wire(raw), zone)
        if answer is not None:
            sock.sendto(answer.to_wire(), sender)


def _answer(query: dns.message.Message, zone: Zone) -> dns.message.Message | None:
    question = query.question[0]
    name, kind = question.name.to_text().rstrip(".").lower(), dns.rdatatype.to_text(question.rdtype)
    answer = dns.message.make_response(query)
    answer.flags |= dns.flags.RA
    if ("silent", kind) in zone:
        answer.set_rcode(dns.rcode.SERVFAIL)
        return answer
    values = zone.get((name, kind), [])
    if values:
        written = [text(value) if kind == "TXT" else value for value in values]
        answer.answer.append(
            dns.rrset.from_text(question.name, 60, question.rdclass, question.rdtype, *written)
        )
    elif not any(known == name for known, _ in zone):
        answer.set_rcode(dns.rcode.NXDOMAIN)
    return answer
