"""The domain system: a name server that a setting names, the machine's own, or the sandbox's answers."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import dns.exception
import dns.name
import dns.resolver
from django.conf import settings

from gtmos.env import server_of
from outreach.governor.verdicts import SilentError

SECONDS = 3.0
SANDBOX = "the sandbox"
SANDBOX_SOURCE = "_spf.sandbox.example"
SANDBOX_SELECTOR = "sandbox"
# A public key of nobody: its private half was thrown away.
SANDBOX_KEY = "h1ZrQj9LvMTLrXBdcQ80r8rana1NLTvTfsBJ+Wj/2jI="


@dataclass(frozen=True)
class Asked:
    """A name server; each record is asked for when it is needed, and nothing is kept."""

    server: str

    @property
    def label(self) -> str:
        return self.server or "the machine's name server"

    def texts(self, name: str) -> list[str]:
        found = self._ask(name, "TXT")
        return [b"".join(each.strings).decode("utf-8", "replace") for each in found]

    def mail_servers(self, name: str) -> list[str]:
        found = sorted(self._ask(name, "MX"), key=lambda each: each.preference)
        return [str(each.exchange).rstrip(".").lower() for each in found]

    def addresses(self, name: str) -> list[str]:
        return [each.address for kind in ("A", "AAAA") for each in self._ask(name, kind)]

    def _ask(self, name: str, kind: str) -> list[Any]:
        try:
            return list(self._resolver.resolve(name, kind, search=False))
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer, dns.name.NameTooLong, dns.name.LabelTooLong):
            return []
        except dns.name.EmptyLabel:
            return []
        except (dns.exception.DNSException, OSError) as error:
            raise SilentError(f"{self.label} did not answer for {name}.") from error

    @cached_property
    def _resolver(self) -> dns.resolver.Resolver:
        if not self.server:
            found = dns.resolver.Resolver()
        else:
            found = dns.resolver.Resolver(configure=False)
            address, found.port = server_of(self.server)
            found.nameservers = [address]
        found.lifetime = SECONDS
        return found


@dataclass(frozen=True)
class SandboxNames:
    """A well-kept domain that only watches, so that a page in the sandbox has something to say. Nothing is asked."""

    label: str = SANDBOX

    def texts(self, name: str) -> list[str]:
        if name.startswith("_dmarc."):
            return ["v=DMARC1; p=none; rua=mailto:dmarc@sandbox.example"]
        if "._domainkey." in name:
            return [f"v=DKIM1; k=ed25519; p={SANDBOX_KEY}"] if name.startswith(SANDBOX_SELECTOR) else []
        if name == SANDBOX_SOURCE:
            return ["v=spf1 ip4:127.0.0.1 -all"]
        return [f"v=spf1 include:{SANDBOX_SOURCE} ~all"]

    def mail_servers(self, name: str) -> list[str]:
        return [f"mx.{name}"]

    def addresses(self, name: str) -> list[str]:
        del name
        return ["127.0.0.1"]


def name_server() -> Asked | SandboxNames:
    """In the sandbox nothing is asked outside, unless a setting names the server."""
    if settings.SANDBOX and not settings.NAME_SERVER:
        return SandboxNames()
    return Asked(settings.NAME_SERVER)
