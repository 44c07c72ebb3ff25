"""All checks of one domain, in the order in which they are shown."""

from collections.abc import Callable

from outreach.governor.dkim import dkim
from outreach.governor.dmarc import dmarc, mail_servers
from outreach.governor.spf import spf
from outreach.governor.verdicts import UNKNOWN, Check, Names, SilentError


def check_domain(domain: str, *, selector: str, source: str, names: Names) -> list[Check]:
    first = [
        _asked("spf", "SPF", lambda: spf(domain, source, names)),
        _asked("dkim", "DKIM", lambda: dkim(domain, selector, names)),
    ]
    return [
        *first,
        _asked("dmarc", "DMARC", lambda: dmarc(domain, names, first)),
        _asked("mx", "MX", lambda: mail_servers(domain, names)),
    ]


def _asked(key: str, label: str, check: Callable[[], Check]) -> Check:
    """A name server that is silent is no fault of the domain."""
    try:
        return check()
    except SilentError as error:
        return Check(key, label, UNKNOWN, f"Not known: {error}", todo="Check again in a while.")
