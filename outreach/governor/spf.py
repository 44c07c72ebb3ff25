"""SPF: which servers may send for a domain. One record, which names ours, within ten look-ups (RFC 7208)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from outreach.governor.verdicts import FAIL, PASS, WARN, Check, Names

KEY, LABEL = "spf", "SPF"
MOST_LOOKUPS = 10
MOST_SERVERS = 10  # of one `mx`; a receiver that meets more of them judges the record to be broken
MACRO = "%"  # begins what depends on who asks: counted, and never taken for a permission of ours
# Each of these makes the receiving server ask once more; so do `include` and `redirect`, counted where they are followed.
ASKED = frozenset({"a", "mx", "ptr", "exists"})


@dataclass(slots=True)
class Policy:
    """What the record and all that it includes allow."""

    lookups: int = 0
    names: set[str] = field(default_factory=set)
    networks: list[IPv4Network | IPv6Network] = field(default_factory=list)
    ending: str = ""
    fault: str = ""


def spf(domain: str, source: str, names: Names) -> Check:
    records = _records(domain, names)
    if not records:
        return _failed(
            "No SPF record was found, so receivers cannot tell our server from a forger's.",
            f"Publish a TXT record at {domain}: {_wanted(source)}",
        )
    seen = "\n".join(records)
    if len(records) > 1:
        return _failed(
            f"There are {len(records)} SPF records; receivers then ignore all of them.",
            "Join them into one record and delete the others.",
            seen,
        )
    policy = Policy()
    _read(records[0], domain, names, policy, is_top=True)
    return _judged(policy, source, seen)


def _judged(policy: Policy, source: str, seen: str) -> Check:
    if policy.fault:
        return _failed(policy.fault, "Mend this part of the record, or take it out.", seen)
    if policy.lookups > MOST_LOOKUPS:
        return _failed(
            f"The record needs more than {MOST_LOOKUPS} look-ups; receivers then treat it as broken.",
            "Take out services that no longer send for you, or write their addresses as ip4: and ip6:.",
            seen,
        )
    if policy.ending == "+all":
        return _failed("The record lets everybody send in your name.", "End it with ~all or -all.", seen)
    if not source:
        return Check(
            KEY,
            LABEL,
            WARN,
            f"There is one record with {policy.lookups} of {MOST_LOOKUPS} look-ups, but nobody told us which "
            "server sends, so we cannot say whether it is allowed.",
            seen,
            "Write at the desk what the record has to allow: the name your mail provider gives, or an address.",
        )
    if not _allows(policy, source):
        return _failed(
            f"The record does not allow {source}, so our mails look forged.",
            f"Add {_part(source)} before the end of the record.",
            seen,
        )
    if policy.ending not in {"-all", "~all"}:
        return Check(
            KEY,
            LABEL,
            WARN,
            "Our server is allowed, but the record does not say that others are not.",
            seen,
            "End it with ~all, later with -all.",
        )
    return Check(
        KEY,
        LABEL,
        PASS,
        f"One record, which allows {source}, with {policy.lookups} of {MOST_LOOKUPS} look-ups.",
        seen,
    )


def _failed(said: str, todo: str, seen: str = "") -> Check:
    return Check(KEY, LABEL, FAIL, said, seen, todo)


def _records(domain: str, names: Names) -> list[str]:
    return [text for text in names.texts(domain) if text.lower().split(" ", 1)[0] == "v=spf1"]


def _read(record: str, domain: str, names: Names, policy: Policy, *, is_top: bool = False) -> None:
    words = record.lower().split()[1:]
    modifiers = [word for word in words if "=" in word.split(":", 1)[0]]
    for word in words:
        if policy.fault or policy.lookups > MOST_LOOKUPS:
            return
        if word not in modifiers:
            _mechanism(word, domain, names, policy, is_top=is_top)
    redirect = next((word[9:] for word in modifiers if word.startswith("redirect=")), "")
    if redirect and not any(word.lstrip("+-~?") == "all" for word in words):
        _follow(redirect, names, policy, is_top=is_top)


def _mechanism(word: str, domain: str, names: Names, policy: Policy, *, is_top: bool) -> None:
    sign, bare = (word[0], word[1:]) if word[0] in "+-~?" else ("+", word)
    kind, _, value = bare.partition(":")
    kind, slash, length = kind.partition("/")
    if kind == "all":
        policy.ending = f"{sign}all" if is_top else policy.ending
        return
    reader = READERS.get(kind)
    if reader is None:
        policy.fault = f"The record has a part that no receiver understands: {word}."
        return
    policy.lookups += kind in ASKED
    if policy.lookups <= MOST_LOOKUPS and (MACRO not in value or kind == "include"):
        reader(_Part((value or domain) + slash + length, sign == "+"), names, policy)


@dataclass(frozen=True, slots=True)
class _Part:
    value: str
    allows: bool


def _follow(name: str, names: Names, policy: Policy, *, is_top: bool = False) -> None:
    policy.lookups += 1
    if policy.lookups > MOST_LOOKUPS or MACRO in name:
        return
    policy.names.add(name.rstrip("."))
    records = _records(name, names)
    if len(records) != 1:
        policy.fault = f"The record includes {name}, where there is no single SPF record."
        return
    _read(records[0], name, names, policy, is_top=is_top)


def _include(part: _Part, names: Names, policy: Policy) -> None:
    _follow(part.value, names, policy)


def _network(part: _Part, names: Names, policy: Policy) -> None:
    del names
    try:
        network = ip_network(part.value, strict=False)
    except ValueError:
        policy.fault = f"The record names an address that is none: {part.value}."
        return
    if part.allows:
        policy.networks.append(network)


def _hosts(part: _Part, names: Names, policy: Policy) -> None:
    host, slash, length = part.value.partition("/")
    if part.allows:
        _allow(host, slash + length, names, policy)


def _servers(part: _Part, names: Names, policy: Policy) -> None:
    domain, slash, length = part.value.partition("/")
    servers = names.mail_servers(domain)
    if len(servers) > MOST_SERVERS:
        policy.fault = (
            f"{domain} has more than {MOST_SERVERS} mail servers; receivers then treat the record as broken."
        )
        return
    for host in servers if part.allows else ():
        _allow(host, slash + length, names, policy)


def _allow(host: str, lengths: str, names: Names, policy: Policy) -> None:
    """The networks around the addresses of a host: `/24` of its IPv4 addresses, `//64` of its IPv6, `/24//64` of both."""
    of_4, _, of_6 = lengths.partition("//")
    policy.names.add(host)
    for address in names.addresses(host):
        length = of_6 if ":" in address else of_4.removeprefix("/")
        try:
            policy.networks.append(ip_network(f"{address}/{length}" if length else address, strict=False))
        except ValueError:
            policy.fault = f"The record names a network that is none: {host}{lengths}."
            return


def _nothing(part: _Part, names: Names, policy: Policy) -> None:
    """Depends on who asks, even without a macro."""
    del part, names, policy


READERS: dict[str, Callable[[_Part, Names, Policy], None]] = {
    "include": _include,
    "ip4": _network,
    "ip6": _network,
    "a": _hosts,
    "mx": _servers,
    "ptr": _nothing,
    "exists": _nothing,
}


def _allows(policy: Policy, source: str) -> bool:
    try:
        address = ip_address(source)
    except ValueError:
        return source.lower().rstrip(".") in policy.names
    return any(address in network for network in policy.networks)


def _part(source: str) -> str:
    try:
        return f"ip{ip_address(source).version}:{source}"
    except ValueError:
        return f"include:{source}"


def _wanted(source: str) -> str:
    return f"v=spf1 {_part(source)} ~all" if source else "v=spf1 include:(the name your provider gives) ~all"
