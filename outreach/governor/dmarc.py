"""DMARC and MX: what receivers do with forged mail of the domain, and whether answers find their way."""

from outreach.governor.dkim import tags_of
from outreach.governor.verdicts import FAIL, PASS, UNKNOWN, WARN, Check, Names

KEY, LABEL = "dmarc", "DMARC"
POLICIES = {"none": "only watches", "quarantine": "sends forgeries to spam", "reject": "refuses forgeries"}


def dmarc(domain: str, names: Names, others: list[Check]) -> Check:
    """`others` are SPF and DKIM: one of them has to hold for the very domain that readers see.

    We write the same domain into the envelope, the signature and the sender line, so whichever holds is aligned,
    strictly too.
    """
    place, records = _found(domain, names)
    if not records:
        return _failed(
            "No DMARC record was found; large mailbox providers refuse or junk such senders.",
            f"Publish a TXT record at _dmarc.{domain}: v=DMARC1; p=none; rua=mailto:(an address of yours)",
        )
    seen = "\n".join(records)
    if len(records) > 1:
        return _failed(
            f"There are {len(records)} DMARC records; receivers then ignore all of them.",
            "Keep one.",
            seen,
        )
    tags = tags_of(records[0])
    is_own = place == domain
    policy = (tags.get("p", "") if is_own else tags.get("sp") or tags.get("p", "")).lower()
    if policy not in POLICIES:
        return _failed(
            "The record does not say what to do with forgeries.", "Add p=none, then p=quarantine.", seen
        )
    states = {each.state for each in others}
    if PASS not in states and UNKNOWN not in states:
        return _not_aligned(states, seen)
    if policy == "none":
        return Check(
            KEY,
            LABEL,
            WARN,
            "The record only watches: forgeries of your name still arrive.",
            seen,
            "When the reports show only your own servers, write p=quarantine.",
        )
    return Check(KEY, LABEL, PASS, f"The record {POLICIES[policy]}, and our mails pass it.", seen)


def _not_aligned(states: set[str], seen: str) -> Check:
    if states == {FAIL}:
        return _failed(
            "Neither SPF nor DKIM holds for this domain, so our mails fail DMARC.",
            "Mend SPF or DKIM first.",
            seen,
        )
    return Check(
        KEY,
        LABEL,
        WARN,
        "The record is there, but neither SPF nor DKIM is certain to hold, and one of them must.",
        seen,
        "Mend SPF or DKIM first.",
    )


def _found(domain: str, names: Names) -> tuple[str, list[str]]:
    """The record of the domain, or of the nearest one above it."""
    labels = domain.split(".")
    for first in range(max(1, len(labels) - 1)):
        place = ".".join(labels[first:])
        texts = names.texts(f"_dmarc.{place}")
        records = [text for text in texts if tags_of(text).get("v", "").upper() == "DMARC1"]
        if records:
            return place, records
    return domain, []


def mail_servers(domain: str, names: Names) -> Check:
    servers = names.mail_servers(domain)
    seen = "\n".join(server or "." for server in servers)
    if servers == [""]:
        return Check(
            "mx",
            "MX",
            FAIL,
            "The domain says that it takes no mail, so answers and bounces are lost.",
            seen,
            "Publish the MX records of the server that takes your answers.",
        )
    if not servers:
        return Check(
            "mx",
            "MX",
            FAIL,
            "No server takes mail for this domain, so answers and bounces are lost.",
            seen,
            "Publish the MX records of the server that takes your answers.",
        )
    return Check("mx", "MX", PASS, "Answers find a server.", seen)


def _failed(said: str, todo: str, seen: str = "") -> Check:
    return Check(KEY, LABEL, FAIL, said, seen, todo)
